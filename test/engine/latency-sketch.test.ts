import fc from 'fast-check';
import { stepsStartingWithin } from '../../src/core/engine/decode-run';
import { LatencySketch } from '../../src/core/engine/latency-sketch';
import { holds } from '../support/property';

const QUANTILES = [0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const latencies = fc.array(fc.double({ min: 1e-2, max: 1e9, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
  size: 'max',
});

/** Nearest rank: the smallest value that at least ⌈q·n⌉ values do not exceed. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-6)) - 1]!;
}

test('quantiles are at most 0.2% over the exact ones, never under', () => {
  holds(
    latencies,
    (values) => {
      const sketch = new LatencySketch();
      for (const value of values) sketch.add(value);
      for (const q of QUANTILES) {
        const exact = exactQuantile(values, q);
        expect(sketch.quantile(q)).toBeGreaterThanOrEqual(exact);
        expect(sketch.quantile(q)).toBeLessThanOrEqual(exact * (1 + 1 / 512 + 1e-12));
      }
      const { mean, max } = sketch.summary();
      expect(max).toBe(Math.max(...values));
      expect(mean / (values.reduce((sum, v) => sum + v, 0) / values.length)).toBeCloseTo(1, 9);
    },
    300,
  );
});

test('a value many times is that many single values', () => {
  holds(
    fc.array(fc.tuple(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 20 })), {
      minLength: 1,
    }),
    (pairs) => {
      const [many, single] = [new LatencySketch(), new LatencySketch()];
      for (const [value, times] of pairs) {
        many.addMany(value, times);
        for (let i = 0; i < times; i++) single.add(value);
      }
      checkSame(many, single);
    },
    100,
  );
});

test('a series of gaps is its single values', () => {
  const series = fc.record({
    first: fc.double({ min: 1e-2, max: 1e4, noNaN: true }),
    slope: fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 10, noNaN: true })),
    steps: fc.integer({ min: 0, max: 2000 }),
    times: fc.integer({ min: 0, max: 5 }),
  });
  holds(
    fc.array(series, { minLength: 1, maxLength: 5 }),
    (all) => {
      const [ranges, single] = [new LatencySketch(), new LatencySketch()];
      for (const { first, slope, steps, times } of all) {
        ranges.addSeries(first, slope, steps, times);
        for (let i = 0; i < steps; i++) single.addMany(first + slope * i, times);
      }
      checkSame(ranges, single);
    },
    200,
  );
});

/** Rounding may put a value on the edge of two bins into the other one. */
function checkSame(a: LatencySketch, b: LatencySketch): void {
  expect(a.count).toBe(b.count);
  if (a.count === 0) return;
  expect(a.summary().mean / b.summary().mean).toBeCloseTo(1, 9);
  expect(a.summary().max / b.summary().max).toBeCloseTo(1, 12);
  for (const q of QUANTILES) expect(Math.abs(a.quantile(q) / b.quantile(q) - 1)).toBeLessThan(0.0021);
}

test('values that never came are the largest ones', () => {
  const sketch = new LatencySketch();
  for (let i = 1; i <= 90; i++) sketch.add(i);
  sketch.addInfinite(10);
  expect(sketch.quantile(0.9)).toBeCloseTo(90, 0);
  expect(sketch.quantile(0.91)).toBe(Number.POSITIVE_INFINITY);
  expect(sketch.summary().mean).toBe(Number.POSITIVE_INFINITY);
});

test('an empty sketch has no values', () => {
  const { mean, p50, p99, max } = new LatencySketch().summary();
  expect([mean, p50, p99, max]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

test('values outside the range of bins share the first and the last one', () => {
  const sketch = new LatencySketch();
  for (const value of [0, 1e-12, 1e15]) sketch.add(value);
  expect(sketch.quantile(0.5)).toBeLessThan(1e-3);
  expect(sketch.summary().max).toBe(1e15);
});

test('steps that start within a span: the closed form counts what a loop counts', () => {
  const series = fc.record({
    first: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    slope: fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 5, noNaN: true })),
    share: fc.double({ min: 1e-9, max: 1, noNaN: true }),
  });
  holds(
    series,
    ({ first, slope, share }) => {
      const spanMs = share * (2000 * first + slope * 2e6);
      let startMs = 0;
      let steps = 0;
      while (startMs < spanMs) startMs += first + slope * steps++;
      const counted = stepsStartingWithin(spanMs, first, slope);
      // Sums rounded in another order may differ when a step starts just at the end of the span.
      const onEdge = [steps, steps - 1].some(
        (k) => Math.abs((k * first + (slope * k * (k - 1)) / 2) / spanMs - 1) < 1e-9,
      );
      if (!onEdge) expect(counted).toBe(Math.max(1, steps));
      else expect(Math.abs(counted - steps)).toBeLessThanOrEqual(1);
    },
    500,
  );
  expect(stepsStartingWithin(Number.POSITIVE_INFINITY, 1, 0)).toBe(Number.MAX_SAFE_INTEGER);
});
