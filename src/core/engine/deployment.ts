export const SCHEDULERS = ['vllm', 'vllm-v0', 'sarathi', 'orca', 'faster-transformer'] as const;
export type SchedulerName = (typeof SCHEDULERS)[number];

export const ROUTINGS = ['round_robin', 'random', 'least_outstanding', 'least_kv'] as const;
export type Routing = (typeof ROUTINGS)[number];

/** Time that kernel-level profiles do not contain. */
export interface Overhead {
  /** CPU, sampler and small kernels of one engine step, ms. */
  readonly stepMs: number;
  /** API server work of one request (tokenise, HTTP, detokenise), ms; adds to TTFT and e2e, occupies no GPU. */
  readonly requestMs: number;
  /** Engine steps between the making of a request's first token and its delivery to the client. */
  readonly firstTokenExtraSteps: number;
}

/** Settings of one engine replica that the search does not have to vary. All resolved, no defaults left. */
export interface EngineSettings {
  readonly maxBatchedTokens: number;
  readonly chunkTokens: number;
  readonly blockTokens: number;
  /** Fraction of the KV blocks kept free when a request is admitted (vllm-v0 and sarathi). */
  readonly watermark: number;
  readonly gpuMemoryUtilization: number;
  /** Longest prompt + output the server accepts, tokens; also what `orca` and `faster-transformer` reserve. */
  readonly maxModelTokens: number;
  readonly routing: Routing;
  /** KV blocks of a replica; null: computed from memory. */
  readonly numGpuBlocks: number | null;
}

/** One complete deployment. */
export interface Deployment extends EngineSettings {
  readonly gpuId: string;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly numReplicas: number;
  readonly scheduler: SchedulerName;
  readonly maxBatchSize: number;
}

export const totalGpus = (d: Deployment): number => d.tensorParallel * d.pipelineParallel * d.numReplicas;
