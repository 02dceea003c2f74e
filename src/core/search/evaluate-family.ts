import { positionsAbove, positionsBelow } from './curve-positions';
import type { Evaluation, Family, FamilyMember, PlanContext } from './family';
import {
  type Curve,
  capped,
  type Found,
  feasible,
  infeasible,
  saturatedAtLowest,
  UNKNOWN_CURVE,
} from './found';
import { createProber, type SampleSource } from './probe';
import { createRateGrid } from './rate-grid';
import { createSharedProbes, type SharedProbes } from './shared-probes';

/**
 * The sustainable QPS of every member, by bisection on a grid of rates. Members are evaluated largest batch first, and
 * each starts where the one before ended; `onDone` hears each result; when `stop()` turns true the rest is left out.
 * A calibrated family is searched without its calibration too, for comparison.
 */
export function evaluateFamily(
  context: PlanContext,
  family: Family,
  samplesFor: SampleSource,
  progress: { onDone: (evaluation: Evaluation) => void; stop: () => boolean },
): Evaluation[] {
  const { uncalibrated } = family;
  if (uncalibrated === null) return evaluateMembers(context, family, samplesFor, progress);
  const before = new Map(
    evaluateMembers(context, { ...family, ...uncalibrated }, samplesFor, {
      ...progress,
      onDone: () => {},
    }).map((evaluation) => [evaluation.configId, evaluation]),
  );
  const withBefore = (evaluation: Evaluation): Evaluation => {
    const was = before.get(evaluation.configId);
    if (was === undefined) return evaluation;
    const { status, maxQps, targets } = was;
    return {
      ...evaluation,
      uncalibrated: { status, maxQps, targets },
      simulations: evaluation.simulations + was.simulations,
    };
  };
  return evaluateMembers(context, family, samplesFor, {
    ...progress,
    onDone: (evaluation) => progress.onDone(withBefore(evaluation)),
  }).map(withBefore);
}

function evaluateMembers(
  context: PlanContext,
  family: Family,
  samplesFor: SampleSource,
  progress: { onDone: (evaluation: Evaluation) => void; stop: () => boolean },
): Evaluation[] {
  const prober = createProber(context, family, samplesFor);
  const shared = createSharedProbes(context, prober);
  const evaluations: Evaluation[] = [];
  const known = new Map<string, Sibling>();
  let before: Sibling | null = null;
  for (const member of inSearchOrder(family.members)) {
    if (progress.stop()) break;
    const { numReplicas, maxBatchSize } = member.deployment;
    // Half of the replicas with the same batch size are closest, then the last member with as many replicas.
    const half = known.get(`${numReplicas / 2} ${maxBatchSize}`) ?? null;
    const sibling: Sibling | null = half ?? (before?.replicas === numReplicas ? before : null);
    const evaluation = evaluateOrFail(context, member, shared, sibling);
    if (evaluation.maxQps !== null) {
      before = { qpsPerReplica: evaluation.maxQps / numReplicas, replicas: numReplicas, ...evaluation.curve };
      known.set(`${numReplicas} ${maxBatchSize}`, before);
    }
    const { curve: _, ...result } = evaluation;
    evaluations.push(result);
    progress.onDone(result);
  }
  return evaluations;
}

/** The order in which members learn most from each other: few replicas first, then the largest batch. */
export const inSearchOrder = (members: readonly FamilyMember[]): FamilyMember[] =>
  [...members].sort(
    (a, b) =>
      a.deployment.numReplicas - b.deployment.numReplicas ||
      b.deployment.maxBatchSize - a.deployment.maxBatchSize,
  );

/** What one member's search tells the next one's. */
interface Sibling extends Curve {
  readonly qpsPerReplica: number;
  readonly replicas: number;
}

type EvaluationWithCurve = Evaluation & { readonly curve: Curve };

/** A fault of ours fails the candidate, with the reason, and never the plan in silence. */
function evaluateOrFail(
  context: PlanContext,
  member: FamilyMember,
  shared: SharedProbes,
  sibling: Sibling | null,
): EvaluationWithCurve {
  try {
    return evaluateMember(context, member, shared, sibling);
  } catch (error) {
    return {
      configId: member.configId,
      status: 'FAILED',
      reason: `the simulation failed: ${error instanceof Error ? error.message : String(error)}`,
      maxQps: null,
      samplingInterval: null,
      binding: null,
      targets: [],
      metrics: null,
      loadCurve: [],
      uncalibrated: null,
      simulations: 0,
      curve: UNKNOWN_CURVE,
    };
  }
}

