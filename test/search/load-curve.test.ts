import type { Deployment } from '../../src/core/engine/deployment';
import { positionsAbove, positionsBelow } from '../../src/core/search/curve-positions';
import type { Evaluation, PlanContext } from '../../src/core/search/family';
import { createProber, createSampleSource } from '../../src/core/search/probe';
import type { Target } from '../../src/core/search/request';
import { createSharedProbes } from '../../src/core/search/shared-probes';
import { E2E_P99, evaluate, smallContext, smallFamily, TTFT_P95 } from '../support/search-case';

const ratesOf = (e: Evaluation) => e.loadCurve.map((point) => point.rateQps);
const wholeBelow = (e: Evaluation, qps: number) =>
  e.loadCurve.filter((point) => point.rateQps <= qps && !point.stoppedEarly);

test('positions below rise to the maximum, those above end at saturation', () => {
  expect(positionsBelow(0)).toEqual([]);
  expect(positionsBelow(10)).toEqual([]);
  expect(positionsBelow(200)).toEqual([70, 140, 175, 189]);
  expect(positionsBelow(141)).toEqual([70, 130, 140]);
  expect(positionsAbove(200, 400)).toEqual([205, 218]);
  expect(positionsAbove(200, 217)).toEqual([205]);
  expect(positionsAbove(200, 200)).toEqual([]);
});

test.each(['vllm', 'vllm-v0', 'sarathi', 'orca', 'faster-transformer'] as const)(
  '%s: the load curve is complete from the lowest rate to the maximum, and passes there',
  (scheduler) => {
    const found = evaluate(smallContext(), smallFamily([{ scheduler, maxBatchSize: 16 }]))[0]!;
    const { maxQps, loadCurve } = found;
    expect(ratesOf(found)).toEqual([...new Set(ratesOf(found))].sort((a, b) => a - b));
    const upTo = loadCurve.filter((point) => point.rateQps <= maxQps!);
    expect(upTo.map((p) => [p.verdict, p.stoppedEarly])).toEqual(upTo.map(() => ['pass', false]));
    const rates = upTo.map((point) => point.rateQps);
    expect(rates[0]).toBe(1);
    expect(rates.at(-1)).toBe(maxQps);
    // Never further apart than the common rates, and close below the maximum.
    for (let i = 1; i < rates.length; i++) expect(rates[i]! / rates[i - 1]!).toBeLessThan(2.02);
    expect(maxQps! / rates.at(-2)!).toBeLessThan(1.12);
  },
);

test('above the maximum the curve goes on, complete, where the replica is not saturated', () => {
  // A limit so tight that the maximum is far below saturation.
  const context = smallContext({ targets: [{ metric: 'ttft', quantile: 0.95, limitMs: 60 }] });
  const found = evaluate(context, smallFamily([{ maxBatchSize: 32 }]))[0]!;
  const above = found.loadCurve.filter((p) => p.rateQps > found.maxQps! * 1.04 && !p.stoppedEarly);
  expect(above.map((p) => Math.round((100 * p.rateQps) / found.maxQps!))).toEqual([105, 120]);
  expect(above.map((p) => p.verdict)).toEqual(['fail', 'fail']);
  // Complete ones hold every request: their p95 is over the limit.
  for (const point of above) expect(point.ttftMs.p95).toBeGreaterThan(60);
});

test('a capped candidate has the curve below the end of the range, an infeasible one the lowest rate', () => {
  const capped = evaluate(smallContext({ rateRangeQps: [1, 10] }), smallFamily([{}]))[0]!;
  expect(capped.status).toBe('CAPPED');
  expect(wholeBelow(capped, 10)).toHaveLength(capped.loadCurve.length);
  expect(capped.loadCurve.length).toBeGreaterThan(4);
  const never = smallContext({ targets: [{ ...E2E_P99, limitMs: 5 }] });
  const infeasible = evaluate(never, smallFamily([{}]))[0]!;
  expect([infeasible.status, ratesOf(infeasible)]).toEqual(['INFEASIBLE', [1]]);
});

/** Found by a search over random cases: latency that falls again as the rate rises. */
const DIPS: readonly (readonly [string, Partial<Deployment>, Target, Partial<PlanContext>])[] = [
  [
    'sarathi, TPOT p99',
    { scheduler: 'sarathi' },
    { metric: 'tpot', quantile: 0.99, limitMs: 15.48658087373255 },
    { randomSeed: 267 },
  ],
];

test.each(DIPS)(
  'a target missed at a lower rate than others that pass lowers the maximum below it: %s',
  (_name, deployment, target, parts) => {
    const context = smallContext({ targets: [target], durationS: 10, ...parts });
    const found = evaluate(context, smallFamily([{ maxBatchSize: 16, ...deployment }]))[0]!;
    const verdicts = found.loadCurve.map((point) => point.verdict);
    // A pass above a failure: the dip that only a curve of many points shows.
    expect(verdicts.lastIndexOf('pass')).toBeGreaterThan(verdicts.indexOf('fail'));
    const firstFailure = found.loadCurve[verdicts.indexOf('fail')]!;
    expect(found.maxQps!).toBe(found.loadCurve[verdicts.indexOf('fail') - 1]!.rateQps);
    expect(firstFailure.rateQps / found.maxQps!).toBeLessThan(1.011);
    expect(found.binding).toEqual(target);
  },
);

test('asked for to its end, a probe is not answered by one that stopped early, nor the other way round', () => {
  const context = smallContext({ targets: [TTFT_P95, E2E_P99] });
  const family = smallFamily([{ maxBatchSize: 16 }]);
  const member = family.members[0]!;
  const samples = createSampleSource(context);
  const alone = createProber(context, family, samples);
  const early = alone.probe(member, 120, { complete: false });
  const whole = alone.probe(member, 120, { complete: true });
  expect([early.point.stoppedEarly, whole.point.stoppedEarly]).toEqual([true, false]);
  for (const order of [
    [false, true, false, true],
    [true, false, true, false],
  ]) {
    const shared = createSharedProbes(context, createProber(context, family, samples));
    for (const complete of order)
      expect(shared.probe(member, 120, { complete })).toEqual(complete ? whole : early);
    expect(shared.simulations).toBe(2);
    for (const complete of order) shared.probe(member, 5, { complete });
    expect(shared.simulations).toBe(3);
  }
});
