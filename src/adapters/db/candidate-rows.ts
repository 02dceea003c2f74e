import type { CandidateDetail, CandidateRecord } from '../../app/ports/records';
import { bindingKeyOf } from '../../app/stored-candidate';
import type { Deployment, EngineSettings, SchedulerName } from '../../core/engine/deployment';
import { totalGpus } from '../../core/engine/deployment';
import type { CandidateResult, CandidateStatus, TimeBasis } from '../../core/search/result';
import { readJson, toStoredJson } from './stored-json';

// A candidate as columns, and back. What lists show are columns of their own; the rest is JSON, read one at a time.

/** The columns lists read. */
export interface CandidateRow {
  readonly run_id: string;
  readonly config_id: number;
  readonly workspace_id: string;
  readonly gpu_id: string;
  readonly tensor_parallel: number;
  readonly pipeline_parallel: number;
  readonly num_replicas: number;
  readonly total_gpus: number;
  readonly scheduler: SchedulerName;
  readonly max_batch_size: number;
  /** As JSON, or its text: see `settingsOf`. */
  readonly engine_settings: unknown;
  readonly status: CandidateStatus;
  readonly reason: string | null;
  readonly basis: TimeBasis | null;
  readonly profile_label: string | null;
  readonly max_qps: number | null;
  readonly max_qps_low: number | null;
  readonly max_qps_high: number | null;
  readonly sampling_qps_low: number | null;
  readonly sampling_qps_high: number | null;
  readonly time_ratio_low: number | null;
  readonly time_ratio_high: number | null;
  readonly calibration_id: string | null;
  readonly binding: string | null;
  readonly meets_all_targets: boolean;
  readonly cost_per_hour_usd: number | null;
  readonly cost_per_1k_requests_usd: number | null;
  readonly cost_per_million_input_tokens_usd: number | null;
  readonly cost_per_million_output_tokens_usd: number | null;
  readonly qps_per_dollar: number | null;
  readonly price_source: string | null;
  readonly e2e_p50_ms: number | null;
  readonly e2e_p95_ms: number | null;
  readonly e2e_p99_ms: number | null;
  readonly ttft_p95_ms: number | null;
  readonly tbt_p99_ms: number | null;
  readonly mfu: number | null;
  readonly memory_utilization: number | null;
  readonly prefix_cache_hit_rate: number | null;
}

/** The columns read for one candidate at a time. */
export interface CandidateDetailRow {
  readonly targets: unknown;
  readonly metrics: unknown;
  readonly memory: unknown;
  readonly overhead: unknown;
  readonly uncalibrated: unknown;
}

export const candidateListColumns = [
  'run_id',
  'config_id',
  'workspace_id',
  'gpu_id',
  'tensor_parallel',
  'pipeline_parallel',
  'num_replicas',
  'total_gpus',
  'scheduler',
  'max_batch_size',
  'engine_settings',
  'status',
  'reason',
  'basis',
  'profile_label',
  'max_qps',
  'max_qps_low',
  'max_qps_high',
  'sampling_qps_low',
  'sampling_qps_high',
  'time_ratio_low',
  'time_ratio_high',
  'calibration_id',
  'binding',
  'meets_all_targets',
  'cost_per_hour_usd',
  'cost_per_1k_requests_usd',
  'cost_per_million_input_tokens_usd',
  'cost_per_million_output_tokens_usd',
  'qps_per_dollar',
  'price_source',
  'e2e_p50_ms',
  'e2e_p95_ms',
  'e2e_p99_ms',
  'ttft_p95_ms',
  'tbt_p99_ms',
  'mfu',
  'memory_utilization',
  'prefix_cache_hit_rate',
] as const satisfies readonly (keyof CandidateRow)[];

export const candidateDetailColumns = [
  'targets',
  'metrics',
  'memory',
  'overhead',
  'uncalibrated',
] as const satisfies readonly (keyof CandidateDetailRow)[];

/** The columns lists read, of the table `c`. */
export const candidateSelectList = candidateListColumns
  .map((column) => (column === 'engine_settings' ? 'c.engine_settings::text' : `c.${column}`))
  .join(', ');

/** Every column, in the order in which rows are written. */
export const candidateColumns = [...candidateListColumns, ...candidateDetailColumns] as const;

export interface CandidateIds {
  readonly runId: string;
  readonly workspaceId: string;
}

