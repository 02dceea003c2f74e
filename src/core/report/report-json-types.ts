import type { Routing, SchedulerName } from '../engine/deployment';
import type { ObjectiveKind, PriceKind } from '../search/request';
import type { CandidateStatus, TimeBasis } from '../search/result';

/** The report as JSON. Keys are the wire's snake_case with units; numbers that do not exist (or are infinite) are null. */
export interface ReportJson {
  /** When the plan was made, ISO 8601. */
  readonly timestamp: string;
  /** The profile as the user named it. */
  readonly input_profile: string;
  /** Catalogue id of the model. */
  readonly model: string;
  /** `recommended`, or `nothing_fits`: best_configuration is null and `advice` says what would help. */
  readonly outcome: 'recommended' | 'nothing_fits';
  /** True when the search was interrupted: better candidates may be among the ones not evaluated. */
  readonly partial: boolean;
  readonly best_configuration: BestConfigurationJson | null;
  /** Feasible candidates not dominated in (cost per hour ↓, max QPS ↑), by cost. */
  readonly pareto_frontier: readonly FrontierEntryJson[];
  /** The cheapest feasible candidate per hour, and the one with the highest QPS; may be the best itself. */
  readonly alternatives: {
    readonly budget: FrontierEntryJson | null;
    readonly premium: FrontierEntryJson | null;
  };
  /** Candidates within the best one's confidence interval, cheapest first; the best itself left out. */
  readonly tied: readonly FrontierEntryJson[];
  /** Every candidate, by config_id. */
  readonly all_candidates: readonly CandidateJson[];
  readonly summary: SummaryJson;
  /** What to change when nothing fits, smallest change first; empty when there is a recommendation. */
  readonly advice: readonly AdviceJson[];
  /** What the plan takes as given, one sentence each. */
  readonly assumptions: readonly string[];
  /** What limits how far the plan can be trusted, one sentence each. */
  readonly warnings: readonly string[];
  /** The request as it was understood. */
  readonly request: RequestJson;
  readonly engine_version: string;
  /** Version (date) of the price book. */
  readonly price_book_version: string;
}

/** One deployment, in the names of the spec. */
export interface ConfigJson {
  /** Catalogue id of the GPU. */
  readonly gpu_type: string;
  /** Its name for people. */
  readonly gpu_name: string;
  /** tensor_parallel × pipeline_parallel. */
  readonly num_gpus_per_replica: number;
  readonly tensor_parallel: number;
  readonly pipeline_parallel: number;
  readonly num_replicas: number;
  readonly total_gpus: number;
  readonly scheduler: SchedulerName;
  /** Most requests in the running batch of one replica. */
  readonly max_batch_size: number;
  /** Most new tokens of one iteration; null: no limit. */
  readonly max_batched_tokens: number | null;
  /** Prefill chunk of `sarathi`, tokens. */
  readonly chunk_size: number;
  /** Tokens of one KV block. */
  readonly block_size: number;
  /** KV blocks set by the request; null: computed, see `memory_plan`. */
  readonly num_gpu_blocks: number | null;
  /** 0..1. */
  readonly gpu_memory_utilization: number;
  /** Fraction of the KV blocks kept free on admission. */
  readonly watermark: number;
  /** Longest prompt + output accepted, tokens. */
  readonly max_model_len: number;
  readonly routing: Routing;
}

/** What one simulation measured; rates and times over its measured window. */
export interface PerformanceJson {
  /** Highest arrival rate, requests/s over all replicas, at which every target holds; null where there is none. */
  readonly max_sustainable_qps: number | null;
  /** 90% interval of max_sustainable_qps. */
  readonly max_sustainable_qps_interval: readonly [number | null, number | null] | null;
  /** Arrival rate that everything below was measured at: max_sustainable_qps, or the lowest rate tried where nothing held. */
  readonly measured_at_qps: number | null;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  readonly p95_ttft_ms: number | null;
  /** Over all gaps between output tokens, stalls included. */
  readonly p99_tbt_ms: number | null;
  /** 0..1. */
  readonly mean_mfu: number | null;
  /** Memory in use ÷ GPU memory, 0..1. */
  readonly mean_memory_util: number | null;
  readonly ttft_ms: LatencySummaryJson;
  readonly tbt_ms: LatencySummaryJson;
  readonly tpot_ms: LatencySummaryJson;
  readonly e2e_ms: LatencySummaryJson;
  readonly scheduling_delay_ms: LatencySummaryJson;
  readonly throughput: {
    readonly requests_per_s: number | null;
    readonly output_tokens_per_s: number | null;
    readonly prompt_tokens_per_s: number | null;
  };
  readonly requests: {
    readonly arrived: number;
    readonly completed: number;
    readonly unfinished: number;
    readonly rejected: number;
  };
  readonly kv_utilization: { readonly mean: number | null; readonly peak: number | null };
  readonly mean_batch_size: number | null;
  readonly peak_batch_size: number | null;
  readonly iterations: number;
  readonly preemptions: number;
  /** Share of busy time spent outside the profile's measured range, 0..1. */
  readonly extrapolated_time_fraction: number | null;
  /** Share of the prompt tokens found in the prefix cache, 0..1; left out where nothing is cached. */
  readonly prefix_cache_hit_rate?: number | null;
  readonly simulated_s: number | null;
}

