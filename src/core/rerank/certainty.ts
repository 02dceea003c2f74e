import { totalGpus } from '../engine/deployment';
import type { PlanRequest } from '../search/request';
import type { Reranked } from './rerank-candidate';

/**
 * Candidates other than `best` that could be the recommendation within what the load curves leave open: their best end
 * against the worst ends of the others. None where every load is known.
 */
export function couldWin(all: readonly Reranked[], best: number | null, request: PlanRequest): number[] {
  const ranges = all.map((reranked) => rangeOf(reranked, request)).filter((range) => range !== null);
  if (ranges.every((range) => range.known)) return [];
  const rivals =
    request.objective.kind === 'min_cost' ? cheapestPossible(ranges) : highestPossible(ranges, request);
  return rivals
    .map(({ configId }) => configId)
    .filter((configId) => configId !== best)
    .sort((a, b) => a - b);
}

/** True when the candidate is eligible whatever the curve leaves open. */
export function surelyEligible(reranked: Reranked, request: PlanRequest): boolean {
  return (rangeOf(reranked, request)?.lowQps ?? null) !== null;
}

/** What an eligible candidate may turn out to sustain. */
interface Range {
  readonly configId: number;
  readonly costPerHourUsd: number;
  readonly gpus: number;
  /** Null: it may turn out not to be eligible at all. */
  readonly lowQps: number | null;
  readonly highQps: number;
  /** Low end of the 90% sampling interval ÷ the load: what ties with it. */
  readonly tie: number;
  readonly known: boolean;
}

/** Null where the candidate can in no case be recommended. */
function rangeOf(reranked: Reranked, { constraints, objective, rateRangeQps }: PlanRequest): Range | null {
  const { candidate: c, bracketQps, decided, needsSimulation } = reranked;
  if (c.cost === null) return null;
  const least = Math.max(constraints.minQps ?? 0, objective.targetQps ?? 0);
  const base = {
    configId: c.configId,
    costPerHourUsd: c.cost.costPerHourUsd,
    gpus: totalGpus(c.deployment),
  };
  if (needsSimulation) {
    const highQps = rateRangeQps[1];
    return highQps < least ? null : { ...base, lowQps: null, highQps, tie: 1, known: false };
  }
  const simulated = c.status === 'FEASIBLE' || c.status === 'CAPPED' || c.status === 'BELOW_MIN_QPS';
  if (!simulated || c.maxQps === null) return null;
  const [low, high] = decided ? [c.maxQps, c.maxQps] : (bracketQps ?? [0, null]);
  const highQps = high ?? rateRangeQps[1];
  if (highQps < least) return null;
  const lowQps = low > 0 && low >= least ? low : null;
  const tie = c.samplingInterval === null ? 1 : c.samplingInterval[0] / c.maxQps;
  return { ...base, lowQps, highQps, tie, known: decided };
}

/** Eligible at best, and no thriftier one is eligible at worst. */
const cheapestPossible = (ranges: readonly Range[]): Range[] =>
  withoutBeaten(ranges, { worst: ({ lowQps }) => (lowQps === null ? -1 : 0), bar: () => 0 });

/**
 * The recommendation is the thriftiest of those that reach a level: the low end of the top one's interval. A candidate
 * can be it when its best end reaches the lowest level possible, and no thriftier one surely ties whenever it does.
 */
function highestPossible(ranges: readonly Range[], request: PlanRequest): Range[] {
  const perDollar = request.objective.kind === 'max_qps_per_dollar';
  const score = (qps: number, { costPerHourUsd }: Range) => (perDollar ? qps / costPerHourUsd : qps);
  const worst = (range: Range) => (range.lowQps === null ? -1 : score(range.lowQps, range));
  const best = (range: Range) => score(range.highQps, range);
  const floor = ranges.reduce((most, range) => Math.max(most, worst(range)), 0);
  const tops = ranges.filter((range) => best(range) >= floor);
  const lowestLevel = tops.reduce((least, range) => Math.min(least, range.tie * floor), floor);
  const highestLevel = tops.reduce((most, range) => Math.max(most, range.tie * best(range)), 0);
  return withoutBeaten(
    ranges.filter((range) => best(range) >= lowestLevel),
    { worst, bar: (range) => Math.min(best(range), highestLevel) },
  );
}

/** Leaves out those of which a thriftier one is surely over their bar; of equals, those with surely less load. */
function withoutBeaten(
  ranges: readonly Range[],
  { worst, bar }: { worst: (range: Range) => number; bar: (range: Range) => number },
): Range[] {
  const thrifty = [...ranges].sort(
    (a, b) => byThrift(a, b) || (b.lowQps ?? -1) - (a.lowQps ?? -1) || a.configId - b.configId,
  );
  let strongest = -1;
  let first: Range | null = null;
  let ofGroup = -1;
  return thrifty.filter((range) => {
    if (first === null || byThrift(first, range) !== 0) {
      strongest = Math.max(strongest, ofGroup);
      first = range;
      ofGroup = -1;
    }
    ofGroup = Math.max(ofGroup, worst(range));
    // The first of a group surely serves most of it, or nothing of the group is sure.
    return !(range !== first && outserves(first, range)) && strongest < bar(range);
  });
}

/** At equal thrift more load decides, then the earlier candidate. */
function outserves({ lowQps, configId }: Range, range: Range): boolean {
  if (lowQps === null || lowQps < range.highQps) return false;
  return lowQps > range.highQps || configId < range.configId;
}

/** Cheaper, then fewer GPUs. Equals are decided by their loads, which may not be known. */
const byThrift = (a: Range, b: Range): number => a.costPerHourUsd - b.costPerHourUsd || a.gpus - b.gpus;