export function toCandidateRow(
  result: CandidateResult,
  { runId, workspaceId }: CandidateIds,
): CandidateRow & CandidateDetailRow {
  const { deployment, cost, metrics } = result;
  const { gpuId, tensorParallel, pipelineParallel, numReplicas, scheduler, maxBatchSize, ...engine } =
    deployment;
  return {
    run_id: runId,
    config_id: result.configId,
    workspace_id: workspaceId,
    gpu_id: gpuId,
    tensor_parallel: tensorParallel,
    pipeline_parallel: pipelineParallel,
    num_replicas: numReplicas,
    total_gpus: totalGpus(deployment),
    scheduler,
    max_batch_size: maxBatchSize,
    engine_settings: toStoredJson(engine),
    status: result.status,
    reason: result.reason,
    basis: result.basis,
    profile_label: result.profile,
    max_qps: result.maxQps,
    max_qps_low: result.maxQpsInterval?.[0] ?? null,
    max_qps_high: result.maxQpsInterval?.[1] ?? null,
    sampling_qps_low: result.samplingInterval?.[0] ?? null,
    sampling_qps_high: result.samplingInterval?.[1] ?? null,
    time_ratio_low: result.timeError?.lowRatio ?? null,
    time_ratio_high: result.timeError?.highRatio ?? null,
    calibration_id: result.calibrationId,
    binding: bindingKeyOf(result.binding),
    meets_all_targets: result.meetsAllTargets,
    cost_per_hour_usd: cost?.costPerHourUsd ?? null,
    cost_per_1k_requests_usd: cost?.costPer1kRequestsUsd ?? null,
    cost_per_million_input_tokens_usd: cost?.costPerMillionInputTokensUsd ?? null,
    cost_per_million_output_tokens_usd: cost?.costPerMillionOutputTokensUsd ?? null,
    qps_per_dollar: cost?.qpsPerDollar ?? null,
    price_source: cost?.priceSource ?? null,
    e2e_p50_ms: metrics?.e2eMs.p50 ?? null,
    e2e_p95_ms: metrics?.e2eMs.p95 ?? null,
    e2e_p99_ms: metrics?.e2eMs.p99 ?? null,
    ttft_p95_ms: metrics?.ttftMs.p95 ?? null,
    tbt_p99_ms: metrics?.tbtMs.p99 ?? null,
    mfu: metrics?.mfu ?? null,
    memory_utilization: metrics?.memoryUtilization ?? null,
    prefix_cache_hit_rate: metrics?.prefixCacheHitRate ?? null,
    targets: toStoredJson(result.targets),
    metrics: toStoredJson(metrics),
    memory: toStoredJson(result.memory),
    overhead: toStoredJson(result.overhead),
    uncalibrated: toStoredJson(result.uncalibrated),
  };
}

export function fromCandidateRow(row: CandidateRow): CandidateRecord {
  return {
    runId: row.run_id,
    configId: row.config_id,
    workspaceId: row.workspace_id,
    deployment: deploymentOf(row),
    totalGpus: row.total_gpus,
    status: row.status,
    reason: row.reason,
    basis: row.basis,
    profileLabel: row.profile_label,
    maxQps: row.max_qps,
    maxQpsLow: row.max_qps_low,
    maxQpsHigh: row.max_qps_high,
    samplingQpsLow: row.sampling_qps_low,
    samplingQpsHigh: row.sampling_qps_high,
    timeRatioLow: row.time_ratio_low,
    timeRatioHigh: row.time_ratio_high,
    calibrationId: row.calibration_id,
    binding: row.binding,
    meetsAllTargets: row.meets_all_targets,
    costPerHourUsd: row.cost_per_hour_usd,
    costPer1kRequestsUsd: row.cost_per_1k_requests_usd,
    costPerMillionInputTokensUsd: row.cost_per_million_input_tokens_usd,
    costPerMillionOutputTokensUsd: row.cost_per_million_output_tokens_usd,
    qpsPerDollar: row.qps_per_dollar,
    priceSource: row.price_source,
    e2eP50Ms: row.e2e_p50_ms,
    e2eP95Ms: row.e2e_p95_ms,
    e2eP99Ms: row.e2e_p99_ms,
    ttftP95Ms: row.ttft_p95_ms,
    tbtP99Ms: row.tbt_p99_ms,
    mfu: row.mfu,
    memoryUtilization: row.memory_utilization,
    prefixCacheHitRate: row.prefix_cache_hit_rate,
  };
}

export const fromCandidateDetailRow = (row: CandidateDetailRow): CandidateDetail => ({
  targets: readJson(row.targets),
  metrics: readJson(row.metrics),
  memory: readJson(row.memory),
  overhead: readJson(row.overhead),
  uncalibrated: readJson(row.uncalibrated),
});

function deploymentOf(row: CandidateRow): Deployment {
  const engine = settingsOf(row.engine_settings);
  return {
    gpuId: row.gpu_id,
    tensorParallel: row.tensor_parallel,
    pipelineParallel: row.pipeline_parallel,
    numReplicas: row.num_replicas,
    scheduler: row.scheduler,
    maxBatchSize: row.max_batch_size,
    maxBatchedTokens: engine.maxBatchedTokens,
    chunkTokens: engine.chunkTokens,
    blockTokens: engine.blockTokens,
    watermark: engine.watermark,
    gpuMemoryUtilization: engine.gpuMemoryUtilization,
    maxModelTokens: engine.maxModelTokens,
    routing: engine.routing,
    numGpuBlocks: engine.numGpuBlocks,
  };
}

/** Candidates of a run differ in few engine settings: a page has fifty times the same text, which is read once. */
const settingsByText = new Map<string, EngineSettings>();
const SETTINGS_KEPT_MAX = 1000;

function settingsOf(stored: unknown): EngineSettings {
  if (typeof stored !== 'string') return readJson(stored);
  const known = settingsByText.get(stored);
  if (known !== undefined) return known;
  const settings = readJson<EngineSettings>(JSON.parse(stored));
  if (settingsByText.size >= SETTINGS_KEPT_MAX) settingsByText.clear();
  settingsByText.set(stored, settings);
  return settings;
}
