import type { Routing, SchedulerName } from '../core/engine/deployment';
import type { ObjectiveKind, PriceKind } from '../core/search/request';

// A plan request as a caller of the library writes it: the keys of the YAML files. Values are checked when planned.

/** One value, or several to search over. */
type OneOrMany<T> = T | readonly T[];

/** Tokens of prompts or outputs; a bare number is a fixed length. */
export type LengthConfig =
  | number
  | { readonly distribution: 'fixed'; readonly value: number }
  | { readonly distribution: 'normal' | 'lognormal' | 'gamma'; readonly mean: number; readonly std: number }
  | { readonly distribution: 'uniform'; readonly min: number; readonly max: number }
  | {
      readonly distribution: 'empirical';
      readonly values: readonly number[];
      readonly weights?: readonly number[];
    }
  /** A CSV of one column. */
  | { readonly distribution: 'empirical'; readonly path: string }
  /** One column of a request trace. */
  | { readonly distribution: 'trace'; readonly path: string };

export type ArrivalConfig =
  | { readonly process: 'poisson' | 'constant' | 'trace' }
  /** `cv`: coefficient of variation of the gaps; 1 is Poisson. */
  | { readonly process: 'gamma'; readonly cv: number }
  | { readonly process: 'burst'; readonly burst_size: number };

export interface WorkloadConfig {
  /** Lowest and highest rate to look at, requests/s over all replicas. */
  readonly arrival_rate_range?: readonly [number, number];
  readonly arrival?: ArrivalConfig;
  readonly prompt_length?: LengthConfig;
  readonly output_length?: LengthConfig;
  /** Prompt tokens already in the prefix cache. */
  readonly cached_prompt_tokens?: LengthConfig;
  /** Path of a CSV with the columns arrived_at_s, prompt_tokens, output_tokens. */
  readonly trace?: string;
  readonly prefix_caching?: PrefixCachingConfig;
}

/** What of the prompts is in the prefix cache: a share of each, or what a simulated cache holds of the trace's hash_ids. */
export type PrefixCachingConfig =
  | { readonly hit_rate: number }
  /** `hash_block_size`: tokens of one hash, 512 unless given. */
  | { readonly simulate: true; readonly hash_block_size?: number }
  /** The trace's cached_prompt_tokens, although it has hash_ids. */
  | { readonly simulate: false };

type LatencyTargetKey = `max_${'ttft' | 'tbt' | 'tpot' | 'latency'}_p${'50' | '90' | '95' | '99'}_ms`;

/** Latency targets in ms, by metric and quantile. */
type LatencyTargets = { readonly [K in LatencyTargetKey]?: number };

export interface ConstraintsConfig extends LatencyTargets {
  /** US dollars. */
  readonly max_cost_per_hour?: number;
  /** Requests/s. */
  readonly min_qps?: number;
}

export interface ConfigSpaceConfig {
  readonly gpu_types?: OneOrMany<string>;
  /** GPUs of one replica: a pair of degrees counts when its product is listed. */
  readonly num_gpus?: OneOrMany<number>;
  readonly tensor_parallel?: OneOrMany<number>;
  readonly pipeline_parallel?: OneOrMany<number>;
  readonly num_replicas?: OneOrMany<number>;
  readonly schedulers?: OneOrMany<SchedulerName>;
  readonly max_batch_sizes?: OneOrMany<number>;
  /** Tokens of one step. */
  readonly max_batched_tokens?: OneOrMany<number>;
  /** Prefill chunk of `sarathi`, tokens. */
  readonly chunk_size?: OneOrMany<number>;
  /** Tokens of one KV block. */
  readonly block_size?: OneOrMany<number>;
  readonly num_gpu_blocks?: OneOrMany<number>;
  /** 0..1. */
  readonly gpu_memory_utilization?: OneOrMany<number>;
  /** Fraction of the KV blocks kept free on admission. */
  readonly watermark?: OneOrMany<number>;
  /** Longest prompt + output accepted, tokens. */
  readonly max_model_len?: OneOrMany<number>;
  readonly routing?: OneOrMany<Routing>;
}

export interface SimulationConfig {
  /** Measured part of each simulation, s. */
  readonly duration?: number;
  /** Simulated before it and not measured, s. */
  readonly warmup_duration?: number;
  readonly random_seed?: number;
}

export interface PricesConfig {
  readonly provider?: string;
  readonly kind?: PriceKind;
  /** Buy whole instances where the price book has them. */
  readonly whole_instances?: boolean;
  /** By GPU name; wins over the price book. */
  readonly usd_per_gpu_hour?: Readonly<Record<string, number>>;
}

/** Time that kernel-level profiles do not contain. */
export interface OverheadConfig {
  readonly step_ms?: number;
  readonly request_ms?: number;
  readonly first_token_extra_steps?: number;
}

/** What is best; `min_cost` needs the load to serve, requests/s. */
export type ObjectiveConfig = ObjectiveKind | { readonly kind: ObjectiveKind; readonly target_qps?: number };

/** A whole request. */
export interface PlanRequestConfig {
  readonly model?: string;
  /** A path or a library id. */
  readonly profile?: string;
  readonly profiles?: OneOrMany<string>;
  readonly workload?: WorkloadConfig;
  readonly constraints?: ConstraintsConfig;
  readonly config_space?: ConfigSpaceConfig;
  readonly simulation?: SimulationConfig;
  readonly objective?: ObjectiveConfig;
  readonly target_qps?: number;
  readonly prices?: PricesConfig;
  readonly overhead?: OverheadConfig;
}
