import { totalGpus } from '../engine/deployment';
import type { CandidateResult, PlanResult } from '../search/result';
import { type Advice, relativeChange } from './advice';
import { isFeasible, withinBudget } from './candidates';
import { formatQps, formatUsd, plural } from './format-number';
import { deploymentLabel } from './names';
import { roundLimitDown, roundLimitUp } from './round-limit';

/** The budget that would be needed, against the one given; certain only where candidates over budget were simulated. */
export function adviseBudget(result: PlanResult): Advice[] {
  const { maxCostPerHourUsd: budget, minQps } = result.request.constraints;
  const over = result.candidates.filter((c) => c.status === 'OVER_BUDGET' && Number.isFinite(costOf(c)));
  if (budget === null || over.length === 0) return [];
  const proven = over.filter(
    (c) => c.maxQps !== null && c.meetsAllTargets && (minQps === null || c.maxQps >= minQps),
  );
  const certain = proven.length > 0;
  // Simulated ones that fail something else are no reason to spend more.
  const hopeful = certain ? proven : over.filter((c) => c.maxQps === null && c.metrics === null);
  const cheapest = minBy(hopeful, costOf);
  if (cheapest === null) return [];
  const to = roundLimitUp(costOf(cheapest));
  const admits = hopeful.filter((c) => costOf(c) <= to).length;
  const outcome = certain
    ? `admits ${plural(admits, 'candidate')} that meet${admits === 1 ? 's' : ''} the rest`
    : `brings ${plural(admits, 'candidate')} within the budget, not simulated yet`;
  return [
    {
      changes: [{ key: 'max_cost_per_hour', from: budget, to }],
      admits,
      certain,
      relativeChange: relativeChange(budget, to),
      sentence:
        `Raising max_cost_per_hour from ${budget} to ${to} ${outcome}; the cheapest is #${cheapest.configId}: ` +
        `${deploymentLabel(cheapest.deployment)}, at ${formatUsd(costOf(cheapest))}/h.`,
    },
  ];
}

/** The QPS that the closest candidate does reach, and the replicas it would take to reach min_qps. */
export function adviseMinQps(result: PlanResult): Advice[] {
  const below = result.candidates.filter((c) => c.status === 'BELOW_MIN_QPS' && withinBudget(c, result));
  return adviseLoad('min_qps', result.request.constraints.minQps, below, result);
}

/** The same where candidates are feasible but none serves the load that `min_cost` is to serve. */
export function adviseTargetQps(result: PlanResult): Advice[] {
  return adviseLoad(
    'target_qps',
    result.request.objective.targetQps,
    result.candidates.filter(isFeasible),
    result,
  );
}

function adviseLoad(
  key: 'min_qps' | 'target_qps',
  wanted: number | null,
  candidates: readonly CandidateResult[],
  result: PlanResult,
): Advice[] {
  const closest = minBy(candidates, (c) => -(c.maxQps ?? 0));
  const reached = closest?.maxQps ?? 0;
  if (wanted === null || closest === null || !(reached > 0) || reached >= wanted) return [];
  const to = roundLimitDown(reached);
  const admits = candidates.filter((c) => c.maxQps !== null && c.maxQps >= to).length;
  const lower: Advice = {
    changes: [{ key, from: wanted, to }],
    admits,
    certain: true,
    relativeChange: relativeChange(wanted, to),
    sentence:
      `Lowering ${key} from ${wanted} to ${to} admits ${plural(admits, 'candidate')}; the closest is ` +
      `#${closest.configId}: ${deploymentLabel(closest.deployment)}, with ${formatQps(reached)} QPS.`,
  };
  return [lower, ...moreReplicas(closest, reached, { key, wanted }, result)];
}

/** Beyond this, more of the same is no advice. */
const MOST_TIMES_REPLICAS = 100;

/** Load is shared evenly by replicas, so QPS grows with their number; latency at the same load per replica does not. */
function moreReplicas(
  candidate: CandidateResult,
  maxQps: number,
  { key, wanted }: { readonly key: string; readonly wanted: number },
  result: PlanResult,
): Advice[] {
  const { numReplicas } = candidate.deployment;
  const needed = Math.max(Math.ceil((wanted * numReplicas) / maxQps), numReplicas + 1);
  if (needed > numReplicas * MOST_TIMES_REPLICAS) return [];
  const cost = Number.isFinite(costOf(candidate)) ? (costOf(candidate) * needed) / numReplicas : null;
  const budget = result.request.constraints.maxCostPerHourUsd;
  const budgetNote =
    cost === null || budget === null
      ? ''
      : cost <= budget
        ? ', within the budget'
        : `, over the budget of ${formatUsd(budget)}/h`;
  const gpus = (totalGpus(candidate.deployment) * needed) / numReplicas;
  return [
    {
      changes: [{ key: 'num_replicas', from: numReplicas, to: needed }],
      admits: 0,
      certain: false,
      relativeChange: relativeChange(numReplicas, needed),
      sentence:
        `Running #${candidate.configId} with ${needed} replicas instead of ${numReplicas} (${plural(gpus, 'GPU')}` +
        `${cost === null ? '' : `, about ${formatUsd(cost)}/h${budgetNote}`}) should reach ${key} ${formatQps(wanted)}; not simulated yet.`,
    },
  ];
}

/** Candidates that cannot keep up even at the lowest rate: no latency limit admits them, only less load per replica. */
export function adviseSaturation(result: PlanResult): Advice[] {
  const lowest = result.request.rateRangeQps[0];
  const saturated = result.candidates.filter(
    (c) =>
      c.status === 'INFEASIBLE' &&
      (c.binding === 'queue' || c.targets.some((o) => o.valueMs === Number.POSITIVE_INFINITY)),
  );
  const served = (c: CandidateResult) => c.metrics?.throughput.requestsPerS ?? 0;
  const best = minBy(saturated, (c) => -served(c));
  if (best === null || !(served(best) > 0) || served(best) >= lowest) return [];
  const to = roundLimitDown(served(best));
  return [
    {
      changes: [{ key: 'arrival_rate_range', from: lowest, to }],
      admits: 0,
      certain: false,
      relativeChange: relativeChange(lowest, to),
      sentence:
        `${plural(saturated.length, 'candidate')} cannot keep up even at ${formatQps(lowest)} QPS; the fastest of them ` +
        `completes ${formatQps(served(best))} requests/s. Starting arrival_rate_range at ${to} or less, or listing more ` +
        `num_replicas, would show what they do sustain.`,
    },
  ];
}

function costOf(candidate: CandidateResult): number {
  return candidate.cost?.costPerHourUsd ?? Number.NaN;
}

function minBy<T>(items: readonly T[], value: (item: T) => number): T | null {
  return items.reduce<T | null>(
    (best, next) => (best === null || value(next) < value(best) ? next : best),
    null,
  );
}
