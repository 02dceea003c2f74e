/** One measured prefill iteration: `batchSize` prompts of `promptTokens` each, nothing cached. */
export interface PrefillRow {
  readonly promptTokens: number;
  readonly batchSize: number;
  readonly meanMs: number;
  readonly medianMs?: number;
  readonly stdMs?: number;
}

/** One measured decode iteration: `batchSize` requests, each with `contextTokens` in the KV cache, one new token each. */
export interface DecodeRow {
  readonly contextTokens: number;
  readonly batchSize: number;
  readonly meanMs: number;
  readonly medianMs?: number;
  readonly stdMs?: number;
}

/**
 * `measured`: timed at the engine, so the per-step CPU work is inside.
 * `composed`: a sum of kernel or layer times, so the per-step CPU work is missing.
 */
export type ProfileKind = 'measured' | 'composed';

/** What `model_memory.json` says; every field optional, checked against the architecture by the lint. */
export interface ProfileMemory {
  readonly paramsTotal?: number;
  readonly weightBytesPerGpu?: number;
  readonly totalWeightBytes?: number;
  readonly activationBytes?: number;
  readonly kvBytesPerToken?: number;
  readonly numGpuBlocks?: number;
}

/** Measured iteration times of one (model, GPU, tensor-parallel degree, engine, dtype). */
export interface Profile {
  /** Library id (`<gpu>/<model>/tp<k>/<variant>`) or the path the user gave. */
  readonly id: string;
  readonly origin: 'user' | 'library';
  /** Catalogue ids, resolved. */
  readonly gpuId: string;
  readonly modelId: string;
  readonly tensorParallel: number;
  readonly kind: ProfileKind;
  readonly engine: string | null;
  readonly dtype: string | null;
  /** Bytes of one weight and of one KV element as the dtype says (2 for bf16/fp16, 1 for fp8); null when unknown. */
  readonly weightBytesPerParam: number | null;
  readonly date: string | null;
  readonly prefill: readonly PrefillRow[];
  readonly decode: readonly DecodeRow[];
  readonly memory: ProfileMemory;
  /** Things read from the files that a person should know, e.g. "metadata has no kind: taken as measured". */
  readonly notes: readonly string[];
}
