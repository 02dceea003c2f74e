import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { ProfileMemory } from '../profile/profile';
import type { MemoryPlan } from '../search/result';
import type { EngineSettings } from './deployment';

export interface MemoryQuestion {
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly settings: Pick<
    EngineSettings,
    'gpuMemoryUtilization' | 'blockTokens' | 'numGpuBlocks' | 'maxBatchedTokens'
  >;
  /** What the profile measured; null unless the deployment's GPU, tp and pp are the profile's own. */
  readonly profileMemory: ProfileMemory | null;
  /** Bytes of one weight as served; null: the model's default. */
  readonly weightBytesPerParam: number | null;
}

export type MemoryAnswer =
  | { readonly ok: true; readonly plan: MemoryPlan }
  /** `missingBytes` are per GPU; the plan has no KV blocks. */
  | { readonly ok: false; readonly missingBytes: number; readonly reason: string; readonly plan: MemoryPlan };

/**
 * CUDA context, collective buffers, sampler and CUDA graphs of one vLLM worker, bytes.
 * With `activationBytes` it gives the KV blocks vLLM itself reported within 1.5%: H100 80 GB, vLLM 0.15.1: Llama-2-7B tp1,
 * Llama-2-70B tp4, Mixtral-8x7B tp2, CodeLlama-34B tp2; RTX 4090, vLLM 0.19: Llama-3.1-8B tp1 (that one within 0.1%;
 * newer engines count their CUDA graphs, older ones leave up to 0.8 GB more to the cache).
 */
const ENGINE_RESERVE_BYTES = 1e9;

/**
 * Where the memory of each GPU goes and how many KV blocks a replica has. All bytes are of one GPU of the slowest
 * (most loaded) pipeline stage. A model that does not fit is an answer with the missing bytes.
 */
export function planMemory(question: MemoryQuestion): MemoryAnswer {
  const { gpu, model, settings, profileMemory } = question;
  const weightBytes = weightBytesPerGpu(question);
  const kvBytesPerToken = kvBytesPerTokenPerGpu(question);
  const activationBytes = profileMemory?.activationBytes ?? activationBytesOf(question);
  const blockBytes = kvBytesPerToken * settings.blockTokens;
  const given = settings.numGpuBlocks ?? profileMemory?.numGpuBlocks ?? null;
  const parts = { weightBytes, activationBytes, engineReserveBytes: ENGINE_RESERVE_BYTES, kvBytesPerToken };

  if (given !== null) {
    // Given blocks win over the formula, not over the size of the chip.
    const source = settings.numGpuBlocks === null ? 'profile' : 'request';
    const missingBytes = weightBytes + given * blockBytes - gpu.memoryBytes;
    if (missingBytes > 0) {
      const reason = `${model.id} needs ${gb(weightBytes)} for weights and ${gb(given * blockBytes)} for the ${given} KV blocks given, on each GPU; ${gpu.id} has ${gb(gpu.memoryBytes)}: ${gb(missingBytes)} missing`;
      return { ok: false, missingBytes, reason, plan: { ...parts, numGpuBlocks: 0, source } };
    }
    return { ok: true, plan: { ...parts, numGpuBlocks: given, source } };
  }

  const usable = gpu.memoryBytes * settings.gpuMemoryUtilization;
  const fixed = weightBytes + activationBytes + ENGINE_RESERVE_BYTES;
  const numGpuBlocks = Math.floor((usable - fixed) / blockBytes);
  if (numGpuBlocks >= 1) return { ok: true, plan: { ...parts, numGpuBlocks, source: 'computed' } };
  const missingBytes = fixed + blockBytes - usable;
  const reason = `${model.id} needs ${gb(weightBytes)} for weights and ${gb(activationBytes + ENGINE_RESERVE_BYTES)} for activations and the engine on each GPU; ${gpu.id} gives ${gb(usable)} (${gb(gpu.memoryBytes)} × ${settings.gpuMemoryUtilization}): ${gb(missingBytes)} missing`;
  return { ok: false, missingBytes, reason, plan: { ...parts, numGpuBlocks: 0, source: 'computed' } };
}

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Layers of the stage with most of them, as a share of all. */
const largestStage = (layers: number, stages: number): number => Math.ceil(layers / stages) / layers;

/** From the architecture, not from an uploaded figure: the lint compares the two. */
function weightBytesPerGpu({
  model,
  tensorParallel,
  pipelineParallel,
  weightBytesPerParam,
}: MemoryQuestion): number {
  const total = weightBytesPerParam === null ? model.weightBytes : model.paramsTotal * weightBytesPerParam;
  return (total * largestStage(model.layers, pipelineParallel)) / tensorParallel;
}

/** Heads are sharded as far as there are any: more ranks than KV heads hold copies. An MLA latent is always copied. */
function kvBytesPerTokenPerGpu({
  model,
  tensorParallel,
  pipelineParallel,
  profileMemory,
}: MemoryQuestion): number {
  const shards = model.attention === 'MLA' ? 1 : Math.min(tensorParallel, model.kvHeads);
  const perToken = isHalf(profileMemory?.kvBytesPerToken, model.kvBytesPerToken)
    ? model.kvBytesPerToken / 2
    : model.kvBytesPerToken;
  return (perToken * largestStage(model.layers, pipelineParallel)) / shards;
}

/** An 8-bit KV cache, said by the profile's own figure. */
const isHalf = (measured: number | undefined, full: number): boolean =>
  measured !== undefined && Math.abs(measured / full - 0.5) < 0.02;

/**
 * Largest live tensors of one step of `maxBatchedTokens` tokens: residual and norm input (2 × hidden, every rank) and the
 * MLP's gate, up and product (about 3 × 4 × hidden in today's architectures, sharded), 16 bit.
 */
function activationBytesOf({ model, tensorParallel, settings }: MemoryQuestion): number {
  return settings.maxBatchedTokens * 2 * model.hiddenSize * (2 + 12 / tensorParallel);
}
