import { createRandomStream } from '../../src/core/workload/random';
import { BLOCK_SIZE, createSampler, createSamples, WHOLE } from '../../src/core/workload/samples';
import type {
  ArrivalProcess,
  LengthDistribution,
  Lengths,
  Trace,
  Workload,
} from '../../src/core/workload/workload';
import { gapsOf, momentsOf, takeRequests } from '../support/random-workload';

const COUNT = 200_000;
const LENGTHS: Lengths = {
  kind: 'drawn',
  prompt: { kind: 'lognormal', mean: 500, std: 300 },
  output: { kind: 'gamma', mean: 200, std: 150 },
  cachedPrompt: { kind: 'uniform', min: 0, max: 600 },
};
const TRACE: Trace = {
  name: 'five',
  arrivedAtS: Float64Array.of(10, 11, 11, 14, 18),
  promptTokens: Int32Array.of(1, 2, 3, 4, 5),
  outputTokens: Int32Array.of(10, 20, 30, 40, 50),
  cachedPromptTokens: Int32Array.of(0, 1, 0, 2, 0),
};

const workload = (arrival: ArrivalProcess, lengths: Lengths = LENGTHS): Workload => ({ arrival, lengths });

// Tolerances are five standard errors of the mean, and 2% of the standard deviation.
test.each<[string, LengthDistribution, { mean: number; std: number }]>([
  ['fixed', { kind: 'fixed', value: 512 }, { mean: 512, std: 0 }],
  ['normal', { kind: 'normal', mean: 512, std: 64 }, { mean: 512, std: 64 }],
  ['lognormal', { kind: 'lognormal', mean: 512, std: 400 }, { mean: 512, std: 400 }],
  ['gamma', { kind: 'gamma', mean: 512, std: 300 }, { mean: 512, std: 300 }],
  ['gamma without spread', { kind: 'gamma', mean: 512, std: 0 }, { mean: 512, std: 0 }],
  ['gamma of small shape', { kind: 'gamma', mean: 50_000, std: 70_000 }, { mean: 50_000, std: 70_000 }],
  ['uniform', { kind: 'uniform', min: 100, max: 300 }, { mean: 200, std: Math.sqrt((201 ** 2 - 1) / 12) }],
  [
    'empirical',
    { kind: 'empirical', values: [10, 100, 1000], weights: [5, 3, 2] },
    { mean: 235, std: 384.4 },
  ],
])('%s lengths have the mean and spread asked for', (_name, distribution, expected) => {
  const draw = createSampler(distribution, createRandomStream(1, 'lengths'));
  const { mean, std } = momentsOf(Array.from({ length: COUNT }, draw));
  expect(Math.abs(mean - expected.mean)).toBeLessThanOrEqual((5 * expected.std) / Math.sqrt(COUNT) + 0.05);
  expect(Math.abs(std - expected.std)).toBeLessThanOrEqual(0.03 * expected.std);
});

test('empirical values come as often as their weights say, one without weight never', () => {
  const draw = createSampler(
    { kind: 'empirical', values: [1, 2, 3], weights: [1, 0, 3] },
    createRandomStream(3, 'x'),
  );
  const drawn = Array.from({ length: 40_000 }, draw);
  expect(drawn.filter((v) => v === 2)).toHaveLength(0);
  expect(drawn.filter((v) => v === 1).length / drawn.length).toBeCloseTo(0.25, 1);
});

test('lengths below one token are drawn again, not heaped at one', () => {
  const draw = createSampler({ kind: 'normal', mean: 20, std: 20 }, createRandomStream(1, 'lengths'));
  const drawn = Array.from({ length: 50_000 }, draw);
  const count = (tokens: number) => drawn.filter((v) => v === tokens).length;
  expect(Math.min(...drawn)).toBe(1);
  expect(count(1) / count(2)).toBeLessThan(1.3);
  // Mean of a normal cut off at 0.5: 20 + 20 φ(a)/(1 − Φ(a)) with a = −0.975.
  expect(momentsOf(drawn).mean).toBeCloseTo(20 + (20 * 0.248) / 0.8352, 0);
});

test('a distribution without any length of one token or more is an error, not a loop', () => {
  const draw = createSampler({ kind: 'normal', mean: -1e6, std: 1 }, createRandomStream(1, 'lengths'));
  expect(draw).toThrow(/practically never/);
});

test.each<[string, ArrivalProcess, number]>([
  ['poisson', { kind: 'poisson' }, 1],
  ['constant', { kind: 'constant' }, 0],
  ['gamma, bursty', { kind: 'gamma', cv: 3 }, 3],
  ['gamma, regular', { kind: 'gamma', cv: 0.4 }, 0.4],
  // Gaps of a burst: b − 1 zeros and one exponential of mean b: E[g²] = 2b.
  ['burst', { kind: 'burst', burstSize: 4 }, Math.sqrt(7)],
])('%s arrivals have mean gap 1 and the spread asked for', (_name, arrival, cv) => {
  const count = 60_000;
  const { mean, std } = momentsOf(gapsOf(takeRequests(workload(arrival), { seed: 5, count }).time));
  expect(Math.abs(mean - 1)).toBeLessThanOrEqual(
    (5 * cv * Math.max(1, arrival.kind === 'burst' ? 4 : 1)) / Math.sqrt(count) + 1e-9,
  );
  expect(Math.abs(std - cv)).toBeLessThanOrEqual(0.04 * cv + 1e-9);
});

