import { costOf } from '../cost/cost-of';
import { priceOf } from '../cost/price-of';
import { totalGpus } from '../engine/deployment';
import { meanLengths } from '../engine/engine-defaults';
import { formatDuration } from '../report/format-number';
import { nextRate } from '../search/rate-grid';
import type { PlanRequest } from '../search/request';
import type { CandidateCost, CandidateResult } from '../search/result';
import { targetLabel } from '../search/target-label';
import { qpsInterval } from '../uncertainty/with-time-error';
import type { RerankChanges } from './changes';
import { changedRequest, sameTargets } from './changes';
import { type CurveReading, readCurve } from './read-curve';

/** A stored candidate under the changes. */
export interface Reranked {
  /** What a report can be made of. `metrics` is null where the load is no longer the one they were measured at. */
  readonly candidate: CandidateResult;
  /** See `CurveReading`; null where no load is known. */
  readonly bracketQps: readonly [number, number | null] | null;
  /** False where only a simulation can tell the status or the load. */
  readonly decided: boolean;
  /** Nothing was ever simulated of it that would tell. */
  readonly needsSimulation: boolean;
}

/** Ranks the candidates of one plan anew, one after the other. */
export function createReranker(request: PlanRequest, changes: RerankChanges) {
  const wanted = changedRequest(request, changes);
  const means = meanLengths(request.workload);
  const targetsStay = sameTargets(request.constraints.targets, wanted.constraints.targets);

  const costAt = (price: Pick<CandidateCost, 'costPerHourUsd' | 'priceSource'>, qps: number | null) =>
    costOf({
      costPerHourUsd: price.costPerHourUsd,
      priceSource: price.priceSource,
      qps,
      meanPromptTokens: means.promptTokens,
      meanOutputTokens: means.outputTokens,
    });

  /** Price without load; null: there is none. */
  function priceFor({ deployment: d, cost }: CandidateResult): CandidateCost | null {
    const { prices } = changes;
    if (prices === undefined) return cost;
    const price = priceOf({
      gpuId: d.gpuId,
      totalGpus: totalGpus(d),
      gpusPerReplica: d.tensorParallel * d.pipelineParallel,
      ...prices,
    });
    return price && costAt({ costPerHourUsd: price.costPerHourUsd, priceSource: price.source }, null);
  }

  return (stored: CandidateResult): Reranked => {
    const price = priceFor(stored);
    const cost = price && costAt(price, stored.maxQps);
    const settled = (parts: Partial<CandidateResult>): Reranked => ({
      candidate: { ...stored, cost, ...parts },
      bracketQps: null,
      decided: true,
      needsSimulation: false,
    });
    const unsimulated = (reason: string): Reranked => ({
      ...settled({ status: 'NOT_EVALUATED', reason }),
      decided: false,
      needsSimulation: true,
    });
    const { status } = stored;
    if (status === 'FAILED' || status === 'DOES_NOT_FIT') return settled({});
    if (status === 'INVALID') {
      const nowPriced =
        changes.prices !== undefined && price !== null && LACKS_PRICE.test(stored.reason ?? '');
      return nowPriced ? unsimulated('has a price now; it was never simulated') : settled({});
    }
    if (price === null) return settled({ ...NO_LOAD, status: 'INVALID', reason: noPrice(stored, wanted) });
    const { maxCostPerHourUsd: budget } = wanted.constraints;
    const overBudget = budget !== null && price.costPerHourUsd > budget;
    const overBudgetNow = () => ({
      status: 'OVER_BUDGET' as const,
      reason: overBudgetReason(price, budget!),
    });
    if (stored.loadCurve.length === 0 && status !== 'INFEASIBLE') {
      if (overBudget) return settled(overBudgetNow());
      if (status === 'NOT_EVALUATED') return unsimulated(stored.reason ?? 'was never simulated');
      return unsimulated(
        status === 'OVER_BUDGET'
          ? 'within the budget now; over it before, so it was never simulated'
          : 'its load curve is not there to read',
      );
    }
    const known = targetsStay ? asStored(stored, request) : fromCurve(stored, wanted);
    if (known === null) return unsimulated('the lowest rate of its load curve does not tell');
    const { candidate } = known;
    const served = price && costAt(price, candidate.maxQps);
    const limited = overBudget ? overBudgetNow() : belowMinimum(candidate, wanted);
    return { ...known, candidate: { ...candidate, cost: served, ...limited } };
  };
}

/** Of the planner's reason for a deployment without a price. */
const LACKS_PRICE = /^the price book has no /;

const NO_LOAD = {
  maxQps: null,
  maxQpsInterval: null,
  samplingInterval: null,
  binding: null,
  targets: [],
  meetsAllTargets: false,
  metrics: null,
} as const;

function noPrice({ deployment }: CandidateResult, { prices }: PlanRequest): string {
  const of = prices.provider === null ? 'any provider' : prices.provider;
  return `the price book has no ${prices.kind} price of ${deployment.gpuId} from ${of}; give one under prices.usd_per_gpu_hour`;
}

