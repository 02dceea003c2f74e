import type { FamilyMember } from './family';
import type { Probe } from './probe';
import type { LoadPoint } from './result';
import type { SharedProbes } from './shared-probes';

/** Ratio of neighbouring rates of the grid that all candidates are searched on: the tolerance of `maxQps`. */
export const RATE_STEP = 1.01;

/** The rates that a member is searched on, numbered from 0 (the lowest) to `last`, and what its probes found there. */
export interface RateGrid {
  readonly last: number;
  rateAt(k: number): number;
  /** Where a rate lies, not rounded. */
  positionOf(qps: number): number;
  /** Probes position k: true when every target holds there. */
  passes(k: number): boolean;
  /** Sees to it that these positions have probes that ran to their end. */
  complete(positions: readonly number[]): void;
  /** The probe of position k so far; undefined when there was none. */
  probeAt(k: number): Probe | undefined;
  /** The lowest position whose probe failed; Infinity when none did. */
  lowestFailure(): number;
  /** What every probe so far found, by rate. */
  points(): LoadPoint[];
}

/** The position of the highest rate; that of the lowest is 0. */
const lastPosition = ([lowest, highest]: readonly [number, number]): number =>
  Math.max(0, Math.ceil(Math.log(highest / lowest) / Math.log(RATE_STEP)));

/** The rate of the grid over a range that comes after one of its rates. */
export function nextRate(qps: number, range: readonly [number, number]): number {
  const last = lastPosition(range);
  return last === 0 ? qps : qps * (range[1] / range[0]) ** (1 / last);
}

export function createRateGrid(
  [lowest, highest]: readonly [number, number],
  member: FamilyMember,
  shared: SharedProbes,
): RateGrid {
  const last = lastPosition([lowest, highest]);
  const rateAt = (k: number) => (last === 0 ? lowest : lowest * (highest / lowest) ** (k / last));
  const tried = new Map<number, Probe>();
  const probe = (k: number, complete: boolean): Probe => {
    const found = shared.probe(member, rateAt(k), { complete });
    tried.set(k, found);
    return found;
  };
  return {
    last,
    rateAt,
    positionOf: (qps) => (Math.log(qps / lowest) / Math.log(highest / lowest)) * last,
    // The lowest rate's quantiles tell how far an infeasible candidate is from its targets.
    passes: (k) => probe(k, k === 0).point.verdict === 'pass',
    complete(positions) {
      for (const k of positions) if (tried.get(k)?.point.stoppedEarly !== false) probe(k, true);
    },
    probeAt: (k) => tried.get(k),
    lowestFailure() {
      let first = Number.POSITIVE_INFINITY;
      for (const [k, { point }] of tried) if (point.verdict === 'fail' && k < first) first = k;
      return first;
    },
    points: () => [...tried.entries()].sort(([a], [b]) => a - b).map(([, { point }]) => point),
  };
}
