import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { candidatesCsv } from '../../src/core/report/candidates-csv';
import { reportJson } from '../../src/core/report/report-json';
import { reportMarkdown } from '../../src/core/report/report-markdown';
import { reportText } from '../../src/core/report/report-text';
import type { PlanResult } from '../../src/core/search/result';
import { CONTEXT, feasiblePlan, noTargetsPlan, nothingFitsPlan, partialPlan } from '../support/plan-fixture';

// UPDATE_GOLDEN=1 npx jest test/report writes the files anew; read the difference before committing it.
const update = process.env.UPDATE_GOLDEN === '1';

const PLANS: Record<string, PlanResult> = {
  feasible: feasiblePlan(),
  'nothing-fits': nothingFitsPlan(),
  partial: partialPlan(),
  'no-targets': noTargetsPlan(),
};
const FORMATS: Record<string, (plan: PlanResult) => string> = {
  json: (plan) => `${JSON.stringify(reportJson(plan, CONTEXT), null, 2)}\n`,
  txt: (plan) => reportText(plan, CONTEXT),
  md: (plan) => reportMarkdown(plan, CONTEXT),
  csv: (plan) => candidatesCsv(plan, CONTEXT),
};

describe.each(Object.keys(PLANS))('the %s plan', (name) => {
  test.each(Object.keys(FORMATS))('as %s', (format) => {
    const plan = PLANS[name];
    const write = FORMATS[format];
    if (plan === undefined || write === undefined) throw new Error('unreachable');
    const file = join(__dirname, 'golden', `${name}.${format}`);
    const actual = write(plan);
    if (update) writeFileSync(file, actual);
    expect(existsSync(file)).toBe(true);
    expect(actual).toBe(readFileSync(file, 'utf8'));
  });

  test('as text is at most 78 columns wide', () => {
    const plan = PLANS[name];
    if (plan === undefined) throw new Error('unreachable');
    const tooWide = reportText(plan, CONTEXT)
      .split('\n')
      .filter((line) => line.length > 78);
    expect(tooWide).toEqual([]);
  });
});
