import type { Overhead, Routing, SchedulerName } from '../engine/deployment';
import type { Workload } from '../workload/workload';

export const TARGET_METRICS = ['ttft', 'tbt', 'tpot', 'e2e'] as const;
export type TargetMetric = (typeof TARGET_METRICS)[number];
export const TARGET_QUANTILES = [0.5, 0.9, 0.95, 0.99] as const;
export type TargetQuantile = (typeof TARGET_QUANTILES)[number];

/** One latency target: this quantile of this metric is at most `limitMs`. Wire key: `max_ttft_p95_ms`, `max_latency_p99_ms` (e2e), … */
export interface Target {
  readonly metric: TargetMetric;
  readonly quantile: TargetQuantile;
  readonly limitMs: number;
}

export interface Constraints {
  readonly targets: readonly Target[];
  readonly maxCostPerHourUsd: number | null;
  readonly minQps: number | null;
}

/** What to enumerate. Every list has at least one entry and no duplicates. */
export interface ConfigSpace {
  readonly gpuIds: readonly string[];
  /** GPUs of one replica: a (tp, pp) pair counts when tp × pp is listed; null: every pair counts. */
  readonly numGpus: readonly number[] | null;
  readonly tensorParallel: readonly number[];
  readonly pipelineParallel: readonly number[];
  readonly numReplicas: readonly number[];
  readonly schedulers: readonly SchedulerName[];
  readonly maxBatchSizes: readonly number[];
  /** Engine settings: one value, or several to search over; null: the documented default of each scheduler. */
  readonly maxBatchedTokens: readonly number[] | null;
  readonly chunkTokens: readonly number[] | null;
  readonly blockTokens: readonly number[] | null;
  readonly numGpuBlocks: readonly number[] | null;
  readonly gpuMemoryUtilization: readonly number[] | null;
  readonly watermark: readonly number[] | null;
  readonly maxModelTokens: readonly number[] | null;
  readonly routings: readonly Routing[] | null;
}

export const OBJECTIVES = ['max_qps_per_dollar', 'min_cost', 'max_qps'] as const;
export type ObjectiveKind = (typeof OBJECTIVES)[number];

export interface Objective {
  readonly kind: ObjectiveKind;
  /** Load to serve; required by `min_cost`, null otherwise unless given. */
  readonly targetQps: number | null;
}

export const PRICE_KINDS = ['on-demand', 'spot', 'reserved-1y'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

/** Which prices to use. `usdPerGpuHour` wins over the book, GPU by GPU. */
export interface PriceSelection {
  /** Provider of the price book; null: the documented default. */
  readonly provider: string | null;
  readonly kind: PriceKind;
  /** Buy whole instances where the book has them (8 × A100 cannot be rented one by one). */
  readonly wholeInstances: boolean;
  readonly usdPerGpuHour: Readonly<Record<string, number>>;
}

export interface SimulationSpan {
  readonly durationS: number;
  readonly warmupS: number;
  readonly randomSeed: number;
}

/** A whole capacity-planning question, parsed and resolved. */
export interface PlanRequest {
  /** Catalogue id of the model. */
  readonly modelId: string;
  readonly workload: Workload;
  /** Lowest and highest arrival rate to look at, requests/s over all replicas. */
  readonly rateRangeQps: readonly [number, number];
  readonly constraints: Constraints;
  readonly space: ConfigSpace;
  readonly objective: Objective;
  readonly prices: PriceSelection;
  readonly simulation: SimulationSpan;
  /** Fields given win; null: the defaults for the profile's kind. */
  readonly overhead: { readonly [K in keyof Overhead]: Overhead[K] | null };
}