test('bursts are groups of requests at one instant', () => {
  const { time } = takeRequests(workload({ kind: 'burst', burstSize: 3 }), { seed: 5, count: 300 });
  for (let i = 0; i < 300; i += 3) expect([time[i + 1], time[i + 2]]).toEqual([time[i], time[i]]);
  expect(new Set(time).size).toBe(100);
});

test('a trace gives its gaps at mean 1 and its pairs of lengths, again and again', () => {
  const { time, prompt, output, cached } = takeRequests(
    workload({ kind: 'trace' }, { kind: 'trace', trace: TRACE }),
    { seed: 5, count: 10 },
  );
  // Span 8 s over 4 gaps: mean 2 s.
  expect(gapsOf(time).map((g) => Number(g.toFixed(9)))).toEqual([1, 0.5, 0, 1.5, 2, 1, 0.5, 0, 1.5, 2]);
  expect(prompt).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  expect(output.slice(0, 5)).toEqual([10, 20, 30, 40, 50]);
  expect(cached.slice(0, 5)).toEqual([0, 1, 0, 2, 0]);
});

test('the cached part of a prompt leaves at least one token', () => {
  const { prompt, cached } = takeRequests(workload({ kind: 'poisson' }), { seed: 9, count: 20_000 });
  expect(prompt.every((tokens, i) => cached[i]! >= 0 && cached[i]! < tokens)).toBe(true);
  expect(cached.some((tokens, i) => tokens === prompt[i]! - 1)).toBe(true);
});

test.each<[string, ArrivalProcess, Lengths]>([
  ['poisson', { kind: 'poisson' }, LENGTHS],
  ['gamma', { kind: 'gamma', cv: 2 }, LENGTHS],
  ['burst', { kind: 'burst', burstSize: 5 }, LENGTHS],
  ['trace', { kind: 'trace' }, { kind: 'trace', trace: TRACE }],
])(
  '%s: the round-robin share of one of n replicas arrives at every n-th time of the whole',
  (_name, arrival, lengths) => {
    for (const replicas of [2, 3, 8]) {
      const whole = takeRequests(workload(arrival, lengths), { seed: 11, count: replicas * 500 });
      const share = takeRequests(workload(arrival, lengths), {
        seed: 11,
        count: 500,
        share: { replicas, routing: 'round_robin' },
      });
      // In units of the share's own mean gap.
      share.time.forEach((t, i) => {
        expect(t).toBeCloseTo(whole.time[(i + 1) * replicas - 1]! / replicas, 6);
      });
    }
  },
);

test('a round-robin share of a trace has every n-th pair of lengths', () => {
  const lengths: Lengths = { kind: 'trace', trace: TRACE };
  const share = takeRequests(workload({ kind: 'poisson' }, lengths), {
    seed: 1,
    count: 5,
    share: { replicas: 2, routing: 'round_robin' },
  });
  expect(share.prompt).toEqual([1, 3, 5, 2, 4]);
});

test('a random share of a Poisson stream is Poisson of mean gap 1', () => {
  const { time } = takeRequests(workload({ kind: 'poisson' }), {
    seed: 1,
    count: 50_000,
    share: { replicas: 4, routing: 'random' },
  });
  const { mean, std } = momentsOf(gapsOf(time));
  expect([Math.abs(mean - 1) < 0.03, Math.abs(std - 1) < 0.03]).toEqual([true, true]);
});

test('one seed gives the same numbers, another seed other ones', () => {
  const take = (seed: number) => takeRequests(workload({ kind: 'poisson' }), { seed, count: 5000 });
  expect(take(42)).toEqual(take(42));
  expect(take(42)).not.toEqual(take(43));
  // Seeds beyond 32 bits count too.
  expect(take(42)).not.toEqual(take(42 + 2 ** 32));
});

test('streams are independent: changing what one is drawn for leaves the others as they were', () => {
  const base = takeRequests(workload({ kind: 'poisson' }), { seed: 2, count: 3000 });
  const otherOutput = { ...LENGTHS, output: { kind: 'normal', mean: 50, std: 20 } } as Lengths;
  const changed = takeRequests(workload({ kind: 'gamma', cv: 2 }, otherOutput), { seed: 2, count: 3000 });
  expect(changed.prompt).toEqual(base.prompt);
  expect(changed.cached).toEqual(base.cached);
  expect(changed.output).not.toEqual(base.output);
  const correlation = (a: readonly number[], b: readonly number[]) => {
    const [ma, mb] = [momentsOf(a), momentsOf(b)];
    return a.reduce((sum, v, i) => sum + (v - ma.mean) * (b[i]! - mb.mean), 0) / (a.length * ma.std * mb.std);
  };
  for (const other of [base.output, gapsOf(base.time)])
    expect(Math.abs(correlation(base.prompt, other))).toBeLessThan(0.08);
});

test('a stream that keeps no blocks gives the same ones, and only goes forward', () => {
  const kept = createSamples(workload({ kind: 'poisson' }), 4, { share: WHOLE, retain: true });
  const streamed = createSamples(workload({ kind: 'poisson' }), 4, { share: WHOLE, retain: false });
  kept.block(3);
  for (let k = 0; k < 4; k++) expect(streamed.block(k)).toEqual(kept.block(k));
  expect(streamed.block(2).unitTime).toHaveLength(BLOCK_SIZE);
  expect(() => streamed.block(0)).toThrow(/only goes forward/);
});
