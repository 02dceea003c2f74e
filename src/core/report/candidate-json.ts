import { type Deployment, totalGpus } from '../engine/deployment';
import { tokenBudget } from '../engine/engine-defaults';
import type {
  CandidateCost,
  CandidateResult,
  LatencySummary,
  LoadPoint,
  MemoryPlan,
  PlanResult,
} from '../search/result';
import { measuredAtQps } from './candidates';
import { significant } from './format-number';
import { bindingKey, gpuName } from './names';
import type { ReportContext } from './report-context';
import type * as Json from './report-json-types';
import { sloCompliance } from './slo-compliance';
import { targetOutcomeJson } from './target-json';
import { uncertaintyJson } from './uncertainty-json';

/** Significant digits: of what a simulation measured, and of money. */
const MEASURED_DIGITS = 5;
const MONEY_DIGITS = 6;

/** One candidate as `all_candidates` has it. */
export function candidateJson(
  candidate: CandidateResult,
  result: PlanResult,
  context: ReportContext,
): Json.CandidateJson {
  const cost = costJson(candidate.cost);
  return {
    config: configJson(candidate.deployment, context),
    max_qps: measured(candidate.maxQps),
    max_qps_interval: intervalJson(candidate),
    cost_per_hour: cost?.cost_per_hour ?? null,
    qps_per_dollar: cost?.qps_per_dollar ?? null,
    metrics: performanceJson(candidate, result),
    cost,
    ...factsJson(candidate, result),
  };
}

/** The recommended candidate in the nesting of the spec's `best_configuration`. */
export function bestConfigurationJson(
  candidate: CandidateResult,
  result: PlanResult,
  context: ReportContext,
): Json.BestConfigurationJson {
  return {
    ...configJson(candidate.deployment, context),
    performance: performanceJson(candidate, result),
    cost: costJson(candidate.cost),
    ...factsJson(candidate, result),
  };
}

/** One candidate as the frontier and the alternatives have it. */
export function frontierEntryJson(
  candidate: CandidateResult,
  context: ReportContext,
): Json.FrontierEntryJson {
  const d = candidate.deployment;
  return {
    config_id: candidate.configId,
    max_qps: measured(candidate.maxQps),
    max_qps_interval: intervalJson(candidate),
    cost_per_hour: money(candidate.cost?.costPerHourUsd),
    qps_per_dollar: measured(candidate.cost?.qpsPerDollar),
    gpu_type: d.gpuId,
    gpu_name: gpuName(d.gpuId, context),
    total_gpus: totalGpus(d),
    tensor_parallel: d.tensorParallel,
    pipeline_parallel: d.pipelineParallel,
    num_replicas: d.numReplicas,
    scheduler: d.scheduler,
    max_batch_size: d.maxBatchSize,
    status: candidate.status,
  };
}

const measured = (value: number | null | undefined) => significant(value, MEASURED_DIGITS);
const money = (value: number | null | undefined) => significant(value, MONEY_DIGITS);

function factsJson(candidate: CandidateResult, result: PlanResult) {
  const { overhead } = candidate;
  const slo = sloCompliance(candidate, result.request.constraints.targets);
  return {
    config_id: candidate.configId,
    status: candidate.status,
    reason: candidate.reason,
    slo_compliance: {
      meets_all_slos: slo.meetsAll,
      ttft_slo_met: slo.byMetric.ttft,
      tbt_slo_met: slo.byMetric.tbt,
      tpot_slo_met: slo.byMetric.tpot,
      latency_slo_met: slo.byMetric.e2e,
    },
    binding_target: bindingKey(candidate.binding),
    targets: candidate.targets.map(targetOutcomeJson),
    basis: candidate.basis,
    profile: candidate.profile,
    overhead: overhead && {
      step_ms: measured(overhead.stepMs),
      request_ms: measured(overhead.requestMs),
      first_token_extra_steps: measured(overhead.firstTokenExtraSteps),
    },
    memory_plan: candidate.memory && memoryPlanJson(candidate.memory, candidate.deployment),
    uncertainty: uncertaintyJson(candidate, result),
    load_curve: [...candidate.loadCurve].sort((a, b) => a.rateQps - b.rateQps).map(loadPointJson),
  };
}

