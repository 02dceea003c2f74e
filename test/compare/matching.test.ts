import fc from 'fast-check';
import { fingerprint, workloadText } from '../../src/core/compare/fingerprint';
import { inputDifferences } from '../../src/core/compare/input-differences';
import { matchCandidates } from '../../src/core/compare/match-candidates';
import type { Deployment } from '../../src/core/engine/deployment';
import type { PlanRequest } from '../../src/core/search/request';
import type { Workload } from '../../src/core/workload/workload';
import { REQUEST, served } from '../support/plan-fixture';
import { holds } from '../support/property';

const deployments = fc.uniqueArray(
  fc.record({
    gpuId: fc.constantFrom('a100-80gb', 'h100-sxm', 't4'),
    numReplicas: fc.constantFrom(1, 2),
    maxModelTokens: fc.constantFrom(2048, 4096),
  }),
  { maxLength: 10, selector: (d) => JSON.stringify(d) },
);
const candidatesOf = (list: readonly Partial<Deployment>[]) =>
  list.map((deployment, i) => served(i + 1, 10, { deployment }));

test('every candidate is matched once or left over; equal deployments always find each other', () => {
  holds(
    fc.tuple(deployments, deployments),
    ([a, b]) => {
      const [from, to] = [candidatesOf(a), candidatesOf(b)];
      const { matches, onlyFrom, onlyTo } = matchCandidates(from, to);
      const sorted = (ids: readonly { configId: number }[]) =>
        ids.map((c) => c.configId).sort((x, y) => x - y);
      expect(sorted([...matches.map((m) => m.from), ...onlyFrom])).toEqual(from.map((c) => c.configId));
      expect(sorted([...matches.map((m) => m.to), ...onlyTo])).toEqual(to.map((c) => c.configId));
      const key = (d: Deployment) => JSON.stringify(d);
      const shared = from.filter((c) => to.some((o) => key(o.deployment) === key(c.deployment)));
      expect(matches.filter((m) => m.kind === 'deployment').map((m) => m.from)).toEqual(shared);
      for (const { kind, from: f, to: t } of matches) {
        expect(f.deployment.numReplicas).toBe(t.deployment.numReplicas);
        expect(f.deployment.gpuId === t.deployment.gpuId).toBe(kind !== 'gpu');
      }
      // The other way round the same pairs.
      const back = matchCandidates(to, from).matches.map(
        (m) => `${m.kind} ${m.to.configId} ${m.from.configId}`,
      );
      expect(back.sort()).toEqual(matches.map((m) => `${m.kind} ${m.from.configId} ${m.to.configId}`).sort());
    },
    300,
  );
});

function traced(name: string, output: number): Workload {
  return {
    arrival: { kind: 'trace' },
    lengths: {
      kind: 'trace',
      trace: {
        name,
        arrivedAtS: Float64Array.from([0, 1, 2]),
        promptTokens: Int32Array.from([10, 20, 30]),
        outputTokens: Int32Array.from([5, output, 5]),
        cachedPromptTokens: new Int32Array(3),
      },
    },
  };
}

const INPUTS = {
  engineVersion: '1.0',
  priceBookVersion: 'a',
  catalogVersion: 'a',
  profiles: [],
  calibrations: [],
};
const differences = (...requests: PlanRequest[]) =>
  inputDifferences(requests.map((request) => ({ request, inputs: INPUTS })));

test('a trace is told by its contents, not by its name', () => {
  expect(workloadText(traced('a', 6))).toBe(workloadText(traced('b', 6)));
  expect(workloadText(traced('a', 6))).not.toBe(workloadText(traced('a', 7)));
  const [a, renamed, other] = [traced('a', 6), traced('b', 6), traced('a', 7)].map((workload) => ({
    ...REQUEST,
    workload,
  }));
  expect(differences(a!, renamed!)).toEqual([]);
  const [difference] = differences(a!, other!);
  expect(difference).toMatchObject({ aspect: 'workload', path: 'workload.trace' });
  expect(difference!.values[0]).toMatch(/^a \(3 requests, [0-9a-f]{8}\)$/);
});

test('fingerprints tell texts apart', () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `text ${i}`);
  expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
  expect(fingerprint('a')).toMatch(/^[0-9a-f]{16}$/);
});

test('every aspect of a request has its name; what is the same in all plans is left out', () => {
  const changed: PlanRequest = {
    modelId: 'llama-2-70b',
    workload: { ...REQUEST.workload, arrival: { kind: 'gamma', cv: 2 } },
    rateRangeQps: [1, 200],
    constraints: {
      targets: REQUEST.constraints.targets.slice(1).map((t) => ({ ...t, limitMs: t.limitMs / 2 })),
      maxCostPerHourUsd: null,
      minQps: 20,
    },
    space: { ...REQUEST.space, schedulers: ['sarathi', 'vllm'], maxBatchSizes: [32, 128], blockTokens: [16] },
    objective: { kind: 'min_cost', targetQps: 30 },
    prices: { provider: 'gcp', kind: 'spot', wholeInstances: true, usdPerGpuHour: { t4: 1 } },
    simulation: { ...REQUEST.simulation, randomSeed: 7 },
    overhead: { stepMs: 1, requestMs: null, firstTokenExtraSteps: null },
  };
  const found = differences(REQUEST, changed, REQUEST);
  // The order in which a space lists its schedulers makes no difference.
  expect(
    found.map(({ aspect, path, values }) => `${aspect} ${path}: ${values.join(' | ')}`),
  ).toMatchInlineSnapshot(`
[
  "model model: llama-2-7b | llama-2-70b | llama-2-7b",
  "workload workload.arrival.cv: none | 2 | none",
  "workload workload.arrival.process: poisson | gamma | poisson",
  "workload workload.arrival_rate_range: 1, 100 | 1, 200 | 1, 100",
  "targets constraints.max_latency_p99_ms: 10000 | 5000 | 10000",
  "targets constraints.max_tbt_p99_ms: 200 | 100 | 200",
  "targets constraints.max_ttft_p95_ms: 2000 | none | 2000",
  "budget constraints.max_cost_per_hour: 60 | none | 60",
  "budget constraints.min_qps: 10 | 20 | 10",
  "objective objective.kind: max_qps_per_dollar | min_cost | max_qps_per_dollar",
  "objective objective.target_qps: none | 30 | none",
  "space config_space.block_size: none | 16 | none",
  "space config_space.max_batch_sizes: 64, 128 | 32, 128 | 64, 128",
  "prices prices.kind: on-demand | spot | on-demand",
  "prices prices.provider: none | gcp | none",
  "prices prices.usd_per_gpu_hour.t4: none | 1 | none",
  "prices prices.whole_instances: false | true | false",
  "overhead overhead.step_ms: none | 1 | none",
  "simulation simulation.random_seed: 42 | 7 | 42",
]
`);
  const own = found.find(({ path }) => path === 'prices.usd_per_gpu_hour.t4');
  expect(own!.gpuId).toBe('t4');
});
