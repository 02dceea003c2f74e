import { totalGpus } from '../engine/deployment';
import type { Objective } from './request';
import type { CandidateResult } from './result';

export interface Choice {
  readonly best: number | null;
  readonly tied: readonly number[];
  readonly budget: number | null;
  readonly premium: number | null;
  readonly frontier: readonly number[];
}

/** The recommendation, what ties with it, the budget and the premium option, and the frontier. All are configIds. */
export function choose(candidates: readonly CandidateResult[], objective: Objective): Choice {
  const feasible = candidates.filter(isChoosable);
  const { targetQps } = objective;
  const eligible = targetQps === null ? feasible : feasible.filter((c) => c.maxQps >= targetQps);
  const { best, tied } = rank(eligible, objective);
  return {
    best: best?.configId ?? null,
    tied: tied.map((c) => c.configId),
    budget: first(feasible, (a, b) => hourly(a) - hourly(b) || b.maxQps - a.maxQps)?.configId ?? null,
    premium: first(feasible, (a, b) => b.maxQps - a.maxQps || hourly(a) - hourly(b))?.configId ?? null,
    frontier: frontierOf(feasible).map((c) => c.configId),
  };
}

/** A candidate that meets every target at a known load and cost. */
type Choosable = CandidateResult & {
  readonly maxQps: number;
  readonly maxQpsInterval: readonly [number, number];
  readonly samplingInterval: readonly [number, number];
  readonly cost: NonNullable<CandidateResult['cost']>;
};

function isChoosable(c: CandidateResult): c is Choosable {
  const served = c.status === 'FEASIBLE' || c.status === 'CAPPED';
  return (
    served && c.maxQps !== null && c.maxQpsInterval !== null && c.samplingInterval !== null && c.cost !== null
  );
}

const hourly = (c: Choosable): number => c.cost.costPerHourUsd;

/** Ties go to the cheaper, then to fewer GPUs, then to the higher load, then to the earlier candidate. */
const byThrift = (a: Choosable, b: Choosable): number =>
  hourly(a) - hourly(b) ||
  totalGpus(a.deployment) - totalGpus(b.deployment) ||
  b.maxQps - a.maxQps ||
  a.configId - b.configId;

/**
 * The objective orders candidates by a score. The sampling interval of the top one decides what is as good by all that
 * the simulation can tell; among those thrift decides. All that the intervals leave open is called tied. A cost is
 * exact, so `min_cost` has ties only at equal cost.
 */
function rank(
  eligible: readonly Choosable[],
  objective: Objective,
): { best: Choosable | null; tied: Choosable[] } {
  if (objective.kind === 'min_cost') {
    const best = first(eligible, byThrift);
    return {
      best,
      tied: eligible.filter((c) => c !== best && best !== null && hourly(c) === hourly(best)).sort(byThrift),
    };
  }
  const perDollar = objective.kind === 'max_qps_per_dollar';
  const scale = (c: Choosable) => (perDollar ? 1 / hourly(c) : 1);
  const top = first(eligible, (a, b) => b.maxQps * scale(b) - a.maxQps * scale(a) || byThrift(a, b));
  if (top === null) return { best: null, tied: [] };
  const level = top.samplingInterval[0] * scale(top);
  const best = eligible.filter((c) => c === top || c.maxQps * scale(c) >= level).sort(byThrift)[0]!;
  const tied = eligible.filter((c) => c !== best && overlaps(c, best, scale)).sort(byThrift);
  return { best, tied };
}

/**
 * Whether the intervals leave open which of the two is better. Errors of the iteration times are the same for candidates
 * that use the same ones: there only sampling can mislead.
 */
function overlaps(a: Choosable, b: Choosable, scale: (c: Choosable) => number): boolean {
  const sameTimes = a.profile === b.profile && a.calibrationId === b.calibrationId;
  const [[lowA, highA], [lowB, highB]] = sameTimes
    ? [a.samplingInterval, b.samplingInterval]
    : [a.maxQpsInterval, b.maxQpsInterval];
  return lowA * scale(a) <= highB * scale(b) && lowB * scale(b) <= highA * scale(a);
}

/** Not dominated in (cost per hour ↓, max QPS ↑), by cost. */
function frontierOf(feasible: readonly Choosable[]): Choosable[] {
  const byCost = [...feasible].sort((a, b) => hourly(a) - hourly(b) || b.maxQps - a.maxQps || byThrift(a, b));
  let most = 0;
  return byCost.filter((c) => {
    if (c.maxQps <= most) return false;
    most = c.maxQps;
    return true;
  });
}

const first = <T>(items: readonly T[], order: (a: T, b: T) => number): T | null =>
  items.reduce<T | null>((best, item) => (best === null || order(item, best) < 0 ? item : best), null);
