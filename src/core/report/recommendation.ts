import { totalGpus } from '../engine/deployment';
import type { CandidateResult, PlanResult } from '../search/result';
import { adviseWhenNothingFits } from './advise';
import { candidateOf, isFeasible } from './candidates';
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
    const none = `None of ${plural(result.candidates.length, 'candidate')} meets every constraint`;
    if (first === undefined) return `${none}.`;
    return `${none}. ${first.sentence}`;
  }
  const feasible = result.candidates.filter(isFeasible).length;
  return (
    `Use ${best.deployment.gpuId} (x${totalGpus(best.deployment)}) with the ${SCHEDULER_NAMES[best.deployment.scheduler]} scheduler: ` +
    `${servedQps(best)} QPS${price(best)}, ${OBJECTIVE_LABELS[result.request.objective.kind]} among ` +
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
    `${servedQps(best)} QPS${targets}${price(best)}, and has ${OBJECTIVE_LABELS[result.request.objective.kind]}` +
    `${perDollar(best)} of the ${plural(feasible, 'candidate')} that meet${feasible === 1 ? 's' : ''} every constraint.`
  );
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
