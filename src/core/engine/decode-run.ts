import type { IterationTimes } from '../profile/iteration-times';
import type { KvBlocks } from './kv-blocks';
import type { Lane } from './lane';
import type { Recorder } from './recorder';
import type { ReplicaTotals } from './replica-totals';

/**
 * Many decode steps of a batch that has the engine to itself, at once.
 *
 * Until a request finishes, the KV cache runs short or `untilMs` passes, a step only adds one context token per
 * request, so on one piece of the time model the step times are an arithmetic series: its sum gives the clock, and its
 * terms go into the histogram of gaps as a range. In a pipeline the batch goes through one stage after the other.
 *
 * Sets the lane's `endMs`; returns how long its last step takes. All of them have started, the last has not ended.
 */
export function runDecodes(
  lane: Lane,
  engine: { times: IterationTimes; kv: KvBlocks; totals: ReplicaTotals; recorder: Recorder; stages: number },
  span: { nowMs: number; untilMs: number },
): number {
  const { times, totals, recorder, stages } = engine;
  const batch = lane.decoding;
  let left = lane.nextFinish() - lane.step;
  let ms = span.nowMs;
  let lastMs = 0;
  while (left > 0 && ms < span.untilMs) {
    times.decodeRun(batch, lane.context);
    const first = times.baseMs * stages;
    const slope = times.slopeMs * batch * stages;
    let steps = Math.min(left, Math.floor((times.pieceEnd - lane.context) / batch) + 1);
    steps = Math.min(steps, stepsStartingWithin(span.untilMs - ms, first, slope));
    steps = growContexts(lane, engine.kv, totals, { steps, first, slope });
    if (steps === 0) break;
    const duration = steps * first + (slope * steps * (steps - 1)) / 2;
    emitGaps(lane, ms + first, recorder);
    recorder.gapSeries(first + slope, slope, steps - 1, lane.measuredDecoding);
    totals.iterations += steps;
    totals.busyMs += duration / stages;
    if (!times.measured) totals.extrapolatedMs += duration / stages;
    totals.batchMs += (batch * duration) / stages;
    totals.tokens += steps * batch;
    totals.contextRead += steps * lane.context + (batch * steps * (steps - 1)) / 2;
    lane.step += steps;
    lane.context += steps * batch;
    left -= steps;
    ms += duration;
    lane.lastTokenMs = ms;
    lastMs = first + slope * (steps - 1);
  }
  lane.endMs = ms;
  // The last step is still in flight: its time is counted as it passes.
  totals.kvBlockMs -= engine.kv.used * lastMs;
  return lastMs;
}

/** Gaps that end with the step ending at `endMs`, for all decoding requests of the lane. */
export function emitGaps(lane: Lane, endMs: number, recorder: Recorder): void {
  let sharing = lane.measuredDecoding;
  for (let i = 0; i < lane.apartGroups; i++) {
    recorder.gap(endMs - lane.apartMs[i]!, lane.apartCount[i]!);
    sharing -= lane.apartCount[i]!;
  }
  lane.apartGroups = 0;
  recorder.gap(endMs - lane.lastTokenMs, sharing);
  lane.lastTokenMs = endMs;
}

/** Give the decoding requests their new blocks over up to `steps` steps; returns the steps the KV cache has room for. */
function growContexts(
  { growAt, step }: Lane,
  kv: KvBlocks,
  totals: ReplicaTotals,
  series: { steps: number; first: number; slope: number },
): number {
  let used = kv.used;
  let integral = 0;
  let stepMs = series.first;
  let remainder = step % growAt.length;
  let done = 0;
  for (; done < series.steps; done++) {
    const grown = used + growAt[remainder]!;
    if (grown > kv.total) break;
    used = grown;
    integral += used * stepMs;
    stepMs += series.slope;
    if (++remainder === growAt.length) remainder = 0;
  }
  kv.allocate(used - kv.used);
  totals.kvBlockMs += integral;
  return done;
}

/** Number of steps of times first, first + slope, … that start less than `spanMs` after the first one starts; at least 1. */
export function stepsStartingWithin(spanMs: number, first: number, slope: number): number {
  if (spanMs === Number.POSITIVE_INFINITY) return Number.MAX_SAFE_INTEGER;
  const startOf = (k: number) => k * first + (slope * k * (k - 1)) / 2;
  // Root of startOf(k) = span, in the form that does not lose digits when slope is small.
  const b = first - slope / 2;
  let k = Math.ceil((2 * spanMs) / (b + Math.sqrt(b * b + 2 * slope * spanMs)));
  while (k > 1 && startOf(k - 1) >= spanMs) k--;
  while (startOf(k) < spanMs) k++;
  return Math.max(1, k);
}
