import { calibrate } from '../../src/core/calibration/calibrate';
import {
  type CalibrationParameters,
  PARAMETER_NAMES,
  uncalibrated,
} from '../../src/core/calibration/parameters';
import type { Telemetry } from '../../src/core/telemetry/telemetry';
import { createRandomStream } from '../../src/core/workload/random';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';

const served = servedDeployment();
const FIT_SHARE = 2 / 3;
const run = (telemetry: Telemetry) => calibrate({ sets: [{ served, telemetry }], fitShare: FIT_SHARE });

const TRUTHS: readonly CalibrationParameters[] = [
  { stepMs: 1.6, requestMs: 14, denseFactor: 1.1, prefillAttentionFactor: 1.25, decodeAttentionFactor: 0.85 },
  { stepMs: 0.6, requestMs: 3, denseFactor: 0.93, prefillAttentionFactor: 0.8, decodeAttentionFactor: 1.3 },
];

/** Largest error of the identified parameters: relative for factors, relative to 1 ms at least for overheads. */
function worst(telemetry: Telemetry, truth: CalibrationParameters): number {
  const { fitted } = run(telemetry);
  expect(fitted.filter((f) => f.identified).length).toBeGreaterThanOrEqual(4);
  return Math.max(
    ...fitted
      .filter((f) => f.identified)
      .map((f) => Math.abs(f.value - truth[f.name]) / Math.max(1, truth[f.name])),
  );
}

test.each(TRUTHS)('known parameters come back within 2% (truth %#)', (truth) => {
  const telemetry = telemetryOf(served, randomRequests(500, 1), truth);
  expect(worst(telemetry, truth)).toBeLessThan(0.02);
});

test.each(TRUTHS)('with 20% outliers within 5% (truth %#)', (truth) => {
  const telemetry = telemetryOf(served, randomRequests(500, 2), truth);
  const { uniform } = createRandomStream(3, 'outliers');
  const requests = telemetry.requests!;
  for (let i = 0; i < requests.ttftMs.length; i++) {
    if (uniform() >= 0.2) continue;
    const by = 1.5 + 8 * uniform();
    requests.ttftMs[i]! *= by;
    requests.e2eMs[i]! *= by;
    requests.tpotMs[i]! *= by;
  }
  expect(worst(telemetry, truth)).toBeLessThan(0.05);
});

test('a calibration that helps says so, and its held-out error falls to almost nothing', () => {
  const result = run(telemetryOf(served, randomRequests(120, 4), TRUTHS[0]!));
  expect(result.applied).toBe(true);
  expect(result.verdict).toMatch(/^helps on \d+ held-out observations/);
  for (const { medianAbsolute } of result.errorAfter) expect(medianAbsolute).toBeLessThan(0.01);
});

test('telemetry that agrees with the predictions leaves them alone', () => {
  const result = run(telemetryOf(served, randomRequests(120, 5), uncalibrated(served.overhead)));
  expect(result.applied).toBe(false);
  for (const name of PARAMETER_NAMES)
    expect(result.parameters[name] / uncalibrated(served.overhead)[name]).toBeCloseTo(1, 1);
});

test('latencies without any relation to the requests are not learned from', () => {
  const result = run(misleading());
  expect(result.applied).toBe(false);
  expect(result.verdict).toMatch(/^does not help/);
});

/** The held-out third is as predicted, what is fitted on is three times as slow. */
function misleading(): Telemetry {
  const telemetry = telemetryOf(served, randomRequests(120, 6), uncalibrated(served.overhead));
  const { uniform } = createRandomStream(7, 'noise');
  const requests = telemetry.requests!;
  for (let i = 0; i < 80; i++) {
    const by = 2 + 2 * uniform();
    requests.ttftMs[i]! *= by;
    requests.e2eMs[i]! *= by;
    requests.tpotMs[i]! *= by;
  }
  return telemetry;
}

test('with nothing held out it is applied only on request, and never against held-out observations', () => {
  const all = (telemetry: Telemetry, fitShare: number) =>
    calibrate({ sets: [{ served, telemetry }], fitShare, acceptUnverified: true });
  const slow = telemetryOf(served, randomRequests(60, 10), {
    ...uncalibrated(served.overhead),
    denseFactor: 1.2,
  });
  const asked = all(slow, 1);
  expect([asked.heldOut, asked.applied]).toEqual([false, true]);
  expect(asked.verdict).toMatch(/^not verified on held-out observations, applied as asked/);
  expect(calibrate({ sets: [{ served, telemetry: slow }], fitShare: 1 }).applied).toBe(false);
  const asPredicted = telemetryOf(served, randomRequests(60, 10), uncalibrated(served.overhead));
  expect(all(asPredicted, 1).applied).toBe(false);
  expect(all(misleading(), FIT_SHARE)).toMatchObject({ heldOut: true, applied: false });
});

test('little data moves little', () => {
  const truth = { ...uncalibrated(served.overhead), denseFactor: 1.3 };
  const moved = [4, 120].map(
    (count) => run(telemetryOf(served, randomRequests(count, 8), truth)).parameters.denseFactor - 1,
  );
  expect(moved[0]!).toBeLessThan(moved[1]!);
  expect(moved[1]!).toBeGreaterThan(0.22);
});

test('a parameter that the telemetry says nothing about is reported, and stays', () => {
  const samples = randomRequests(120, 9);
  const short = {
    ...samples,
    promptTokens: samples.promptTokens.map(() => 20),
    outputTokens: samples.outputTokens.map(() => 30),
  };
  const result = run(telemetryOf(served, short, { ...uncalibrated(served.overhead), denseFactor: 1.1 }));
  const attention = result.fitted.find(({ name }) => name === 'prefillAttentionFactor')!;
  expect(attention.identified).toBe(false);
  expect(Math.abs(attention.value - 1)).toBeLessThan(0.1);
});

test('a deployment that would refuse every request is said to be the fault', () => {
  const telemetry = telemetryOf(served, randomRequests(60, 8), TRUTHS[0]!);
  const tiny = { ...served, numBlocks: 1 };
  const { applied, verdict, heldOut, heldOutCount, unpredicted } = calibrate({
    sets: [{ served: tiny, telemetry }],
    fitShare: FIT_SHARE,
  });
  expect({ applied, heldOut, heldOutCount }).toEqual({ applied: false, heldOut: false, heldOutCount: 0 });
  expect(unpredicted).toBeGreaterThan(100);
  expect(verdict).toMatch(/would refuse every request \(max_model_len/);
});