function configJson(d: Deployment, context: ReportContext): Json.ConfigJson {
  return {
    gpu_type: d.gpuId,
    gpu_name: gpuName(d.gpuId, context),
    num_gpus_per_replica: d.tensorParallel * d.pipelineParallel,
    tensor_parallel: d.tensorParallel,
    pipeline_parallel: d.pipelineParallel,
    num_replicas: d.numReplicas,
    total_gpus: totalGpus(d),
    scheduler: d.scheduler,
    max_batch_size: d.maxBatchSize,
    max_batched_tokens: tokenBudget(d),
    chunk_size: d.chunkTokens,
    block_size: d.blockTokens,
    num_gpu_blocks: d.numGpuBlocks,
    gpu_memory_utilization: d.gpuMemoryUtilization,
    watermark: d.watermark,
    max_model_len: d.maxModelTokens,
    routing: d.routing,
  };
}

function performanceJson(candidate: CandidateResult, result: PlanResult): Json.PerformanceJson | null {
  const m = candidate.metrics;
  if (m === null) return null;
  return {
    max_sustainable_qps: measured(candidate.maxQps),
    max_sustainable_qps_interval: intervalJson(candidate),
    measured_at_qps: measured(measuredAtQps(candidate, result)),
    p50_latency_ms: measured(m.e2eMs.p50),
    p95_latency_ms: measured(m.e2eMs.p95),
    p99_latency_ms: measured(m.e2eMs.p99),
    p95_ttft_ms: measured(m.ttftMs.p95),
    p99_tbt_ms: measured(m.tbtMs.p99),
    mean_mfu: measured(m.mfu),
    mean_memory_util: measured(m.memoryUtilization),
    ttft_ms: latencyJson(m.ttftMs),
    tbt_ms: latencyJson(m.tbtMs),
    tpot_ms: latencyJson(m.tpotMs),
    e2e_ms: latencyJson(m.e2eMs),
    scheduling_delay_ms: latencyJson(m.schedulingDelayMs),
    throughput: {
      requests_per_s: measured(m.throughput.requestsPerS),
      output_tokens_per_s: measured(m.throughput.outputTokensPerS),
      prompt_tokens_per_s: measured(m.throughput.promptTokensPerS),
    },
    requests: { ...m.requests },
    kv_utilization: { mean: measured(m.kvUtilization.mean), peak: measured(m.kvUtilization.peak) },
    mean_batch_size: measured(m.meanBatchSize),
    peak_batch_size: measured(m.peakBatchSize),
    iterations: m.iterations,
    preemptions: m.preemptions,
    extrapolated_time_fraction: measured(m.extrapolatedTimeFraction),
    ...(m.prefixCacheHitRate === undefined ? {} : { prefix_cache_hit_rate: measured(m.prefixCacheHitRate) }),
    simulated_s: measured(m.simulatedS),
  };
}

function latencyJson(l: LatencySummary): Json.LatencySummaryJson {
  return { mean: measured(l.mean), ...quantilesJson(l), max: measured(l.max) };
}

function quantilesJson(l: LatencySummary): Json.QuantilesJson {
  return { p50: measured(l.p50), p90: measured(l.p90), p95: measured(l.p95), p99: measured(l.p99) };
}

function loadPointJson(point: LoadPoint): Json.LoadPointJson {
  return {
    rate_qps: measured(point.rateQps),
    verdict: point.verdict,
    failed_on: bindingKey(point.failedOn),
    stopped_early: point.stoppedEarly,
    ttft_ms: quantilesJson(point.ttftMs),
    tbt_ms: quantilesJson(point.tbtMs),
    tpot_ms: quantilesJson(point.tpotMs),
    e2e_ms: quantilesJson(point.e2eMs),
  };
}

function costJson(cost: CandidateCost | null): Json.CostJson | null {
  return (
    cost && {
      cost_per_hour: money(cost.costPerHourUsd),
      cost_per_1k_requests: money(cost.costPer1kRequestsUsd),
      qps_per_dollar: measured(cost.qpsPerDollar),
      cost_per_million_input_tokens: money(cost.costPerMillionInputTokensUsd),
      cost_per_million_output_tokens: money(cost.costPerMillionOutputTokensUsd),
      price_source: cost.priceSource,
    }
  );
}

function memoryPlanJson(memory: MemoryPlan, d: Deployment): Json.MemoryPlanJson {
  return {
    weight_bytes: significant(memory.weightBytes, 12),
    activation_bytes: significant(memory.activationBytes, 12),
    engine_reserve_bytes: significant(memory.engineReserveBytes, 12),
    kv_bytes_per_token: significant(memory.kvBytesPerToken, 12),
    num_gpu_blocks: memory.numGpuBlocks,
    kv_capacity_tokens: memory.numGpuBlocks * d.blockTokens,
    source: memory.source,
  };
}

function intervalJson(candidate: CandidateResult): readonly [number | null, number | null] | null {
  const interval = candidate.maxQpsInterval;
  return interval && [measured(interval[0]), measured(interval[1])];
}
