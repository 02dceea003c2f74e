import type { PrefixHashes } from './prefix-hashes';

/** How long prompts or outputs are, tokens. Samples are rounded to whole tokens and are at least 1. */
export type LengthDistribution =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** `mean` and `std` are of the lengths themselves, not of their logarithm. */
  | { readonly kind: 'lognormal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'gamma'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  /** Values with probability weights (need not sum to 1). */
  | { readonly kind: 'empirical'; readonly values: readonly number[]; readonly weights: readonly number[] };

/** How requests arrive at a given mean rate. */
export type ArrivalProcess =
  | { readonly kind: 'poisson' }
  | { readonly kind: 'constant' }
  /** Gamma-distributed gaps with this coefficient of variation (1 is Poisson). */
  | { readonly kind: 'gamma'; readonly cv: number }
  /** Groups of `burstSize` requests at the same instant, the groups Poisson. */
  | { readonly kind: 'burst'; readonly burstSize: number }
  /** The gaps of the trace, in their order, scaled to the wanted rate. */
  | { readonly kind: 'trace' };

/** Requests as recorded, in order of arrival. Parallel arrays, one entry a request. */
export interface Trace {
  readonly name: string;
  readonly arrivedAtS: Float64Array;
  readonly promptTokens: Int32Array;
  readonly outputTokens: Int32Array;
  /** Prompt tokens already in the prefix cache: no prefill compute, but their KV is held. */
  readonly cachedPromptTokens: Int32Array;
  /**
   * What the prompts are made of. In a workload: the prefix cache of every replica is simulated, and decides what is
   * cached. Left out: `cachedPromptTokens` says it.
   */
  readonly hashes?: PrefixHashes;
}

/** How much of the prompts is in the prefix cache. */
export type PrefixCaching =
  /** This share of every prompt's tokens, 0 to 1 (rounded down; the last token is always computed). */
  | { readonly kind: 'hit_rate'; readonly hitRate: number }
  /** What a cache of the trace's hashes holds, simulated block by block. */
  | { readonly kind: 'simulate'; readonly hashBlockTokens: number };

/** Where the lengths of a request come from: drawn independently, or pairs of a trace in order (repeated when it ends). */
export type Lengths =
  | {
      readonly kind: 'drawn';
      readonly prompt: LengthDistribution;
      readonly output: LengthDistribution;
      /** Cached prompt tokens of every request; capped at the prompt less one token. */
      readonly cachedPrompt: LengthDistribution | null;
      /** Of every prompt, instead of `cachedPrompt`. */
      readonly prefixCaching?: Extract<PrefixCaching, { kind: 'hit_rate' }>;
    }
  | {
      readonly kind: 'trace';
      readonly trace: Trace;
      /** What was asked for; the trace already follows it. */
      readonly prefixCaching?: PrefixCaching;
      /** Cached tokens of every prompt, where they were given for a trace that has none; the trace already follows it. */
      readonly cachedPromptTokens?: number;
    };

/** Traffic without its rate: the search sets the rate. */
export interface Workload {
  readonly arrival: ArrivalProcess;
  readonly lengths: Lengths;
}
