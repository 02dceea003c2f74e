import fc from 'fast-check';
import { candidatesCsv } from '../../src/core/report/candidates-csv';
import { reportJson } from '../../src/core/report/report-json';
import { reportMarkdown } from '../../src/core/report/report-markdown';
import { reportText } from '../../src/core/report/report-text';
import type { PlanResult } from '../../src/core/search/result';
import { CONTEXT } from '../support/plan-fixture';
import { randomPlan } from '../support/random-plan';

/** Holds for any result the types allow. */
function check(claim: (plan: PlanResult) => void): void {
  const property = fc.property(randomPlan(), claim);
  fc.assert(property, { seed: 20_261_124, numRuns: 200 });
}
const LEAKS = /NaN|undefined|Infinity|\bnull\b|\[object/;

test('no value that does not exist leaks into what people read', () => {
  check((plan) => {
    expect(reportText(plan, CONTEXT)).not.toMatch(LEAKS);
    expect(reportMarkdown(plan, CONTEXT)).not.toMatch(LEAKS);
    expect(candidatesCsv(plan, CONTEXT)).not.toMatch(LEAKS);
  });
});

test('meets_all_slos is never true of a candidate that cannot be recommended, nor any flag of one that was not simulated', () => {
  const notSimulated = ['DOES_NOT_FIT', 'INVALID', 'FAILED', 'NOT_EVALUATED'];
  check((plan) => {
    for (const candidate of reportJson(plan, CONTEXT).all_candidates) {
      const { meets_all_slos, ...flags } = candidate.slo_compliance;
      if (meets_all_slos === true) expect(['FEASIBLE', 'CAPPED']).toContain(candidate.status);
      if (notSimulated.includes(candidate.status))
        expect([meets_all_slos, ...Object.values(flags)]).toEqual([null, null, null, null, null]);
      if (plan.request.constraints.targets.length === 0) expect(meets_all_slos).toBeNull();
    }
  });
});

test('the JSON holds only what JSON can hold: it reads back as it was', () => {
  check((plan) => {
    const json = reportJson(plan, CONTEXT);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});

test('the same result gives the same report', () => {
  check((plan) => {
    expect(reportText(plan, CONTEXT)).toBe(reportText(plan, CONTEXT));
  });
});
