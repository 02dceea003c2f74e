import { SCHEDULERS } from '../../src/core/engine/deployment';
import type { LatencySketch } from '../../src/core/engine/latency-sketch';
import type { ReplicaTotals } from '../../src/core/engine/replica-totals';
import type { Target } from '../../src/core/search/request';
import { holds } from '../support/property';
import { type EngineCase, randomCase } from '../support/random-case';
import { randomFittedProfile } from '../support/random-profile';
import { type CaseRun, type RunOptions, runCase } from '../support/run-case';

// The event loop takes many decode steps at once in closed form; stepping one at a time is the plain meaning of the
// same rules. Both must tell every request the same.

const TARGETS: Target[] = [
  { metric: 'ttft', quantile: 0.95, limitMs: 300 },
  { metric: 'tbt', quantile: 0.99, limitMs: 40 },
  { metric: 'tpot', quantile: 0.9, limitMs: 30 },
  { metric: 'e2e', quantile: 0.99, limitMs: 2000 },
];

describe.each(SCHEDULERS)('%s: closed form equals plain stepping', (scheduler) => {
  test('over whole runs, on random surfaces, in all the situations that matter', () => {
    const seen = { runs: 0, preempted: 0, rejected: 0, cached: 0, bursts: 0, singleTokens: 0, queued: 0 };
    holds(
      randomCase(scheduler),
      (c) => {
        const { run } = checkEqual(c, { targets: TARGETS });
        seen.runs++;
        if (run.totals.preemptions > 0) seen.preempted++;
        if (run.recorder.rejected > 0) seen.rejected++;
        if (c.trace.cachedPromptTokens.some((tokens) => tokens > 0)) seen.cached++;
        if (c.trace.arrivedAtS.some((s, i) => s === c.trace.arrivedAtS[i - 1])) seen.bursts++;
        if (c.trace.outputTokens.includes(1)) seen.singleTokens++;
        if (run.recorder.schedulingDelay.quantile(0.9) > 0) seen.queued++;
      },
      250,
    );
    // One input alone, replayed, cannot show them all.
    if (seen.runs < 100) return;
    const reserves = scheduler === 'orca' || scheduler === 'faster-transformer';
    const least = {
      preempted: reserves ? 0 : 0.2,
      rejected: 0.5,
      cached: 0.5,
      bursts: 0.5,
      singleTokens: 0.5,
      queued: 0.4,
    };
    for (const [what, share] of Object.entries(least)) {
      expect([what, seen[what as keyof typeof seen] / seen.runs >= share]).toEqual([what, true]);
    }
  });

  test('over a window', () => {
    holds(
      randomCase(scheduler),
      (c) => {
        const lastMs = c.trace.arrivedAtS.at(-1)! * 1e3;
        const window = { startMs: lastMs * 0.2, endMs: lastMs * 0.9 + 1, drainMs: 1e9 };
        // A step that spans an edge of the window holds its KV on one side in closed form, on both in plain stepping.
        checkEqual(c, { targets: TARGETS, window });
      },
      60,
    );
  });

  test('on fitted profiles', () => {
    holds(randomCase(scheduler, randomFittedProfile()), (c) => void checkEqual(c, { targets: TARGETS }), 30);
  });
});

function checkEqual(c: EngineCase, options: RunOptions, except: (keyof ReplicaTotals)[] = []): CaseRun {
  const closed = runCase(c, options);
  const plain = runCase(c, { ...options, plainStepping: true });
  compareLogs(closed, plain);
  compareCounts(closed, plain);
  const { totals } = closed.run;
  for (const key of Object.keys(totals) as (keyof ReplicaTotals)[]) {
    if (!except.includes(key)) near(totals[key], plain.run.totals[key], key);
  }
  for (const key of ['ttft', 'tbt', 'tpot', 'e2e', 'schedulingDelay'] as const) {
    compareSketches(closed.run.recorder[key], plain.run.recorder[key], key);
  }
  return closed;
}

function compareLogs({ log: a }: CaseRun, { log: b }: CaseRun): void {
  expect(a.preemptions).toEqual(b.preemptions);
  for (const key of ['ttftMs', 'tpotMs', 'e2eMs'] as const) {
    a[key].forEach((value, i) => {
      near(value, b[key][i]!, `${key} of request ${i}`);
    });
  }
}

function compareCounts({ run: a }: CaseRun, { run: b }: CaseRun): void {
  const countsOf = ({ recorder, ...run }: typeof a) => ({
    arrived: run.arrived,
    unfinished: run.unfinished,
    completed: recorder.completed,
    rejected: recorder.rejected,
    firstTokens: recorder.firstTokens,
    outstandingAt: run.outstandingAt,
    peakRunning: run.peakRunning,
    kvPeak: run.kvPeak,
    exceeded: recorder.tallies.map((t) => [t.exceeded, ...t.exceededBySlice]),
    seen: recorder.tallies.map((t) => [...t.seenBySlice]),
  });
  expect(countsOf(a)).toEqual(countsOf(b));
  near(a.windowMs, b.windowMs, 'windowMs');
  near(a.simulatedMs, b.simulatedMs, 'simulatedMs');
}

/** Rounding may move a value into the neighbouring bin (at most 0.2% wide), not further. */
function compareSketches(a: LatencySketch, b: LatencySketch, name: string): void {
  expect(a.count).toBe(b.count);
  if (a.count === 0) return;
  near(a.summary().mean, b.summary().mean, `mean ${name}`);
  for (const q of [0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]) {
    near(a.quantile(q), b.quantile(q), `quantile ${q} of ${name}`, 2.1e-3);
  }
}

/** Fails with the name; `expect` itself would be most of the run time. */
function near(a: number, b: number, name: string, tolerance = 1e-9): void {
  const equal = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), 1e-3);
  if (!equal) throw new Error(`${name}: ${a} in closed form, ${b} in plain stepping`);
}
