import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { FittedProfile } from '../profile/fit-profile';
import { IterationTimes, type StageSettings } from '../profile/iteration-times';
import type { Deployment, Overhead } from './deployment';
import type { ReplicaConfig } from './replica';
import { SCHEDULER_OF } from './schedulers/all';

export interface ReplicaParts {
  readonly deployment: Deployment;
  readonly numBlocks: number;
  readonly fit: FittedProfile;
  readonly overhead: Overhead;
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  /** Default false: see `ReplicaConfig`. */
  readonly plainStepping?: boolean;
}

/** Everything one replica of a deployment needs to run. */
export function createReplicaConfig(parts: ReplicaParts): ReplicaConfig {
  const { deployment: d } = parts;
  return {
    scheduler: SCHEDULER_OF[d.scheduler],
    times: new IterationTimes(parts.fit, stageOf(parts)),
    overhead: parts.overhead,
    pipelineParallel: d.pipelineParallel,
    maxBatchSize: d.maxBatchSize,
    maxBatchedTokens: d.maxBatchedTokens,
    chunkTokens: d.chunkTokens,
    blockTokens: d.blockTokens,
    numBlocks: parts.numBlocks,
    watermark: d.watermark,
    maxModelTokens: d.maxModelTokens,
    plainStepping: parts.plainStepping ?? false,
  };
}

// Start-up of one send between pipeline stages, ms.
const SEND_LATENCY_MS = 0.02;

/** The slowest of the pipeline's stages; activations (tokens × hidden, 16 bits) go to the next one over the GPU's link. */
function stageOf({ deployment, overhead, gpu, model }: ReplicaParts): StageSettings {
  const stages = deployment.pipelineParallel;
  const stageFraction = Math.ceil(model.layers / stages) / model.layers;
  return {
    stageFraction,
    stepMs: overhead.stepMs * stageFraction,
    sendMsPerToken: stages > 1 ? (model.hiddenSize * 2 * 1e3) / gpu.linkBytesPerS : 0,
    sendMs: stages > 1 ? SEND_LATENCY_MS : 0,
  };
}
