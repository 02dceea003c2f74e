import { generatedArrivals } from '../../src/core/engine/arrivals';
import type { Deployment } from '../../src/core/engine/deployment';
import type { Evaluation, Family, PlanContext } from '../../src/core/search/family';
import { createProber, createSampleSource, shareOf } from '../../src/core/search/probe';
import { RATE_STEP } from '../../src/core/search/rate-grid';
import { WHOLE } from '../../src/core/workload/samples';
import { E2E_P99, evaluate, smallContext, smallFamily, TTFT_P95 } from '../support/search-case';

const SCHEDULED: Partial<Deployment>[] = (
  ['vllm', 'vllm-v0', 'sarathi', 'orca', 'faster-transformer'] as const
).map((scheduler) => ({ scheduler, maxBatchSize: 16 }));

/** The verdict at every rate of the grid, asked directly. */
function scan(context: PlanContext, family: Family): { rate: number; pass: boolean }[] {
  const [lowest, highest] = context.rateRangeQps;
  const last = Math.ceil(Math.log(highest / lowest) / Math.log(RATE_STEP));
  const prober = createProber(context, family, createSampleSource(context));
  return Array.from({ length: last + 1 }, (_, k) => {
    const rate = lowest * (highest / lowest) ** (k / last);
    const { point } = prober.probe(family.members[0]!, rate, { complete: true });
    return { rate, pass: point.verdict === 'pass' };
  });
}

test.each(SCHEDULED)('$scheduler: bisection finds what trying every rate finds', (deployment) => {
  const wide = smallContext();
  const family = smallFamily([deployment]);
  const around = evaluate(wide, family)[0]!.maxQps!;
  const context = smallContext({ rateRangeQps: [around * 0.85, around * 1.15] });
  const found = evaluate(context, family)[0]!;
  const grid = scan(context, family);
  const at = grid.findIndex(({ rate }) => Math.abs(rate / found.maxQps! - 1) < 1e-9);
  expect(at).toBeGreaterThanOrEqual(0);
  expect([grid[at]!.pass, grid[at + 1]!.pass]).toEqual([true, false]);
  // Where verdicts are monotone in the rate, there is only one such place.
  const changes = grid.filter(({ pass }, k) => k > 0 && pass !== grid[k - 1]!.pass).length;
  expect(changes).toBeLessThanOrEqual(3);
});

test('a probe stopped early has the verdict of the whole run', () => {
  const context = smallContext();
  const family = smallFamily([{ maxBatchSize: 16 }]);
  const prober = createProber(context, family, createSampleSource(context));
  let stopped = 0;
  for (const rate of [5, 20, 40, 50, 60, 80, 120, 200]) {
    const early = prober.probe(family.members[0]!, rate, { complete: false });
    const whole = prober.probe(family.members[0]!, rate, { complete: true });
    expect([rate, early.point.verdict]).toEqual([rate, whole.point.verdict]);
    if (early.point.stoppedEarly) stopped++;
  }
  expect(stopped).toBeGreaterThan(1);
});

test.each([
  ['one stage', { pipelineParallel: 1 }],
  ['two stages', { pipelineParallel: 2 }],
  ['little KV', { pipelineParallel: 1, blocks: 150 }],
  ['two stages, little KV', { pipelineParallel: 2, blocks: 150 }],
])(
  'what members share changes nothing of what is found: %s',
  (_name, { blocks = 4000, pipelineParallel }: { blocks?: number; pipelineParallel: number }) => {
    const context = smallContext();
    const deployments = [2, 4, 6, 8, 14, 16, 32].map((maxBatchSize) => ({ maxBatchSize, pipelineParallel }));
    const together = evaluate(context, smallFamily(deployments, { blocks }));
    for (const [i, deployment] of deployments.entries()) {
      const alone = evaluate(context, smallFamily([deployment], { blocks }))[0]!;
      const shared = together.find((e) => e.configId === i + 1)!;
      expect(summaryOf(shared)).toEqual(summaryOf(alone));
    }
    // They did share.
    const simulations = together.reduce((sum, e) => sum + e.simulations, 0);
    expect(simulations).toBeLessThan(together.reduce((sum, e) => sum + e.loadCurve.length + 1, 0));
  },
);

const summaryOf = (e: Evaluation) => ({
  status: e.status,
  maxQps: e.maxQps,
  binding: e.binding,
  targets: e.targets,
  metrics: e.metrics,
});

test('results do not depend on which families came before', () => {
  const context = smallContext();
  const a = smallFamily([{ maxBatchSize: 8 }, { maxBatchSize: 32, numReplicas: 2 }]);
  const b = smallFamily([{ scheduler: 'sarathi', maxBatchSize: 16, numReplicas: 4 }]);
  const [first, second] = [createSampleSource(context), createSampleSource(context)];
  const ab = [evaluate(context, a, first), evaluate(context, b, first)];
  const ba = [evaluate(context, b, second), evaluate(context, a, second)];
  expect(ba.reverse()).toEqual(ab);
});

