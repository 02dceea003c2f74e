import { totalGpus } from '../engine/deployment';
import type { CandidateResult, PlanResult } from '../search/result';
import { adviseWhenNothingFits } from './advise';
import { candidateOf, countWithStatus, isFeasible } from './candidates';
import { formatQps, formatUsd, plural } from './format-number';
import {
  bindingLabel,
  deploymentLabel,
  gpuName,
  gpusLabel,
  OBJECTIVE_LABELS,
  replicas,
  SCHEDULER_NAMES,
} from './names';
import type { ReportContext } from './report-context';

/** The recommendation in one sentence. */
export function recommendationLine(result: PlanResult, context: ReportContext): string {
  const best = candidateOf(result, result.best);
  if (best === null) {
    const first = adviseWhenNothingFits(result, context.gpus)[0];
    const none = noneFitsSentence(result);
    return first === undefined ? none : `${none} ${first.sentence}`;
  }
  const feasible = result.candidates.filter(isFeasible).length;
  return (
    `Use ${best.deployment.gpuId} (x${totalGpus(best.deployment)}) with the ${SCHEDULER_NAMES[best.deployment.scheduler]} scheduler: ` +
    `${servedQps(best)} QPS${price(best)}, ${superlative(result)} among ` +
    `${plural(feasible, 'candidate')} that meet${feasible === 1 ? 's' : ''} every constraint`
  );
}

/** The recommendation in words: what to deploy and why, what it does not serve, what to take for less traffic. */
export function recommendationParagraphs(result: PlanResult, context: ReportContext): string[] {
  const best = candidateOf(result, result.best);
  if (best === null) return [recommendationLine(result, context)];
  const paragraphs = [
    whatToDeploy(best, result, context),
    headroom(best),
    shortOfRange(best, result),
    forLowerTraffic(best, result),
    forHigherTraffic(best, result),
  ];
  return paragraphs.filter((paragraph) => paragraph !== null);
}

function whatToDeploy(best: CandidateResult, result: PlanResult, context: ReportContext): string {
  const d = best.deployment;
  const feasible = result.candidates.filter(isFeasible).length;
  const targets = result.request.constraints.targets.length === 0 ? '' : ' with all targets met';
  return (
    `Deploy ${replicas(d)} of ${d.tensorParallel * d.pipelineParallel} × ${gpuName(d.gpuId, context)} (${plural(totalGpus(d), 'GPU')} in all) ` +
    `with the ${SCHEDULER_NAMES[d.scheduler]} scheduler and a maximum batch size of ${d.maxBatchSize}. It sustains ` +
    `${servedQps(best)} QPS${targets}${price(best)}, and has ${superlative(result)} of the ${plural(feasible, 'candidate')} that meet${feasible === 1 ? 's' : ''} every constraint${perDollar(best)}.`
  );
}

/** Within the interval, where others are tied with it: the cheaper one wins then, not the one with the better number. */
function superlative(result: PlanResult): string {
  const tied = result.tied.some((id) => id !== result.best);
  return `${OBJECTIVE_LABELS[result.request.objective.kind]}${tied ? ', within the interval,' : ''}`;
}

function headroom(best: CandidateResult): string | null {
  if (best.status === 'CAPPED') {
    return 'It was not saturated at the end of the rate range: the true maximum is higher. Raise arrival_rate_range to find it.';
  }
  const low = best.maxQpsInterval?.[0];
  if (low === undefined) return null;
  const first =
    best.binding === null ? '' : ` Beyond its maximum, ${bindingLabel(best.binding)} gives first.`;
  return `Plan to stay below ${formatQps(low)} QPS, the low end of its 90% interval.${first}`;
}

function shortOfRange(best: CandidateResult, result: PlanResult): string | null {
  const end = result.request.rateRangeQps[1];
  if (best.status === 'CAPPED' || best.maxQps === null || best.maxQps >= end) return null;
  const { numReplicas } = best.deployment;
  const needed = Math.ceil((end * numReplicas) / best.maxQps);
  const more =
    Number.isFinite(needed) && needed > numReplicas
      ? ` About ${needed} such replicas would (not simulated).`
      : '';
  return `It does not serve the whole range asked about: ${formatQps(best.maxQps)} of ${formatQps(end)} QPS.${more}`;
}

function forLowerTraffic(best: CandidateResult, result: PlanResult): string | null {
  const budget = candidateOf(result, result.budget);
  if (budget === null || budget === best || budget.maxQps === null || budget.maxQps >= (best.maxQps ?? 0))
    return null;
  return `For lower traffic (below ${formatQps(budget.maxQps)} QPS), ${gpusLabel(budget.deployment)} (#${budget.configId}) costs less${price(budget, ': ')}${perDollar(budget)}.`;
}

function forHigherTraffic(best: CandidateResult, result: PlanResult): string | null {
  const premium = candidateOf(result, result.premium);
  if (premium === null || premium === best || (premium.maxQps ?? 0) <= (best.maxQps ?? 0)) return null;
  return `For more traffic (up to ${servedQps(premium)} QPS), take #${premium.configId}: ${deploymentLabel(premium.deployment)}${price(premium)}${perDollar(premium)}.`;
}

/** Says of how many candidates nothing fits: of an interrupted search, only the ones it reached. */
export function noneFitsSentence(result: PlanResult): string {
  const all = result.candidates.length;
  const reached = all - countWithStatus(result, 'NOT_EVALUATED');
  if (result.candidates.some(isFeasible)) return 'No feasible candidate serves the load of the objective.';
  if (all === 1 && reached === 1) return 'The only candidate does not meet every constraint.';
  const of =
    reached === all
      ? `the ${all} candidates`
      : `the ${plural(reached, 'candidate')} evaluated so far (of ${all})`;
  return `None of ${of} meets every constraint.`;
}

/** `87.5`, or `at least 100` where the search stopped at the end of its range. */
export function servedQps(candidate: CandidateResult): string {
  return `${candidate.status === 'CAPPED' ? 'at least ' : ''}${formatQps(candidate.maxQps)}`;
}

function price(candidate: CandidateResult, before = ' at '): string {
  return candidate.cost === null ? '' : `${before}${formatUsd(candidate.cost.costPerHourUsd)}/h`;
}

function perDollar(candidate: CandidateResult): string {
  const value = candidate.cost?.qpsPerDollar ?? null;
  return value === null ? '' : ` (${formatQps(value)} QPS/$)`;
}
