import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportJson } from '../../src/core/report/report-json-types';
import { SMALL_REQUEST, type Started, scratchFolder, startCli } from './support';

const { path, write } = scratchFolder();

/** Starts a plan and resolves when it simulates. Its output folder is made before; the rest takes far below a second. */
async function startPlan(request: string): Promise<Started> {
  const started = startCli(['plan', '--request', request, '--output', path('out/plan.json')]);
  while (!existsSync(path('out'))) await sleep(20);
  await sleep(2000);
  return started;
}

test('Ctrl-C writes what is done, marked partial', async () => {
  const { child, finished } = await startPlan('examples/capacity_planning_request.yaml');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await finished;
  expect([code, stderr]).toEqual([130, expect.stringMatching(/^stopping: .*\nwrote .*plan\.json\n$/)]);
  expect(stdout).toContain('PARTIAL');
  const report = JSON.parse(readFileSync(path('out/plan.json'), 'utf8')) as ReportJson;
  expect(report.partial).toBe(true);
  expect(report.all_candidates).toHaveLength(1008);
  expect(report.summary.num_configs_by_status.NOT_EVALUATED).toBeGreaterThan(0);
  expect(report.summary.num_configs_evaluated).toBeGreaterThan(0);
});

test('a second Ctrl-C ends it at once, without a report', async () => {
  // One candidate whose simulation lasts far longer than the test would wait.
  const long = SMALL_REQUEST.replace('duration: 20', 'duration: 100000').replace('[A100, H100]', '[A100]');
  const { child, finished } = await startPlan(write('long.yaml', long));
  child.kill('SIGINT');
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  child.kill('SIGINT');
  const { code, stdout } = await finished;
  expect([code, stdout, existsSync(path('out/plan.json'))]).toEqual([130, '', false]);
});
