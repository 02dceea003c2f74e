import { driftOf, observationText } from '../../src/core/calibration/drift';
import { uncalibrated } from '../../src/core/calibration/parameters';
import { predictedVsObserved } from '../../src/core/calibration/predicted-vs-observed';
import type { Telemetry } from '../../src/core/telemetry/telemetry';
import { createRandomStream } from '../../src/core/workload/random';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';

const served = servedDeployment();
const PLAIN = uncalibrated(served.overhead);
const TRUTH = { ...PLAIN, stepMs: 2, denseFactor: 1.1 };
const TIME_ERROR = { lowRatio: 0.97, highRatio: 1.03 };
const compare = (telemetry: Telemetry, parameters: typeof TRUTH | null = TRUTH, timeError = TIME_ERROR) =>
  predictedVsObserved({ served, telemetry, parameters, timeError });
const seen = (seed: number, truth = TRUTH, count = 200): Telemetry =>
  telemetryOf(served, randomRequests(count, seed), truth);

test('what the very parameters make is predicted exactly; without them it is off, and both are told', () => {
  const { metrics, points, unpredicted } = compare(seen(1));
  expect(unpredicted).toBe(0);
  expect(points).toHaveLength(600);
  expect(metrics.map(({ metric }) => metric)).toEqual(['ttft', 'tpot', 'e2e']);
  for (const m of metrics) {
    expect(m).toMatchObject({ observations: 200, medianAbsolute: 0, ratio: 1, outside: false });
    expect(m.medianAbsoluteUncalibrated).toBeGreaterThan(0.05);
    expect(m.expected[0]).toBeLessThan(0.98);
    expect(m.expected[1]).toBeGreaterThan(1.02);
  }
  const plain = compare(seen(1), null);
  for (const [i, m] of plain.metrics.entries())
    expect(m.medianAbsolute).toBe(metrics[i]!.medianAbsoluteUncalibrated);
});

test.each([
  ['slower', 1.25, /TPOT \+\d/],
  ['faster', 0.8, /TPOT -\d/],
])('steps that became %s raise the alarm', (_, factor, told) => {
  const changed = { ...TRUTH, stepMs: TRUTH.stepMs * factor, denseFactor: TRUTH.denseFactor * factor };
  const observed = compare(seen(2, changed));
  const { alarm, sentence } = driftOf(observed, 'calibration 1');
  expect(alarm).toBe(true);
  expect(sentence).toMatch(told);
  expect(observationText(observed, 'calibration 1')).toMatch(
    /outside[\s\S]*DRIFT: Seen against calibration 1/,
  );
});

test('a fifth of the requests far off, or few of them, are no drift', () => {
  const { uniform } = createRandomStream(3, 'outliers');
  const telemetry = seen(3);
  const { requests } = telemetry;
  const stall = (values: Float64Array) => values.map((ms) => (uniform() < 0.2 ? ms * 5 : ms));
  const stalled = {
    ...telemetry,
    requests: {
      ...requests!,
      ttftMs: stall(requests!.ttftMs),
      tpotMs: stall(requests!.tpotMs),
      e2eMs: stall(requests!.e2eMs),
    },
  };
  expect(driftOf(compare(stalled), 'it').alarm).toBe(false);

  // Three requests that vary by a third say nothing of steps a tenth longer.
  const few = seen(4, { ...TRUTH, denseFactor: TRUTH.denseFactor * 1.1 }, 3);
  const noisy = (values: Float64Array) => values.map((ms, i) => ms * [0.7, 1, 1.3][i]!);
  const { ttftMs, tpotMs, e2eMs } = few.requests!;
  const jittered = {
    ...few,
    requests: { ...few.requests!, ttftMs: noisy(ttftMs), tpotMs: noisy(tpotMs), e2eMs: noisy(e2eMs) },
  };
  expect(driftOf(compare(jittered), 'it').alarm).toBe(false);
});

test('where a queue grows, a small error of the times is allowed a long wait', () => {
  const crowded = telemetryOf(served, randomRequests(800, 5, 8), TRUTH);
  const quiet = telemetryOf(served, randomRequests(800, 5, 0.2), TRUTH);
  const upper = (telemetry: Telemetry) =>
    compare(telemetry).metrics.find(({ metric }) => metric === 'ttft')!.expected[1];
  expect(upper(crowded)).toBeGreaterThan(1.1 * upper(quiet));
});

test('requests that the deployment would refuse are counted, not compared', () => {
  const telemetry = seen(6, TRUTH, 20);
  const short = { ...served, deployment: { ...served.deployment, maxModelTokens: 4_000 } };
  const { promptTokens, outputTokens } = telemetry.requests!;
  const refused = promptTokens.filter((tokens, i) => tokens + outputTokens[i]! > 4_000).length;
  expect(refused).toBeGreaterThan(0);
  const { points, unpredicted } = predictedVsObserved({
    served: short,
    telemetry,
    parameters: TRUTH,
    timeError: TIME_ERROR,
  });
  expect([points.length, unpredicted]).toEqual([3 * (20 - refused), 3 * refused]);
});