const overBudgetReason = ({ costPerHourUsd }: CandidateCost, budgetUsd: number): string =>
  `costs $${costPerHourUsd.toFixed(2)} per hour, over the budget of $${budgetUsd.toFixed(2)}`;

function belowMinimum(
  { maxQps }: CandidateResult,
  { constraints: { minQps } }: PlanRequest,
): Partial<CandidateResult> {
  if (minQps === null || maxQps === null || maxQps >= minQps) return {};
  return {
    status: 'BELOW_MIN_QPS',
    reason: `sustains ${Number(maxQps.toPrecision(3))} QPS, below min_qps ${minQps}`,
  };
}

/** The same targets, so what the search found stands; its status is without budget and least load again. */
function asStored(stored: CandidateResult, { rateRangeQps }: PlanRequest): Reranked {
  const { maxQps, loadCurve } = stored;
  const above = loadCurve.filter((p) => p.verdict === 'fail').map((p) => p.rateQps);
  const next = Math.min(...above.filter((rate) => rate > (maxQps ?? 0)));
  const capped = maxQps !== null && stored.binding === null;
  return {
    candidate: {
      ...stored,
      status: maxQps === null ? 'INFEASIBLE' : capped ? 'CAPPED' : 'FEASIBLE',
      reason: maxQps === null ? stored.reason : capped ? cappedReason(maxQps) : null,
    },
    bracketQps:
      maxQps === null ? null : [maxQps, capped ? maxQps : Math.min(next, nextRate(maxQps, rateRangeQps))],
    decided: true,
    needsSimulation: false,
  };
}

const cappedReason = (qps: number): string =>
  `still meets every target at ${Number(qps.toPrecision(3))} QPS, the end of the range: its maximum is higher`;

function fromCurve(stored: CandidateResult, wanted: PlanRequest): Reranked | null {
  // Saturated below the lowest rate: no target helps.
  if (stored.loadCurve.length === 0) return asStored(stored, wanted);
  const { targets } = wanted.constraints;
  const reading = readCurve(stored.loadCurve, targets, {
    rangeEndQps: wanted.rateRangeQps[1],
    saturatedQps: saturatedQpsOf(stored, wanted),
  });
  if (reading === null) return null;
  const { maxQps, capped, decided, binding } = reading;
  const same = maxQps === stored.maxQps;
  const sampling = maxQps === null ? null : samplingAt(maxQps, stored, capped);
  return {
    candidate: {
      ...stored,
      status: maxQps === null ? 'INFEASIBLE' : capped ? 'CAPPED' : 'FEASIBLE',
      reason: maxQps === null ? infeasibleReason(stored, reading) : capped ? cappedReason(maxQps) : null,
      maxQps,
      maxQpsInterval:
        maxQps === null || sampling === null || stored.timeError === null
          ? sampling
          : qpsInterval({
              maxQps,
              sampling,
              timeError: stored.timeError,
              loadCurve: stored.loadCurve,
              targets,
              rangeEndQps: wanted.rateRangeQps[1],
              capped,
            }),
      samplingInterval: sampling,
      uncalibrated: same ? stored.uncalibrated : null,
      binding: capped ? null : binding,
      targets: reading.targets,
      meetsAllTargets: maxQps !== null,
      metrics: same ? stored.metrics : null,
    },
    bracketQps: maxQps === null ? null : reading.bracketQps,
    decided,
    needsSimulation: false,
  };
}

/** Where the queue bound it, the next rate saturates it whatever the targets are; a search does not probe that one. */
const saturatedQpsOf = (
  { binding, maxQps }: CandidateResult,
  { rateRangeQps }: PlanRequest,
): number | null => (binding === 'queue' && maxQps !== null ? nextRate(maxQps, rateRangeQps) : null);

/** As wide, relative to the load, as the search found it: the noise of sampling, not what the curve leaves open. */
function samplingAt(
  maxQps: number,
  { maxQps: storedQps, samplingInterval }: CandidateResult,
  capped: boolean,
): readonly [number, number] {
  if (capped || storedQps === null || samplingInterval === null) return [maxQps, maxQps];
  if (maxQps === storedQps) return samplingInterval;
  return [(maxQps * samplingInterval[0]) / storedQps, (maxQps * samplingInterval[1]) / storedQps];
}

function infeasibleReason({ loadCurve }: CandidateResult, { binding, targets }: CurveReading): string {
  const lowestQps = Math.min(...loadCurve.map((point) => point.rateQps));
  const missed = targets.find(({ target }) => target === binding);
  const cause =
    missed === undefined
      ? 'requests pile up'
      : `${targetLabel(missed.target)} is ${
          Number.isFinite(missed.valueMs) ? formatDuration(missed.valueMs) : 'never reached'
        } against a target of ${formatDuration(missed.target.limitMs)}`;
  return `even at ${Number(lowestQps.toPrecision(3))} QPS, the lowest rate, ${cause}`;
}
