import type { LatencySummary, SimulationMetrics } from '../core/search/result';

/** A latency on the wire, ms; null where requests never got there. */
type WireLatency = { readonly [K in keyof LatencySummary]: number | null };

/** `metrics.json` of `simulate`. Its keys are a contract: scripts read them. */
export interface WireMetrics {
  readonly requests: SimulationMetrics['requests'];
  readonly ttft_ms: WireLatency;
  readonly tbt_ms: WireLatency;
  readonly tpot_ms: WireLatency;
  readonly e2e_ms: WireLatency;
  readonly scheduling_delay_ms: WireLatency;
  readonly throughput: {
    readonly requests_per_s: number | null;
    readonly output_tokens_per_s: number | null;
    readonly prompt_tokens_per_s: number | null;
  };
  readonly iterations: number;
  readonly preemptions: number;
  readonly mfu: number | null;
  readonly memory_utilization: number | null;
  readonly kv_utilization: { readonly mean: number | null; readonly peak: number | null };
  readonly mean_batch_size: number | null;
  readonly peak_batch_size: number | null;
  readonly extrapolated_time_fraction: number | null;
  readonly simulated_s: number | null;
  /** Only where part of the prompts may be cached. */
  readonly prefix_cache_hit_rate?: number | null;
  readonly cpu_s: number | null;
  readonly engine_version: string;
}

export interface MetricsRun {
  readonly metrics: SimulationMetrics;
  /** CPU time the simulation took, s. */
  readonly cpuS: number;
  readonly engineVersion: string;
}

/** The wire form of a simulation's metrics. A value that is no finite number becomes null: JSON has no Infinity. */
export function toWireMetrics({ metrics, cpuS, engineVersion }: MetricsRun): WireMetrics {
  const { requests, throughput, kvUtilization } = metrics;
  return {
    requests: {
      arrived: requests.arrived,
      completed: requests.completed,
      unfinished: requests.unfinished,
      rejected: requests.rejected,
    },
    ttft_ms: latency(metrics.ttftMs),
    tbt_ms: latency(metrics.tbtMs),
    tpot_ms: latency(metrics.tpotMs),
    e2e_ms: latency(metrics.e2eMs),
    scheduling_delay_ms: latency(metrics.schedulingDelayMs),
    throughput: {
      requests_per_s: finite(throughput.requestsPerS),
      output_tokens_per_s: finite(throughput.outputTokensPerS),
      prompt_tokens_per_s: finite(throughput.promptTokensPerS),
    },
    iterations: metrics.iterations,
    preemptions: metrics.preemptions,
    mfu: finite(metrics.mfu),
    memory_utilization: finite(metrics.memoryUtilization),
    kv_utilization: { mean: finite(kvUtilization.mean), peak: finite(kvUtilization.peak) },
    mean_batch_size: finite(metrics.meanBatchSize),
    peak_batch_size: finite(metrics.peakBatchSize),
    extrapolated_time_fraction: finite(metrics.extrapolatedTimeFraction),
    simulated_s: finite(metrics.simulatedS),
    ...(metrics.prefixCacheHitRate === undefined
      ? {}
      : { prefix_cache_hit_rate: finite(metrics.prefixCacheHitRate) }),
    cpu_s: finite(cpuS),
    engine_version: engineVersion,
  };
}

export const renderMetrics = (run: MetricsRun): string => `${JSON.stringify(toWireMetrics(run), null, 2)}\n`;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const latency = (summary: LatencySummary): WireLatency => ({
  mean: finite(summary.mean),
  p50: finite(summary.p50),
  p90: finite(summary.p90),
  p95: finite(summary.p95),
  p99: finite(summary.p99),
  max: finite(summary.max),
});