test('what members of a family are listed first changes nothing', () => {
  const context = smallContext();
  const family = smallFamily([4, 8, 16, 32].map((maxBatchSize) => ({ maxBatchSize })));
  const reversed = { ...family, members: [...family.members].reverse() };
  const byId = (all: Evaluation[]) => [...all].sort((x, y) => x.configId - y.configId);
  expect(byId(evaluate(context, reversed))).toEqual(byId(evaluate(context, family)));
});

/** The high end of the better one's interval is not below the low end of the worse one's. */
function notWorse(better: Evaluation, worse: Evaluation): void {
  expect(['FEASIBLE', 'CAPPED']).toContain(better.status);
  expect(better.samplingInterval![1]).toBeGreaterThanOrEqual(worse.samplingInterval![0]);
}

test.each(['round_robin', 'random', 'least_outstanding'] as const)(
  'more replicas never serve less (%s)',
  (routing) => {
    const context = smallContext();
    const deployments = [1, 2, 4].map((numReplicas) => ({ numReplicas, routing, maxBatchSize: 16 }));
    const [one, two, four] = evaluate(context, smallFamily(deployments));
    notWorse(two!, one!);
    notWorse(four!, two!);
    // Nearly proportional: better routing may add to it, never take much away.
    expect(four!.maxQps! / one!.maxQps!).toBeGreaterThan(3.6);
  },
);

test('a faster GPU never serves less', () => {
  const context = smallContext();
  const found = [1, 1.2, 2].map(
    (speed) => evaluate(context, smallFamily([{ maxBatchSize: 16 }], { speed }))[0]!,
  );
  notWorse(found[1]!, found[0]!);
  notWorse(found[2]!, found[1]!);
  expect(found[2]!.maxQps!).toBeGreaterThan(found[0]!.maxQps! * 1.8);
});

test('more KV cache never serves less', () => {
  const context = smallContext();
  const found = [100, 200, 1000].map(
    (blocks) => evaluate(context, smallFamily([{ maxBatchSize: 32 }], { blocks }))[0]!,
  );
  notWorse(found[1]!, found[0]!);
  notWorse(found[2]!, found[1]!);
});

test('without targets only the queue decides, and a run ten times as long decides the same', () => {
  // Slow, so that the long run has few requests.
  const family = smallFamily([{ maxBatchSize: 16 }], { speed: 0.1 });
  const contexts = [600, 6000].map((durationS) =>
    smallContext({ targets: [], rateRangeQps: [0.1, 20], durationS, warmupS: 60 }),
  );
  const [short, long] = contexts.map((context) => evaluate(context, family)[0]!);
  expect([short!.status, short!.binding]).toEqual(['FEASIBLE', 'queue']);
  expect([long!.status, long!.binding]).toEqual(['FEASIBLE', 'queue']);
  expect(Math.abs(short!.maxQps! / long!.maxQps! - 1)).toBeLessThan(0.02);
  for (const context of contexts) {
    const prober = createProber(context, family, createSampleSource(context));
    const verdictAt = (load: number) =>
      prober.probe(family.members[0]!, load * short!.maxQps!, { complete: true }).point.failedOn;
    expect([0.5, 0.9, 1.5, 2].map(verdictAt)).toEqual([null, null, 'queue', 'queue']);
  }
});

test('a candidate that serves nothing in time is INFEASIBLE, with the target and by how much', () => {
  const context = smallContext({ targets: [{ ...E2E_P99, limitMs: 5 }, TTFT_P95] });
  const [found] = evaluate(context, smallFamily([{}]));
  expect([found!.status, found!.maxQps, found!.binding]).toEqual(['INFEASIBLE', null, context.targets[0]]);
  expect(found!.reason).toMatch(
    /^even at 1 QPS, the lowest rate, latency p99 is .* against a target of 5 ms$/,
  );
});

test('one that meets all at the end of the range is CAPPED there', () => {
  const [found] = evaluate(smallContext({ rateRangeQps: [1, 10] }), smallFamily([{}]));
  expect([found!.status, found!.maxQps, found!.binding]).toEqual(['CAPPED', 10, null]);
});

test('a simulation that breaks is FAILED, with the reason, and meets no target', () => {
  const context = smallContext();
  const [found] = evaluate(context, smallFamily([{}]), () => {
    throw new Error('no samples today');
  });
  expect(found!.status).toBe('FAILED');
  expect(found!.reason).toMatch(/no samples today/);
  expect([found!.maxQps, found!.samplingInterval, found!.metrics]).toEqual([null, null, null]);
});

test('replicas that the router does not look at are simulated as one share of the traffic', () => {
  const context = smallContext();
  const member = (d: Partial<Deployment>) => smallFamily([d]).members[0]!;
  expect(shareOf(member({ numReplicas: 4 }), context)).toEqual({ replicas: 4, routing: 'round_robin' });
  expect(shareOf(member({ numReplicas: 4, routing: 'random' }), context)).toEqual(WHOLE);
  expect(shareOf(member({ numReplicas: 4, routing: 'least_kv' }), context)).toBeNull();
  const arrivals = generatedArrivals(createSampleSource(context)(WHOLE), 2);
  arrivals.next();
  expect(arrivals.arrivedMs).toBeGreaterThan(0);
});