function evaluateMember(
  context: PlanContext,
  member: FamilyMember,
  shared: SharedProbes,
  sibling: Sibling | null,
): EvaluationWithCurve {
  const before = shared.simulations;
  const [lowest, highest] = context.rateRangeQps;
  const grid = createRateGrid(context.rateRangeQps, member, shared);
  const { last } = grid;
  const finish = (found: Found, curve: Curve = UNKNOWN_CURVE): EvaluationWithCurve => ({
    configId: member.configId,
    ...found,
    curve,
    loadCurve: grid.points(),
    uncalibrated: null,
    simulations: shared.simulations - before,
  });

  const saturation = shared.saturation(member);
  const { numReplicas } = member.deployment;
  const saturationQps = saturation.qps * numReplicas;
  if (saturationQps < lowest) return finish(saturatedAtLowest(lowest, saturationQps));
  if (!grid.passes(0)) return finish(infeasible(context, grid.probeAt(0)!));
  // Rates above saturation fail whatever the run's length: the queue grows.
  const endsBelow = saturationQps < highest || !grid.passes(last);
  const fails = saturationQps < highest ? Math.floor(grid.positionOf(saturationQps)) + 1 : last;
  const guess = sibling === null ? null : Math.round(grid.positionOf(sibling.qpsPerReplica * numReplicas));
  let best = endsBelow ? bisect({ fails, guess }, grid.passes) : last;
  let curve = endsBelow ? curveAt(best) : UNKNOWN_CURVE;
  for (;;) {
    // Every rate up to the maximum must hold: where a probe below it failed (latency need not rise with load for every
    // scheduler), the maximum is below that.
    for (let dip = grid.lowestFailure(); dip < best; dip = grid.lowestFailure()) {
      best = bisect({ fails: dip, guess: null }, grid.passes);
      curve = curveAt(best);
    }
    grid.complete(positionsBelow(best));
    if (grid.lowestFailure() > best) break;
  }
  if (best === last) return finish(capped(context, grid.probeAt(last)!));
  const probe = grid.probeAt(best)!;
  const found = feasible({ context, probe, nextQps: grid.rateAt(best + 1), curve, saturation });
  grid.complete(positionsAbove(best, saturationQps < highest ? fails - 1 : last));
  return finish(found, curve);

  function curveAt(k: number): Curve {
    const binding = grid.probeAt(k + 1)?.point.failedOn ?? 'queue';
    return { binding, slope: slopeAt(k, binding) };
  }

  /** From a probe a little below; as a sibling's where the same target binds both. */
  function slopeAt(k: number, binding: Curve['binding']): number | null {
    const below = k - SLOPE_STEPS;
    if (binding === null || binding === 'queue' || below < 0) return null;
    const known = grid.probeAt(below) !== undefined;
    if (!known && sibling?.binding === binding && sibling.replicas < numReplicas) return sibling.slope;
    if (!known) grid.passes(below);
    const target = context.targets.indexOf(binding);
    const shareAt = (at: number) => grid.probeAt(at)!.exceedance[target]!.share;
    return (shareAt(k) - shareAt(below)) / Math.log(grid.rateAt(k) / grid.rateAt(below));
  }
}

/** Grid steps (of about 1%) between the two probes that give the slope of the load curve. */
const SLOPE_STEPS = 5;

/**
 * Largest k that passes, given that 0 does and `fails` does not. From the guess outwards in doubling steps, then by
 * halves. Without a guess from just below `fails`: a probe that fails is stopped early and costs little, one that
 * passes runs to its end.
 */
function bisect(known: { fails: number; guess: number | null }, passes: (k: number) => boolean): number {
  let low = 0;
  let high = known.fails;
  const start = Math.min(Math.max(known.guess ?? high - 1, low + 1), high - 1);
  let step = known.guess === null ? 4 : 1;
  let k = start;
  while (high - low > 1 && k > low && k < high) {
    const passed = passes(k);
    if (passed) low = k;
    else high = k;
    // The first answer sets the direction; the first one that differs ends the galloping.
    const upwards = low >= start;
    if (passed !== upwards) break;
    k += passed ? step : -step;
    step *= 2;
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}
