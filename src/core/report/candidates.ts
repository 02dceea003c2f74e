import type { CandidateResult, CandidateStatus, PlanResult } from '../search/result';

/** The candidate of a configId; null for null. An id that is not in the plan is a bug of the search. */
export function candidateOf(result: PlanResult, configId: number | null): CandidateResult | null {
  if (configId === null) return null;
  const candidate = result.candidates.find((c) => c.configId === configId);
  if (candidate === undefined)
    throw new Error(`plan names configId ${configId}, which is not among its candidates`);
  return candidate;
}

/** True for the only two statuses that can be recommended. */
export function isFeasible(candidate: Pick<CandidateResult, 'status'>): boolean {
  return candidate.status === 'FEASIBLE' || candidate.status === 'CAPPED';
}

/** The rate at which a candidate's metrics and target outcomes were taken, requests/s; null when nothing was simulated. */
export function measuredAtQps(candidate: CandidateResult, result: PlanResult): number | null {
  if (candidate.metrics === null && candidate.targets.length === 0) return null;
  if (candidate.maxQps !== null) return candidate.maxQps;
  const rates = candidate.loadCurve.map((point) => point.rateQps);
  return rates.length === 0 ? result.request.rateRangeQps[0] : Math.min(...rates);
}

/** The smallest slack over all targets; negative when one is missed, null when there is none. */
export function worstSlack(candidate: CandidateResult): number | null {
  // NaN is the slack of a latency that no request had.
  const slacks = candidate.targets.map((outcome) => outcome.slack).filter((slack) => !Number.isNaN(slack));
  return slacks.length === 0 ? null : Math.min(...slacks);
}

export function countWithStatus(result: PlanResult, status: CandidateStatus): number {
  return result.candidates.filter((candidate) => candidate.status === status).length;
}

/** The latency limits hold, the load is enough and the price is within the budget, as far as the search knows. */
export function withinBudget(candidate: CandidateResult, result: PlanResult): boolean {
  const budget = result.request.constraints.maxCostPerHourUsd;
  return budget === null || candidate.cost === null || candidate.cost.costPerHourUsd <= budget;
}