/** Latency quantiles, ms; null where requests never got there. */
export interface LatencySummaryJson {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface CostJson {
  readonly cost_per_hour: number | null;
  /** cost_per_hour ÷ (max QPS × 3.6). */
  readonly cost_per_1k_requests: number | null;
  readonly qps_per_dollar: number | null;
  readonly cost_per_million_input_tokens: number | null;
  readonly cost_per_million_output_tokens: number | null;
  /** The quote used, in words. */
  readonly price_source: string;
}

/** True, false, or null: no such target was given, or nothing was simulated. */
export interface SloComplianceJson {
  /** Every target holds and the candidate is within the budget and above min_qps. */
  readonly meets_all_slos: boolean | null;
  readonly ttft_slo_met: boolean | null;
  readonly tbt_slo_met: boolean | null;
  readonly tpot_slo_met: boolean | null;
  readonly latency_slo_met: boolean | null;
}

/** One target and what became of it at `measured_at_qps`. */
export interface TargetOutcomeJson {
  /** Key of the request, e.g. `max_ttft_p95_ms`. */
  readonly target: string;
  readonly limit_ms: number;
  /** Null where requests never got there. */
  readonly value_ms: number | null;
  readonly met: boolean;
  /** (limit − value) ÷ limit; negative when missed. */
  readonly slack: number | null;
}

/** Memory of one GPU, bytes, and the KV blocks of one replica. */
export interface MemoryPlanJson {
  readonly weight_bytes: number | null;
  readonly activation_bytes: number | null;
  readonly engine_reserve_bytes: number | null;
  /** KV bytes of one token on one GPU. */
  readonly kv_bytes_per_token: number | null;
  readonly num_gpu_blocks: number;
  /** Tokens whose KV one replica holds: blocks × block_size. */
  readonly kv_capacity_tokens: number;
  readonly source: 'computed' | 'profile' | 'request';
}

/** One probe of the search; after `stopped_early` the quantiles are of the requests so far. */
export interface LoadPointJson {
  readonly rate_qps: number | null;
  readonly verdict: 'pass' | 'fail';
  /** Key of the first target that failed, `queue`, or null. */
  readonly failed_on: string | null;
  readonly stopped_early: boolean;
  readonly ttft_ms: QuantilesJson;
  readonly tbt_ms: QuantilesJson;
  readonly tpot_ms: QuantilesJson;
  readonly e2e_ms: QuantilesJson;
}

export type QuantilesJson = Pick<LatencySummaryJson, 'p50' | 'p90' | 'p95' | 'p99'>;

/** What is known of a candidate besides its configuration, metrics and cost. */
interface CandidateFactsJson {
  /** 1-based position in the enumeration: stable between runs of one request. */
  readonly config_id: number;
  readonly status: CandidateStatus;
  /** Why, for every status but FEASIBLE. */
  readonly reason: string | null;
  readonly slo_compliance: SloComplianceJson;
  /** What fails first above max QPS: key of a target, or `queue`. */
  readonly binding_target: string | null;
  readonly targets: readonly TargetOutcomeJson[];
  readonly basis: TimeBasis | null;
  /** Profile the times come from, with what was done to it. */
  readonly profile: string | null;
  readonly overhead: OverheadJson | null;
  readonly memory_plan: MemoryPlanJson | null;
  readonly uncertainty: UncertaintyJson | null;
  readonly load_curve: readonly LoadPointJson[];
}

/** Two ends of a 90% interval; null as the upper one: without bound. */
export type IntervalJson = readonly [number | null, number | null];

/** How sure the figures of a candidate are. */
export interface UncertaintyJson {
  /** The part of `max_qps_interval` that comes from sampling. */
  readonly max_qps_sampling_interval: IntervalJson | null;
  /** True step times over those used. */
  readonly step_time_ratio: IntervalJson;
  /**
   * Of latencies at `measured_at_qps`. At max QPS the upper end is mostly null: with steps as slow as `step_time_ratio`
   * allows, the deployment may not hold that load, and the queue would grow for ever.
   */
  readonly latency_intervals_ms: LatencyIntervalsJson | null;
  /** The calibration that corrected the times; says so where it is not verified on held-out observations. */
  readonly calibration: string | null;
  /** With a calibration: what the search finds without it. */
  readonly uncalibrated: {
    readonly status: CandidateStatus;
    readonly max_qps: number | null;
    readonly targets: readonly TargetOutcomeJson[];
  } | null;
}

export interface LatencyIntervalJson {
  readonly p50: IntervalJson | null;
  readonly p95: IntervalJson | null;
  readonly p99: IntervalJson | null;
}

export interface LatencyIntervalsJson {
  readonly ttft_ms: LatencyIntervalJson;
  readonly tbt_ms: LatencyIntervalJson;
  readonly tpot_ms: LatencyIntervalJson;
  readonly e2e_ms: LatencyIntervalJson;
}

export interface OverheadJson {
  readonly step_ms: number | null;
  readonly request_ms: number | null;
  readonly first_token_extra_steps: number | null;
}

export interface BestConfigurationJson extends ConfigJson, CandidateFactsJson {
  readonly performance: PerformanceJson | null;
  readonly cost: CostJson | null;
}

export interface CandidateJson extends CandidateFactsJson {
  readonly config: ConfigJson;
  readonly max_qps: number | null;
  readonly max_qps_interval: readonly [number | null, number | null] | null;
  readonly cost_per_hour: number | null;
  readonly qps_per_dollar: number | null;
  /** Null when nothing was simulated. */
  readonly metrics: PerformanceJson | null;
  readonly cost: CostJson | null;
}

/** A candidate in short. */
export interface FrontierEntryJson {
  readonly config_id: number;
  readonly max_qps: number | null;
  readonly max_qps_interval: readonly [number | null, number | null] | null;
  readonly cost_per_hour: number | null;
  readonly qps_per_dollar: number | null;
  readonly gpu_type: string;
  readonly gpu_name: string;
  readonly total_gpus: number;
  readonly tensor_parallel: number;
  readonly pipeline_parallel: number;
  readonly num_replicas: number;
  readonly scheduler: SchedulerName;
  readonly max_batch_size: number;
  readonly status: CandidateStatus;
}

export interface SummaryJson {
  readonly num_configs: number;
  /** Candidates with a verdict: all but NOT_EVALUATED and FAILED. */
  readonly num_configs_evaluated: number;
  /** FEASIBLE or CAPPED. */
  readonly num_configs_meeting_slos: number;
  readonly num_configs_by_status: Readonly<Record<CandidateStatus, number>>;
  readonly num_simulations: number;
  /** CPU seconds over all threads. */
  readonly total_simulation_time_s: number | null;
  readonly recommendation: string;
}

export interface AdviceJson {
  readonly changes: readonly {
    readonly key: string;
    readonly from: number | string | null;
    readonly to: number | string;
  }[];
  /** Candidates the change lets in. */
  readonly admits: number;
  /** False: these candidates pass this limit, the rest is not simulated yet. */
  readonly certain: boolean;
  readonly sentence: string;
}

/** The request as understood, in the keys a request file has; a trace by its name. */
export interface RequestJson {
  readonly model: string;
  readonly workload: {
    readonly arrival_rate_range: readonly [number, number];
    readonly arrival: Readonly<Record<string, number | string>>;
    readonly prompt_length?: LengthJson;
    readonly output_length?: LengthJson;
    readonly cached_prompt_tokens?: LengthJson;
    readonly trace?: string;
    readonly prefix_caching?:
      | { readonly hit_rate: number }
      | { readonly simulate: true; readonly hash_block_size: number };
  };
  /** `max_<metric>_<quantile>_ms`, `max_cost_per_hour`, `min_qps`; only the ones given. */
  readonly constraints: Readonly<Record<string, number>>;
  readonly config_space: Given<{
    readonly gpu_types: readonly string[];
    readonly num_gpus: readonly number[] | null;
    readonly tensor_parallel: readonly number[];
    readonly pipeline_parallel: readonly number[];
    readonly num_replicas: readonly number[];
    readonly schedulers: readonly SchedulerName[];
    readonly max_batch_sizes: readonly number[];
    readonly max_batched_tokens: readonly number[] | null;
    readonly chunk_size: readonly number[] | null;
    readonly block_size: readonly number[] | null;
    readonly num_gpu_blocks: readonly number[] | null;
    readonly gpu_memory_utilization: readonly number[] | null;
    readonly watermark: readonly number[] | null;
    readonly max_model_len: readonly number[] | null;
    readonly routing: readonly Routing[] | null;
  }>;
  readonly objective: Given<{ readonly kind: ObjectiveKind; readonly target_qps: number | null }>;
  readonly prices: Given<{
    readonly provider: string | null;
    readonly kind: PriceKind;
    readonly whole_instances: boolean;
    readonly usd_per_gpu_hour: Readonly<Record<string, number>>;
  }>;
  readonly simulation: {
    readonly duration: number;
    readonly warmup_duration: number;
    readonly random_seed: number;
  };
  readonly overhead: Given<OverheadJson>;
}

/** The keys that may be null are left out instead. */
export type Given<T> = { readonly [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as null extends T[K] ? K : never]?: NonNullable<T[K]>;
};

/** `{distribution: "normal", mean: 512, std: 128}` and the like. */
export interface LengthJson {
  readonly distribution: string;
  readonly value?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly number[];
  readonly weights?: readonly number[];
}
