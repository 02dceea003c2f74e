import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalog } from '../../src/app/load-catalog';
import type { ReportJson } from '../../src/core/report/report-json-types';
import { loadDeployment } from '../../src/formats/read-deployment';
import { loadPlanRequest } from '../../src/formats/read-request';
import { cli, ROOT, scratchFolder } from './support';

const { path } = scratchFolder();

const catalog = loadCatalog();
const names = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.yaml'));
const example = (name: string) => join(ROOT, 'examples', name);
const isDeployment = (name: string) => name.startsWith('simulate-');

test.each(names.filter((name) => !isDeployment(name)))('the request %s is valid', (name) => {
  expect(loadPlanRequest([example(name)], { catalog }).request.space.gpuIds.length).toBeGreaterThan(0);
});

test.each(names.filter(isDeployment))('the deployment %s is valid', (name) => {
  expect(loadDeployment(example(name), catalog).request.deployment.numReplicas).toBeGreaterThan(0);
});

test('the request of the specification in parts says the same as whole', () => {
  const whole = loadPlanRequest([example('capacity_planning_request.yaml')], { catalog }).request;
  const parts = [
    { path: example('workload/production.yaml'), section: 'workload' },
    { path: example('constraints/strict_slos.yaml'), section: 'constraints' },
  ] as const;
  const { request } = loadPlanRequest(parts, { catalog, model: 'llama-7b', defaultGpuId: 'a100-80gb' });
  expect(request.workload).toEqual(whole.workload);
  expect(request.rateRangeQps).toEqual(whole.rateRangeQps);
  expect(request.constraints).toMatchObject({ maxCostPerHourUsd: 50, minQps: 5 });
});

test('the min-cost example finds the cheapest deployment that serves its load', async () => {
  const request = 'examples/llama-3.1-70b-min-cost.yaml';
  const { code } = await cli(['plan', '--request', request, '--quiet', '--output', path('plan.json')]);
  expect(code).toBe(0);
  const { best_configuration: best, all_candidates: all } = JSON.parse(
    readFileSync(path('plan.json'), 'utf8'),
  ) as ReportJson;
  expect(best?.performance?.max_sustainable_qps).toBeGreaterThanOrEqual(20);
  const serving = all.filter(
    ({ max_qps, slo_compliance }) => (max_qps ?? 0) >= 20 && slo_compliance.meets_all_slos,
  );
  expect(best?.cost?.cost_per_hour).toBe(
    Math.min(...serving.map(({ cost_per_hour }) => cost_per_hour ?? Infinity)),
  );
});
