import { combineErrors, errorOfStd } from '../../src/core/uncertainty/time-error';
import { latencyInterval, qpsInterval } from '../../src/core/uncertainty/with-time-error';
import { E2E_P99, evaluate, smallContext, smallFamily, TTFT_P95 } from '../support/search-case';

const context = smallContext();
const searchAt = (speed: number) =>
  evaluate(context, smallFamily([{ maxBatchSize: 32 }, { maxBatchSize: 4 }], { speed }));
const found = searchAt(1);

test.each([0, 1])(
  'the ends of the interval are what a search with slower and faster steps finds (%#)',
  (i) => {
    const { maxQps, loadCurve } = found[i]!;
    const [low, high] = qpsInterval({
      maxQps: maxQps!,
      sampling: [maxQps!, maxQps!],
      timeError: { lowRatio: 0.9, highRatio: 1.1 },
      loadCurve,
      targets: [TTFT_P95, E2E_P99],
      rangeEndQps: context.rateRangeQps[1],
      capped: false,
    });
    expect(Math.abs(low / searchAt(1 / 1.1)[i]!.maxQps! - 1)).toBeLessThan(0.06);
    expect(Math.abs(high / searchAt(1 / 0.9)[i]!.maxQps! - 1)).toBeLessThan(0.06);
  },
);

test('without an error of the times the interval is that of sampling', () => {
  const { maxQps, loadCurve, samplingInterval } = found[0]!;
  const interval = qpsInterval({
    maxQps: maxQps!,
    sampling: samplingInterval!,
    timeError: { lowRatio: 1, highRatio: 1 },
    loadCurve,
    targets: [TTFT_P95, E2E_P99],
    rangeEndQps: context.rateRangeQps[1],
    capped: false,
  });
  expect(interval[0]).toBeCloseTo(samplingInterval![0], 6);
  expect(interval[1]).toBeGreaterThanOrEqual(samplingInterval![1] * (1 - 1e-9));
});

test('a latency interval holds the latency, is wider with a larger error, and ends nowhere past saturation', () => {
  const { maxQps, loadCurve, metrics } = found[0]!;
  const of = (lowRatio: number, highRatio: number, rateQps: number) =>
    latencyInterval(loadCurve, {
      rateQps,
      sampling: [rateQps, rateQps],
      timeError: { lowRatio, highRatio },
      metric: 'e2eMs',
      quantile: 'p50',
    })!;
  const narrow = of(0.97, 1.03, maxQps! / 2);
  const wide = of(0.9, 1.1, maxQps! / 2);
  expect(wide[0]).toBeLessThan(narrow[0]);
  expect(wide[1]).toBeGreaterThan(narrow[1]);
  const exact = of(1, 1, maxQps!);
  expect(exact[0]).toBeCloseTo(metrics!.e2eMs.p50, 6);
  expect(of(0.5, 50, maxQps!)[1]).toBe(Number.POSITIVE_INFINITY);
});

test('independent errors add up in squares', () => {
  const both = combineErrors(errorOfStd(0.03), errorOfStd(0.04));
  expect(both.highRatio).toBeCloseTo(errorOfStd(0.05).highRatio, 12);
  expect(both.lowRatio).toBeCloseTo(errorOfStd(0.05).lowRatio, 12);
});
