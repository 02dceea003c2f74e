import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportJson } from '../../src/core/report/report-json-types';
import { ROOT, scratchFolder, start } from '../cli/support';

// The specification's two programs, as shipped, in a folder that has the data and nothing else of the repository.

const { path } = scratchFolder();

beforeEach(() => {
  for (const name of ['data', 'examples']) symlinkSync(join(ROOT, name), path(name));
});

const example = (name: string) => start(process.execPath, [join(ROOT, 'examples', name)], path('')).finished;
const saved = () => JSON.parse(readFileSync(path('results/capacity_plan.json'), 'utf8')) as ReportJson;

test('run-capacity-planning.mjs prints the recommendation and writes the report', async () => {
  const { code, stdout, stderr } = await example('run-capacity-planning.mjs');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Recommended: a100-80gb\nMax QPS: [\d.]+\nCost: \$[\d.]+\/hr\n$/);
  expect(saved().input_profile).toBe(
    'data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json',
  );
});

test('capacity-planner.mjs searches values and saves the report in two forms', async () => {
  const { code, stdout, stderr } = await example('capacity-planner.mjs');
  expect([code, stderr]).toEqual([0, '']);
  const report = saved();
  expect(stdout).toBe(`${report.summary.recommendation}\n`);
  expect(report.request.config_space.gpu_types).toEqual(['a100-80gb', 'h100-sxm']);
  // num_gpus 2, 4, 8 at tp 2, 4, 8, four numbers of replicas, two schedulers, two GPUs.
  expect(report.all_candidates).toHaveLength(3 * 4 * 2 * 2);
  expect(readFileSync(path('results/capacity_plan.txt'), 'utf8')).toContain('CAPACITY PLANNING REPORT');
});
