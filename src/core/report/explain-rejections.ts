import type { Objective } from '../search/request';
import {
  CANDIDATE_STATUSES,
  type CandidateResult,
  type CandidateStatus,
  type PlanResult,
} from '../search/result';
import { candidateOf, isFeasible, worstSlack } from './candidates';
import { formatPercent, formatQps, formatUsd } from './format-number';
import { bindingLabel } from './names';

export interface StatusCount {
  readonly status: CandidateStatus;
  readonly count: number;
  /** Most frequent first; reasons that differ only in their numbers are one, told by an example. */
  readonly reasons: readonly { readonly count: number; readonly text: string }[];
}

/** How many candidates ended in each status, with why. Statuses that did not occur are left out. */
export function countByStatus(result: PlanResult): StatusCount[] {
  return CANDIDATE_STATUSES.map((status) => {
    const candidates = result.candidates.filter((candidate) => candidate.status === status);
    return { status, count: candidates.length, reasons: frequentReasons(candidates) };
  }).filter(({ count }) => count > 0);
}

function frequentReasons(candidates: readonly CandidateResult[]): StatusCount['reasons'] {
  const groups = new Map<string, CandidateResult[]>();
  for (const candidate of candidates) {
    if (candidate.reason === null) continue;
    const key = reasonGroup(candidate, candidate.reason);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [candidate]);
    else group.push(candidate);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((group) => {
      // The nearest to success is the most useful example.
      const example = [...group].sort(nearestFirst)[0];
      const distinct = new Set(group.map((candidate) => candidate.reason)).size;
      return { count: group.length, text: `${distinct > 1 ? 'e.g. ' : ''}${example?.reason ?? ''}` };
    });
}

function reasonGroup(candidate: CandidateResult, reason: string): string {
  if (candidate.status === 'INFEASIBLE' && candidate.binding !== null) return bindingLabel(candidate.binding);
  return reason.replace(/\d[\d.,]*/g, '#');
}

export interface GpuVerdict {
  readonly gpuId: string;
  /** The best candidate of this GPU by the objective, or, where none is feasible, the one nearest to it. */
  readonly candidate: CandidateResult;
  /** Why it is not the recommendation; null for the recommendation itself. */
  readonly why: string | null;
}

/** For each GPU type, in the order of the request: its best candidate and why that one lost. */
export function verdictPerGpu(result: PlanResult): GpuVerdict[] {
  const best = candidateOf(result, result.best);
  const gpuIds = [...new Set(result.candidates.map((candidate) => candidate.deployment.gpuId))];
  return gpuIds.flatMap((gpuId): GpuVerdict[] => {
    const ofGpu = result.candidates.filter((candidate) => candidate.deployment.gpuId === gpuId);
    if (best !== null && ofGpu.includes(best)) return [{ gpuId, candidate: best, why: null }];
    const feasible = ofGpu.filter(isFeasible).sort(byObjective(result.request.objective))[0];
    if (feasible !== undefined && best !== null)
      return [{ gpuId, candidate: feasible, why: whyItLost(feasible, best, result) }];
    const nearest = [...ofGpu].sort(nearestFirst)[0];
    return nearest === undefined
      ? []
      : [{ gpuId, candidate: nearest, why: nearest.reason ?? nearest.status }];
  });
}

function byObjective(objective: Objective): (a: CandidateResult, b: CandidateResult) => number {
  const cost = (c: CandidateResult) => c.cost?.costPerHourUsd ?? Number.MAX_VALUE;
  const qps = (c: CandidateResult) => c.maxQps ?? 0;
  const enough = (c: CandidateResult) =>
    Number(objective.targetQps === null || qps(c) >= objective.targetQps);
  switch (objective.kind) {
    case 'max_qps':
      return (a, b) => qps(b) - qps(a) || cost(a) - cost(b);
    case 'max_qps_per_dollar':
      return (a, b) => (b.cost?.qpsPerDollar ?? 0) - (a.cost?.qpsPerDollar ?? 0) || cost(a) - cost(b);
    case 'min_cost':
      return (a, b) => enough(b) - enough(a) || cost(a) - cost(b) || qps(b) - qps(a);
  }
}

function whyItLost(loser: CandidateResult, best: CandidateResult, result: PlanResult): string {
  if (result.tied.includes(loser.configId))
    return 'tied within the interval; the recommendation is cheaper or needs fewer GPUs';
  const { objective } = result.request;
  if (objective.kind === 'max_qps') {
    return `${shortOf(loser.maxQps, best.maxQps)} QPS (${formatQps(loser.maxQps)} against ${formatQps(best.maxQps)})`;
  }
  if (objective.kind === 'max_qps_per_dollar') {
    const [mine, theirs] = [loser.cost?.qpsPerDollar ?? null, best.cost?.qpsPerDollar ?? null];
    if (mine === null) return 'no price is known for it';
    return `${shortOf(mine, theirs)} QPS per dollar (${formatQps(mine)} against ${formatQps(theirs)})`;
  }
  if (objective.targetQps !== null && (loser.maxQps ?? 0) < objective.targetQps) {
    return `sustains ${formatQps(loser.maxQps)} of the ${formatQps(objective.targetQps)} QPS asked for`;
  }
  if (loser.cost === null || best.cost === null) return 'no price is known for it';
  return `costs ${formatUsd(loser.cost.costPerHourUsd)}/h against ${formatUsd(best.cost.costPerHourUsd)}/h`;
}

/** `40% fewer`; a loser that is not worse in the number lost on a tie-break. */
function shortOf(mine: number | null, theirs: number | null): string {
  const gap = theirs === null || theirs === 0 || mine === null ? 0 : 1 - mine / theirs;
  return gap > 0 ? `${formatPercent(gap)} fewer` : 'not clearly more';
}

const NEARNESS: readonly CandidateStatus[] = [
  'FEASIBLE',
  'CAPPED',
  'BELOW_MIN_QPS',
  'OVER_BUDGET',
  'INFEASIBLE',
  'NOT_EVALUATED',
  'DOES_NOT_FIT',
  'INVALID',
  'FAILED',
];

/** Sorts by how little is missing: first by status, then by QPS, by the worst miss, by cost. */
function nearestFirst(a: CandidateResult, b: CandidateResult): number {
  // Saturation is further away than any missed limit: its targets may all be met.
  const slack = (c: CandidateResult) =>
    c.binding === 'queue' ? -Number.MAX_VALUE : Math.max(worstSlack(c) ?? 0, -Number.MAX_VALUE);
  return (
    NEARNESS.indexOf(a.status) - NEARNESS.indexOf(b.status) ||
    (b.maxQps ?? 0) - (a.maxQps ?? 0) ||
    slack(b) - slack(a) ||
    (a.cost?.costPerHourUsd ?? 0) - (b.cost?.costPerHourUsd ?? 0) ||
    a.configId - b.configId
  );
}
