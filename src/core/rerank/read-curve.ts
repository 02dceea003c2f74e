import { RATE_STEP } from '../search/rate-grid';
import type { Target } from '../search/request';
import type { LoadPoint, TargetOutcome } from '../search/result';
import { quantileOf } from '../search/target-label';

/** What a stored load curve says of the maximum under other targets than those it was searched with. */
export interface CurveReading {
  /** Best guess of the maximum, requests/s; null: a target is missed, or the queue grows, even at the lowest rate. */
  readonly maxQps: number | null;
  /**
   * A new search would find its maximum from the first to below the second. 0: the curve does not show that any rate
   * holds. Null as the second: no rate of the curve surely fails.
   */
  readonly bracketQps: readonly [number, number | null];
  /** The bracket is so narrow that a new search has nothing to add. */
  readonly decided: boolean;
  /** It passes at the end of the range. */
  readonly capped: boolean;
  /** What gives first above the maximum; null where nothing of the curve tells. */
  readonly binding: Target | 'queue' | null;
  /** At the maximum, between two points interpolated; without one at the lowest rate. */
  readonly targets: readonly TargetOutcome[];
}

/** Brackets up to this ratio count as decided: the grid has steps of 1%. */
const DECIDED_RATIO = 1.03;

/**
 * Null where the curve says nothing: it is empty, or its lowest rate was not simulated to the end. `saturatedQps` is a rate
 * at which the queue is known to grow though no point of the curve shows it; null: none is known.
 */
export function readCurve(
  curve: readonly LoadPoint[],
  targets: readonly Target[],
  { rangeEndQps, saturatedQps }: { rangeEndQps: number; saturatedQps: number | null },
): CurveReading | null {
  const points = [...curve].sort((a, b) => a.rateQps - b.rateQps);
  const lowest = points[0];
  if (lowest === undefined) return null;
  const verdicts = points.map((point) => verdictOf(point, targets));
  const firstFail = verdicts.indexOf('fails');
  const failing = points[firstFail];
  if (firstFail === 0) return infeasible(lowest, targets);
  const fails = Math.min(failing?.rateQps ?? Infinity, saturatedQps ?? Infinity);
  // The rates that hold for sure, up to the first of which that cannot be said.
  const sure = verdicts.findIndex((verdict) => verdict !== 'passes');
  const low = points[(sure < 0 ? points.length : sure) - 1]?.rateQps ?? 0;
  const from = points.findLast(
    ({ rateQps }, i) => rateQps < fails && (verdicts[i] === 'passes' || verdicts[i] === 'perhaps'),
  );
  if (from === undefined) return null;
  const capped = fails === Infinity && from.rateQps >= rangeEndQps * (1 - 1e-9);
  const high = fails < Infinity ? fails : capped ? rangeEndQps : null;
  const next = points.slice(points.indexOf(from) + 1).find((point) => !point.stoppedEarly);
  const crossing = crossingOf(from, next, targets);
  const limit = fails === Infinity ? from.rateQps : fails / RATE_STEP;
  const maxQps = Math.max(from.rateQps, Math.min(crossing.rateQps, limit));
  const decided = high !== null && low > 0 && high / low <= DECIDED_RATIO;
  const failsOn =
    failing?.rateQps === fails ? bindingAt(failing, targets) : fails < Infinity ? 'queue' : null;
  return {
    maxQps,
    bracketQps: [low, high],
    decided,
    capped,
    binding: decided ? failsOn : (crossing.target ?? failsOn),
    targets: targets.map((target) => outcomeOf(target, valueAt(maxQps, from, next, target), true)),
  };
}

type Verdict =
  | 'passes'
  | 'fails'
  /** Meets the targets, but as it missed one when it was judged, whether its queue grew was not noted. */
  | 'perhaps'
  /** Stopped early, for a reason that no longer holds. */
  | 'unknown';

function verdictOf(point: LoadPoint, targets: readonly Target[]): Verdict {
  if (point.failedOn === 'queue') return 'fails';
  if (point.stoppedEarly) return tighterThanMissed(point, targets) === undefined ? 'unknown' : 'fails';
  if (targets.some((target) => quantileOf(point, target) > target.limitMs)) return 'fails';
  return point.verdict === 'pass' ? 'passes' : 'perhaps';
}

/** A target that is missed because the one the probe was stopped for was: as tight, or tighter. */
function tighterThanMissed({ failedOn }: LoadPoint, targets: readonly Target[]): Target | undefined {
  if (failedOn === null || failedOn === 'queue') return undefined;
  return targets.find(
    (target) =>
      target.metric === failedOn.metric &&
      target.quantile >= failedOn.quantile &&
      target.limitMs <= failedOn.limitMs,
  );
}

/** The target missed most; else the queue. */
function bindingAt(point: LoadPoint, targets: readonly Target[]): Target | 'queue' {
  if (point.stoppedEarly) return tighterThanMissed(point, targets) ?? 'queue';
  let worst: Target | 'queue' = 'queue';
  let ratio = 1;
  for (const target of targets) {
    const excess = quantileOf(point, target) / target.limitMs;
    if (excess > ratio) [worst, ratio] = [target, excess];
  }
  return worst;
}

/** Where the first limit is crossed between two complete points, along straight lines of ln(latency) over ln(rate). */
function crossingOf(
  from: LoadPoint,
  to: LoadPoint | undefined,
  targets: readonly Target[],
): { rateQps: number; target: Target | null } {
  let first: { rateQps: number; target: Target | null } = { rateQps: from.rateQps, target: null };
  if (to === undefined) return first;
  for (const target of targets) {
    const [a, b] = [quantileOf(from, target), quantileOf(to, target)];
    if (!(b > target.limitMs)) continue;
    // Nothing finite to draw a line to, or nothing to draw it from: no further than the point that holds.
    const share = a > 0 && Number.isFinite(b) ? Math.log(target.limitMs / a) / Math.log(b / a) : 0;
    const rateQps = from.rateQps * (to.rateQps / from.rateQps) ** share;
    if (first.target === null || rateQps < first.rateQps) first = { rateQps, target };
  }
  return first;
}

/** A target's quantile at a rate between two complete points. */
function valueAt(rateQps: number, from: LoadPoint, to: LoadPoint | undefined, target: Target): number {
  const a = quantileOf(from, target);
  if (to === undefined || rateQps <= from.rateQps) return a;
  const b = quantileOf(to, target);
  if (!(a > 0) || !(b > 0) || !Number.isFinite(b)) return a;
  const share = Math.log(rateQps / from.rateQps) / Math.log(to.rateQps / from.rateQps);
  // Rounding must not carry the binding one over its limit.
  return Math.min(a * (b / a) ** share, target.limitMs);
}

function infeasible(lowest: LoadPoint, targets: readonly Target[]): CurveReading {
  return {
    maxQps: null,
    bracketQps: [0, lowest.rateQps],
    decided: true,
    capped: false,
    binding: bindingAt(lowest, targets),
    targets: lowest.stoppedEarly
      ? []
      : targets.map((target) => outcomeOf(target, quantileOf(lowest, target), false)),
  };
}

function outcomeOf(target: Target, valueMs: number, holds: boolean): TargetOutcome {
  // No value at all (one-token outputs have no gaps): nothing misses the target.
  if (Number.isNaN(valueMs)) return { target, valueMs, met: true, slack: 1 };
  return {
    target,
    valueMs,
    met: holds || valueMs <= target.limitMs,
    slack: (target.limitMs - valueMs) / target.limitMs,
  };
}
