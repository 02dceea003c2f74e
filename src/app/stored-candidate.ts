import type { Target } from '../core/search/request';
import type { CandidateResult, LoadPoint } from '../core/search/result';
import { targetKey } from '../core/search/target-label';
import type { CandidateDetail, CandidateRecord } from './ports/records';

/** Nothing of what is read only when asked for. */
export const NO_DETAIL: CandidateDetail = {
  targets: [],
  metrics: null,
  memory: null,
  overhead: null,
  uncalibrated: null,
};

/** What the search found, from its stored parts. `targets`: those of the request, which `binding` names one of. */
export function toCandidateResult(
  record: CandidateRecord,
  detail: CandidateDetail,
  loadCurve: readonly LoadPoint[],
  targets: readonly Target[],
): CandidateResult {
  const { maxQpsLow, maxQpsHigh, costPerHourUsd, timeRatioLow, timeRatioHigh } = record;
  const interval = pairOf(maxQpsLow, maxQpsHigh);
  return {
    configId: record.configId,
    deployment: record.deployment,
    status: record.status,
    reason: record.reason,
    basis: record.basis,
    profile: record.profileLabel,
    overhead: detail.overhead,
    memory: detail.memory,
    maxQps: record.maxQps,
    maxQpsInterval: interval,
    // Runs of engines before 1.2 have the sampling interval alone.
    samplingInterval: pairOf(record.samplingQpsLow, record.samplingQpsHigh) ?? interval,
    timeError:
      timeRatioLow === null || timeRatioHigh === null
        ? null
        : { lowRatio: timeRatioLow, highRatio: timeRatioHigh },
    calibrationId: record.calibrationId,
    uncalibrated: detail.uncalibrated,
    binding: bindingOf(record.binding, targets),
    targets: detail.targets,
    meetsAllTargets: record.meetsAllTargets,
    metrics: detail.metrics,
    loadCurve,
    cost:
      costPerHourUsd === null
        ? null
        : {
            costPerHourUsd,
            costPer1kRequestsUsd: record.costPer1kRequestsUsd,
            costPerMillionInputTokensUsd: record.costPerMillionInputTokensUsd,
            costPerMillionOutputTokensUsd: record.costPerMillionOutputTokensUsd,
            qpsPerDollar: record.qpsPerDollar,
            priceSource: record.priceSource ?? '',
          },
  };
}

const pairOf = (low: number | null, high: number | null): readonly [number, number] | null =>
  low === null || high === null ? null : [low, high];

/** `ttft_p95`, `queue`, or null. */
export const bindingKeyOf = (binding: Target | 'queue' | null): string | null =>
  binding === null || binding === 'queue' ? binding : targetKey(binding);

/** The target of this key. Throws when the request has none: the row is of another request. */
export function bindingOf(key: string | null, targets: readonly Target[]): Target | 'queue' | null {
  if (key === null || key === 'queue') return key;
  const target = targets.find((candidate) => targetKey(candidate) === key);
  if (target === undefined)
    throw new Error(`a stored candidate names the target ${key}, which its request does not have`);
  return target;
}
