import type { ModelSpec } from '../catalog/model';
import type { Deployment, SchedulerName } from '../engine/deployment';
import { longestRequestTokens, resolveDeployment, tokenBudget } from '../engine/engine-defaults';
import type { DeploymentDraft } from '../engine/request';
import type { ConfigSpace, PlanRequest } from './request';

export interface Enumerated {
  /** 1-based: stable between runs of one request. */
  readonly configId: number;
  readonly deployment: Deployment;
  /** Why the deployment makes no sense, or null. */
  readonly invalid: string | null;
}

/**
 * Every deployment of the space: GPU type × (tp, pp) with tp × pp in `numGpus` × replicas × scheduler × batch size ×
 * engine settings. A setting that a scheduler does not use does not multiply its candidates.
 */
export function enumerate(request: PlanRequest, model: ModelSpec): Enumerated[] {
  const { space } = request;
  const longest = longestRequestTokens(request.workload);
  const found: Enumerated[] = [];
  for (const gpuId of space.gpuIds) {
    for (const [tensorParallel, pipelineParallel] of parallelPairs(space)) {
      for (const numReplicas of space.numReplicas) {
        for (const scheduler of space.schedulers) {
          for (const maxBatchSize of space.maxBatchSizes) {
            for (const settings of settingsOf(space, scheduler)) {
              const draft = {
                gpuId,
                tensorParallel,
                pipelineParallel,
                numReplicas,
                scheduler,
                maxBatchSize,
                ...settings,
              };
              const deployment = resolveDeployment(draft, { model, longestRequestTokens: longest });
              found.push({ configId: found.length + 1, deployment, invalid: whyInvalid(deployment, model) });
            }
          }
        }
      }
    }
  }
  return found;
}

function parallelPairs(space: ConfigSpace): [number, number][] {
  const pairs = space.tensorParallel.flatMap((tp) =>
    space.pipelineParallel.map((pp): [number, number] => [tp, pp]),
  );
  const { numGpus } = space;
  return numGpus === null ? pairs : pairs.filter(([tp, pp]) => numGpus.includes(tp * pp));
}

type Settings = Omit<
  DeploymentDraft,
  'gpuId' | 'tensorParallel' | 'pipelineParallel' | 'numReplicas' | 'scheduler' | 'maxBatchSize'
>;

function settingsOf(space: ConfigSpace, scheduler: SchedulerName): Settings[] {
  const usesWatermark = scheduler === 'vllm-v0' || scheduler === 'sarathi';
  let found: Settings[] = [
    {
      maxBatchedTokens: null,
      chunkTokens: null,
      blockTokens: null,
      watermark: null,
      gpuMemoryUtilization: null,
      maxModelTokens: null,
      routing: null,
      numGpuBlocks: null,
    },
  ];
  const vary = <K extends keyof Settings>(key: K, values: readonly NonNullable<Settings[K]>[] | null) => {
    if (values !== null) found = found.flatMap((f) => values.map((value) => ({ ...f, [key]: value })));
  };
  vary('maxBatchedTokens', scheduler === 'sarathi' ? null : space.maxBatchedTokens);
  vary('chunkTokens', scheduler === 'sarathi' ? space.chunkTokens : null);
  vary('blockTokens', space.blockTokens);
  vary('watermark', usesWatermark ? space.watermark : null);
  vary('gpuMemoryUtilization', space.gpuMemoryUtilization);
  vary('maxModelTokens', space.maxModelTokens);
  vary('routing', space.routings);
  vary('numGpuBlocks', space.numGpuBlocks);
  return found;
}

/** Why an engine would refuse to start with these settings, or null. Also asked for a single deployment. */
export function whyInvalid(d: Deployment, model: ModelSpec): string | null {
  if (model.heads % d.tensorParallel !== 0) {
    return `tensor_parallel ${d.tensorParallel} does not divide the ${model.heads} attention heads of ${model.id}`;
  }
  if (
    model.attention !== 'MLA' &&
    model.kvHeads % d.tensorParallel !== 0 &&
    d.tensorParallel % model.kvHeads !== 0
  ) {
    return `tensor_parallel ${d.tensorParallel} neither divides nor is a multiple of the ${model.kvHeads} KV heads of ${model.id}`;
  }
  if (d.pipelineParallel > model.layers) {
    return `pipeline_parallel ${d.pipelineParallel} exceeds the ${model.layers} layers of ${model.id}`;
  }
  const budget = tokenBudget(d) ?? Number.POSITIVE_INFINITY;
  const key = d.scheduler === 'sarathi' ? 'chunk_size' : 'max_batched_tokens';
  const batch = Math.ceil(d.maxBatchSize / d.pipelineParallel);
  if (budget < batch)
    return `${key} ${budget} is below the ${batch} tokens that one decode step of a full batch takes`;
  if (d.maxModelTokens > model.maxContextTokens) {
    return `max_model_len ${d.maxModelTokens} exceeds the ${model.maxContextTokens} tokens of context of ${model.id}`;
  }
  return null;
}
