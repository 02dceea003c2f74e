import { ROUTINGS } from '../core/engine/deployment';
import { LIMITS } from './limits';
import { mapping, number, oneOf, whole } from './schema-kit';

/** Engine settings: one value each in a simulation, one or several in a plan. */
export const engineItems = {
  max_batched_tokens: whole({ min: 1, max: LIMITS.tokens }),
  chunk_size: whole({ min: 1, max: LIMITS.tokens }),
  block_size: whole({ min: 1, max: LIMITS.blockTokens }),
  num_gpu_blocks: whole({ min: 1, max: LIMITS.gpuBlocks }),
  gpu_memory_utilization: number({ above: 0, max: 1 }),
  watermark: number({ min: 0, max: 0.5 }),
  max_model_len: whole({ min: 1, max: LIMITS.tokens }),
  routing: oneOf(ROUTINGS),
};
export const ENGINE_KEYS = Object.keys(engineItems) as readonly (keyof typeof engineItems)[];

/** Settings only some schedulers read. */
export const USED_BY: Readonly<Partial<Record<keyof typeof engineItems, readonly string[]>>> = {
  chunk_size: ['sarathi'],
  watermark: ['vllm-v0', 'sarathi'],
};

export const deploymentItems = {
  tensor_parallel: whole({ min: 1, max: LIMITS.tensorParallel }),
  pipeline_parallel: whole({ min: 1, max: LIMITS.pipelineParallel }),
  num_replicas: whole({ min: 1, max: LIMITS.replicas }),
  batch_size: whole({ min: 1, max: LIMITS.batchSize }),
};

export const overheadSchema = mapping({
  step_ms: number({ min: 0, max: LIMITS.overheadMs }).optional(),
  request_ms: number({ min: 0, max: LIMITS.overheadMs }).optional(),
  first_token_extra_steps: number({ min: 0, max: LIMITS.extraSteps }).optional(),
});

export const simulationSchema = mapping({
  duration: number({ above: 0, max: LIMITS.durationS }).optional(),
  warmup_duration: number({ min: 0, max: LIMITS.durationS }).optional(),
  random_seed: whole({ min: 0, max: LIMITS.seed }).optional(),
});
