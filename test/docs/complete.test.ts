import { listLibrary } from '../../src/app/library';
import { costOf } from '../../src/core/cost/cost-of';
import { SCHEDULERS } from '../../src/core/engine/deployment';
import { LINT_CODES } from '../../src/core/profile/lint-finding';
import { reportJson } from '../../src/core/report/report-json';
import { CANDIDATE_STATUSES } from '../../src/core/search/result';
import { requestSchema, SECTION_SHAPES } from '../../src/formats/request-schema';
import { renderMetrics } from '../../src/formats/write-metrics';
import { CONTEXT, feasiblePlan } from '../support/plan-fixture';
import { readGuide } from './guides';

/** The names that a guide nowhere has in code style. */
function missing(guide: string, names: readonly string[]): string[] {
  const code = [...readGuide(guide).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  const words = new Set(code.flatMap((text) => [text, ...text.split(/[^\w-]+/)]));
  return names.filter((name) => !words.has(name));
}

test('docs/formats.md has every key of a request', () => {
  const keys = [
    ...Object.keys(requestSchema.shape),
    ...Object.values(SECTION_SHAPES).flatMap((shape) => Object.keys(shape)),
  ];
  expect(missing('formats.md', keys)).toEqual([]);
});

test('docs/metrics.md has every metric and every status', () => {
  const latency = { mean: 1, p50: 1, p90: 1, p95: 1, p99: 1, max: 1 };
  const metrics = JSON.parse(
    renderMetrics({
      metrics: {
        requests: { arrived: 1, completed: 1, unfinished: 0, rejected: 0 },
        ttftMs: latency,
        tbtMs: latency,
        tpotMs: latency,
        e2eMs: latency,
        schedulingDelayMs: latency,
        throughput: { requestsPerS: 1, outputTokensPerS: 1, promptTokensPerS: 1 },
        iterations: 1,
        preemptions: 0,
        mfu: 0,
        memoryUtilization: 0,
        kvUtilization: { mean: 0, peak: 0 },
        meanBatchSize: 1,
        peakBatchSize: 1,
        extrapolatedTimeFraction: 0,
        simulatedS: 1,
      },
      cpuS: 1,
      engineVersion: '1',
    }),
  );
  const nested = ['requests', 'throughput', 'kv_utilization'].flatMap((key) => Object.keys(metrics[key]));
  expect(missing('metrics.md', [...Object.keys(metrics), ...nested, ...CANDIDATE_STATUSES])).toEqual([]);
});

test('docs/metrics.md and docs/cost-optimization.md have what the report says of a candidate', () => {
  const report = reportJson(feasiblePlan(), CONTEXT);
  const best = report.best_configuration;
  const point = best?.load_curve[0];
  const metrics = [
    ...Object.keys(best?.performance ?? {}),
    ...Object.keys(best?.slo_compliance ?? {}),
    ...Object.keys(best?.memory_plan ?? {}),
    ...Object.keys(best?.targets[0] ?? {}),
    ...Object.keys(point ?? {}),
    ...Object.keys(report.summary),
  ];
  expect(metrics.length).toBeGreaterThan(40);
  expect(missing('metrics.md', metrics)).toEqual([]);
  expect(missing('cost-optimization.md', Object.keys(best?.cost ?? {}))).toEqual([]);
});

test('docs/profiling.md has every code of the lint', () => {
  expect(missing('profiling.md', LINT_CODES)).toEqual([]);
});

test('docs/profiling.md counts the library right', () => {
  expect(readGuide('profiling.md')).toContain(`shows the ${listLibrary().length} that ship`);
});

test('docs/schedulers.md has every scheduler', () => {
  expect(missing('schedulers.md', SCHEDULERS)).toEqual([]);
});

test('the worked example of docs/cost-optimization.md is what the planner computes', () => {
  const guide = readGuide('cost-optimization.md');
  const cost = costOf({
    costPerHourUsd: 24.48,
    qps: 87.5,
    meanPromptTokens: 512,
    meanOutputTokens: 256,
    priceSource: '',
  });
  expect(guide).toContain(`24.48 / (87.5 × 3.6) = $${cost.costPer1kRequestsUsd?.toFixed(4)}`);
  expect(guide).toContain(`87.5 / 24.48 = ${cost.qpsPerDollar?.toFixed(2)}`);
});
