import type { CandidateRecord, FrontierRecord } from '../../../app/ports/records';
import type { Deployment } from '../../../core/engine/deployment';
import { tokenBudget } from '../../../core/engine/engine-defaults';
import type { LoadPoint } from '../../../core/search/result';
import { latencyIntervals } from '../../../core/uncertainty/latency-intervals';
import type {
  Candidate,
  CandidateConfig,
  CandidateCost,
  FrontierPoint,
  LatencyInterval,
  Performance,
} from '../types/candidate';
import { finite } from './finite';
import { candidateId } from './ids';

/**
 * A stored candidate as the API shows it. Lists of candidates are what dashboards ask for most: all is made here at
 * once, so that every field is a plain property.
 */
export function toCandidate(record: CandidateRecord): Candidate {
  return {
    id: candidateId(record),
    runId: record.runId,
    configId: record.configId,
    status: record.status,
    reason: record.reason,
    basis: record.basis,
    profileLabel: record.profileLabel,
    meetsAllTargets: record.meetsAllTargets,
    config: toConfig(record.deployment),
    performance: toPerformance(record),
    cost: toCost(record),
    calibrationId: record.calibrationId,
  };
}

export function toConfig(d: Deployment): CandidateConfig {
  const numGpusPerReplica = d.tensorParallel * d.pipelineParallel;
  return {
    gpuType: d.gpuId,
    numGpusPerReplica,
    tensorParallel: d.tensorParallel,
    pipelineParallel: d.pipelineParallel,
    numReplicas: d.numReplicas,
    totalGpus: numGpusPerReplica * d.numReplicas,
    scheduler: d.scheduler,
    maxBatchSize: d.maxBatchSize,
    maxBatchedTokens: tokenBudget(d),
    chunkSize: d.chunkTokens,
    blockSize: d.blockTokens,
    numGpuBlocks: d.numGpuBlocks,
    gpuMemoryUtilization: d.gpuMemoryUtilization,
    watermark: d.watermark,
    maxModelLen: d.maxModelTokens,
    routing: d.routing,
  };
}

function toPerformance(record: CandidateRecord): Performance {
  const { timeRatioLow, timeRatioHigh } = record;
  return {
    maxSustainableQps: record.maxQps,
    maxSustainableQpsInterval: toInterval(record.maxQpsLow, record.maxQpsHigh),
    samplingInterval: toInterval(record.samplingQpsLow, record.samplingQpsHigh),
    timeError:
      timeRatioLow === null || timeRatioHigh === null
        ? null
        : { lowRatio: timeRatioLow, highRatio: timeRatioHigh },
    bindingTarget: record.binding,
    p50LatencyMs: finite(record.e2eP50Ms),
    p95LatencyMs: finite(record.e2eP95Ms),
    p99LatencyMs: finite(record.e2eP99Ms),
    p95TtftMs: finite(record.ttftP95Ms),
    p99TbtMs: finite(record.tbtP99Ms),
    meanMfu: finite(record.mfu),
    meanMemoryUtil: finite(record.memoryUtilization),
    prefixCacheHitRate: finite(record.prefixCacheHitRate),
  };
}

const toInterval = (lowQps: number | null, highQps: number | null) =>
  lowQps === null || highQps === null ? null : { lowQps, highQps };

/** At the maximum sustainable QPS. */
export function toLatencyIntervals(
  { maxSustainableQps: maxQps, samplingInterval, timeError }: Performance,
  loadCurve: readonly LoadPoint[],
): LatencyInterval[] {
  const sampling = samplingInterval && ([samplingInterval.lowQps, samplingInterval.highQps] as const);
  const intervals = latencyIntervals({ maxQps, samplingInterval: sampling, timeError, loadCurve }, maxQps);
  return (intervals ?? []).map(({ metric, quantile, interval }) => ({
    metric: metric.slice(0, -'Ms'.length),
    percentile: Number(quantile.slice(1)),
    lowMs: finite(interval?.[0] ?? null),
    highMs: finite(interval?.[1] ?? null),
  }));
}

function toCost(record: CandidateRecord): CandidateCost | null {
  const { costPerHourUsd } = record;
  if (costPerHourUsd === null) return null;
  return {
    costPerHourUsd,
    costPer1kRequestsUsd: record.costPer1kRequestsUsd,
    costPerMillionInputTokensUsd: record.costPerMillionInputTokensUsd,
    costPerMillionOutputTokensUsd: record.costPerMillionOutputTokensUsd,
    qpsPerDollar: record.qpsPerDollar,
    priceSource: record.priceSource ?? '',
  };
}

/** A candidate of a frontier: it has a load and a price. */
export const toFrontierPoint = (
  record: FrontierRecord,
  candidate: () => Promise<Candidate>,
): FrontierPoint => ({
  configId: record.configId,
  maxQps: record.maxQps,
  costPerHourUsd: record.costPerHourUsd,
  qpsPerDollar: record.qpsPerDollar,
  gpuType: record.gpuId,
  totalGpus: record.totalGpus,
  candidate,
});
