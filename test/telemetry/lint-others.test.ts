import { lintIterations, lintSummary } from '../../src/core/telemetry/lint-telemetry';
import type { RawIterations } from '../../src/core/telemetry/raw-telemetry';
import { summarizeRequests } from '../../src/core/telemetry/summarize-requests';
import type { LatencySummary } from '../../src/core/telemetry/telemetry';

type Step = readonly [type: string, batch: number, prompt: number, context: number, ms: number];

const iterations = (steps: readonly Step[]): RawIterations => ({
  types: steps.map(([type]) => type),
  batchSize: Float64Array.from(steps, (step) => step[1]),
  promptTokens: Float64Array.from(steps, (step) => step[2]),
  contextTokens: Float64Array.from(steps, (step) => step[3]),
  timeMs: Float64Array.from(steps, (step) => step[4]),
  labels: [],
});
const steps: readonly Step[] = Array.from({ length: 30 }, (_, i) => ['decode', 8, 0, 4000 + i, 20 + i / 100]);

describe('iterations', () => {
  const verdict = (all: readonly Step[]) =>
    lintIterations(iterations(all)).findings.map(
      ({ code, severity, rows }) => `${code} ${severity} [${rows}]`,
    );

  test('all three types', () => {
    const all: readonly Step[] = [...steps, ['prefill', 2, 900, Number.NaN, 60], ['mixed', 5, 300, 2000, 41]];
    const { samples, findings } = lintIterations(iterations(all));
    expect(findings).toEqual([]);
    expect(samples.slice(-2)).toEqual([
      { type: 'prefill', batchSize: 2, promptTokens: 900, contextTokens: 0, timeMs: 60 },
      { type: 'mixed', batchSize: 5, promptTokens: 300, contextTokens: 2000, timeMs: 41 },
    ]);
  });

  test.each<[string, Step, string]>([
    ['no finite time', ['decode', 8, 0, 1, Number.POSITIVE_INFINITY], 'NOT_FINITE warning [31]'],
    ['no time', ['decode', 8, 0, 1, Number.NaN], 'INCOMPLETE warning [31]'],
    ['a negative time', ['decode', 8, 0, 1, -1], 'NEGATIVE warning [31]'],
    ['an empty batch', ['decode', 0, 0, 1, 3], 'ZERO warning [31]'],
    ['half a sequence', ['decode', 1.5, 0, 1, 3], 'IMPLAUSIBLE warning [31]'],
    ['a context no server holds', ['decode', 8, 0, 5e9, 3], 'IMPLAUSIBLE warning [31]'],
    ['an unknown type', ['encode', 8, 0, 1, 3], 'IMPLAUSIBLE warning [31]'],
    ['a decode step with a prompt', ['decode', 8, 5, 1, 3], 'IMPLAUSIBLE warning [31]'],
    ['a prefill step without one', ['prefill', 8, 0, 0, 3], 'IMPLAUSIBLE warning [31]'],
    ['a mixed step that decodes nothing', ['mixed', 8, 5, 0, 3], 'IMPLAUSIBLE warning [31]'],
  ])('%s is left out', (_, step, expected) => {
    expect(verdict([...steps, step])).toEqual([expected]);
    expect(lintIterations(iterations([...steps, step])).samples).toHaveLength(30);
  });

  test.each<[string, readonly Step[], string]>([
    ['none', [], 'EMPTY error []'],
    ['one', steps.slice(0, 1), 'ONE_SAMPLE error []'],
    ['few', steps.slice(0, 5), 'TOO_FEW warning []'],
    ['in seconds', steps.map(([t, b, p, c, ms]) => [t, b, p, c, ms / 1e3]), 'UNITS error []'],
  ])('%s', (_, all, expected) => expect(verdict(all)).toEqual([expected]));

  test('all alike', () =>
    expect(lintIterations(iterations(Array(30).fill(steps[0]))).findings).toMatchObject([
      { code: 'NO_VARIATION', severity: 'error', rowCount: 30 },
    ]));
});

describe('sums', () => {
  const figures = { meanMs: 100, p50Ms: 90, p90Ms: 150, p99Ms: 200 };
  const summary: LatencySummary = {
    rateQps: 2,
    requests: 500,
    meanPromptTokens: 500,
    meanOutputTokens: 100,
    meanCachedPromptTokens: 0,
    ttft: figures,
    tpot: null,
    e2e: { meanMs: 3000, p50Ms: null, p90Ms: null, p99Ms: null },
  };
  const verdict = (change: Partial<LatencySummary>) =>
    lintSummary({ ...summary, ...change }).map(({ code, severity }) => `${code} ${severity}`);

  test.each<[string, Partial<LatencySummary>, string[]]>([
    ['a plausible run', {}, []],
    ['no requests', { requests: 0 }, ['EMPTY error']],
    ['one request', { requests: 1 }, ['ONE_SAMPLE error']],
    ['few requests', { requests: 20 }, ['TOO_FEW warning']],
    ['no latency', { ttft: null, e2e: null }, ['NO_LATENCY error']],
    ['no rate', { rateQps: Number.NaN }, ['NOT_FINITE error']],
    ['no tokens', { meanOutputTokens: 0 }, ['ZERO error']],
    ['a negative rate', { rateQps: -2 }, ['NEGATIVE error']],
    ['seconds as ms', { ttft: { meanMs: 0.1, p50Ms: 0.09, p90Ms: 0.15, p99Ms: 0.2 } }, ['UNITS error']],
    ['falling percentiles', { ttft: { ...figures, p90Ms: 50 } }, ['IMPLAUSIBLE error']],
    ['a negative figure', { ttft: { ...figures, meanMs: -1 } }, ['NEGATIVE error']],
    ['half a request', { requests: 200.5 }, ['IMPLAUSIBLE error']],
    ['a million million requests', { requests: 1e12 }, ['IMPLAUSIBLE error']],
    ['a rate that no fleet has', { rateQps: 1e7 }, ['IMPLAUSIBLE error']],
    ['one request in thirty years', { rateQps: 1e-9 }, ['IMPLAUSIBLE error']],
    ['an endless mean', { meanOutputTokens: 1e10 }, ['IMPLAUSIBLE error']],
    ['e2e below TTFT', { e2e: { ...figures, meanMs: 50, p50Ms: 40 } }, ['CLOCK_SKEW error']],
  ])('%s', (_, change, expected) => expect(verdict(change)).toEqual(expected));

  test('of requests without arrivals', () => {
    const nothing = new Float64Array(3).fill(Number.NaN);
    const samples = {
      arrivedAtS: nothing,
      promptTokens: Int32Array.of(10, 20, 60),
      outputTokens: Int32Array.of(1, 2, 3),
      cachedPromptTokens: Int32Array.of(-1, 3, 3),
      ttftMs: Float64Array.of(30, Number.NaN, 10),
      tpotMs: nothing,
      e2eMs: Float64Array.of(100, 300, 200),
    };
    expect(summarizeRequests(samples, 4)).toEqual({
      rateQps: 4,
      requests: 3,
      meanPromptTokens: 30,
      meanOutputTokens: 2,
      meanCachedPromptTokens: 2,
      ttft: { meanMs: 20, p50Ms: 20, p90Ms: 28, p99Ms: 29.8 },
      tpot: null,
      e2e: { meanMs: 200, p50Ms: 200, p90Ms: 280, p99Ms: 298 },
    });
  });
});
