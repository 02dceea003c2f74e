import { resolveGpu } from '../core/catalog/names';
import type { ConfigSpace } from '../core/search/request';
import { ENGINE_KEYS, USED_BY } from './engine-schema';
import { refuse, show } from './fault';
import { LIMITS } from './limits';
import type { RequestContext } from './request-context';
import { REQUEST_DEFAULTS } from './request-defaults';
import type { ConfigSpaceInput } from './request-schema';

const DEFAULTS = REQUEST_DEFAULTS.space;

/** What to enumerate. `defaultGpuId`: the GPU of the profile, for a request that names none. */
export function toConfigSpace(
  input: ConfigSpaceInput,
  defaultGpuId: string | null,
  context: RequestContext,
): ConfigSpace {
  const { assumptions } = context;
  const gpuIds = toGpuIds(input, defaultGpuId, context);
  const numGpus =
    input.num_gpus ?? assumptions.take('config_space.num_gpus', null, 'any: every tp × pp counts');
  const pipelineParallel =
    input.pipeline_parallel ?? assumptions.take('config_space.pipeline_parallel', DEFAULTS.pipelineParallel);
  const tensorParallel = input.tensor_parallel ?? defaultDegrees(numGpus, pipelineParallel, context);
  checkSizes(numGpus, tensorParallel, pipelineParallel, context);
  const space: ConfigSpace = {
    gpuIds,
    numGpus,
    tensorParallel,
    pipelineParallel,
    numReplicas: input.num_replicas ?? assumptions.take('config_space.num_replicas', DEFAULTS.numReplicas),
    schedulers: input.schedulers ?? assumptions.take('config_space.schedulers', DEFAULTS.schedulers),
    maxBatchSizes:
      input.max_batch_sizes ?? assumptions.take('config_space.max_batch_sizes', DEFAULTS.maxBatchSizes),
    maxBatchedTokens: input.max_batched_tokens ?? null,
    chunkTokens: input.chunk_size ?? null,
    blockTokens: input.block_size ?? null,
    numGpuBlocks: input.num_gpu_blocks ?? null,
    gpuMemoryUtilization: input.gpu_memory_utilization ?? null,
    watermark: input.watermark ?? null,
    maxModelTokens: input.max_model_len ?? null,
    routings: input.routing ?? null,
  };
  checkCount(space, context);
  noteEngineSettings(input, space, context);
  return space;
}

function toGpuIds(
  input: ConfigSpaceInput,
  defaultGpuId: string | null,
  context: RequestContext,
): readonly string[] {
  const path = ['config_space', 'gpu_types'];
  if (input.gpu_types === undefined) {
    if (defaultGpuId !== null) {
      return context.assumptions.take(
        'config_space.gpu_types',
        [defaultGpuId],
        `[${defaultGpuId}], the GPU of the profile`,
      );
    }
    return refuse(context.at(path), {
      found: show(undefined),
      allowed: 'one or more GPUs, e.g. [A100, H100]',
      hint: 'or give a profile: its GPU is then used',
    });
  }
  const ids: string[] = [];
  input.gpu_types.forEach((name, index) => {
    const where = context.at(
      Array.isArray(input.gpu_types) && input.gpu_types.length > 1 ? [...path, index] : path,
    );
    const { id } = resolveGpu(context.catalog, name, where);
    const twin = input.gpu_types?.[ids.indexOf(id)];
    if (ids.includes(id))
      refuse(where, { found: show(name), allowed: 'every GPU once', hint: `${twin} is the same one, ${id}` });
    ids.push(id);
  });
  return ids;
}

/** Without `tensor_parallel`: the degrees that fill the GPUs listed, so that `num_gpus: [2, 4]` means tp 2 and 4. */
function defaultDegrees(
  numGpus: readonly number[] | null,
  pipelines: readonly number[],
  context: RequestContext,
): readonly number[] {
  const key = 'config_space.tensor_parallel';
  if (numGpus === null) return context.assumptions.take(key, DEFAULTS.tensorParallel);
  const degrees = numGpus.flatMap((gpus) => pipelines.map((stages) => gpus / stages));
  const usable = degrees.filter((degree) => Number.isInteger(degree) && degree <= LIMITS.tensorParallel);
  const unique = [...new Set(usable)].sort((a, b) => a - b);
  if (unique.length === 0) return DEFAULTS.tensorParallel;
  return context.assumptions.take(key, unique, `[${unique.join(', ')}], so that tp × pp fills num_gpus`);
}

/** `num_gpus` must leave at least one (tp, pp) pair; an entry that no pair makes is said. */
function checkSizes(
  numGpus: readonly number[] | null,
  degrees: readonly number[],
  pipelines: readonly number[],
  context: RequestContext,
): void {
  if (numGpus === null) return;
  const sizes = new Set(degrees.flatMap((degree) => pipelines.map((stages) => degree * stages)));
  const idle = numGpus.filter((gpus) => !sizes.has(gpus));
  if (idle.length === numGpus.length) {
    const possible = [...sizes].sort((a, b) => a - b).join(', ');
    refuse(context.at(['config_space', 'num_gpus']), {
      found: show(numGpus),
      allowed: `at least one product of tensor_parallel and pipeline_parallel: ${possible}`,
      hint: 'num_gpus counts the GPUs of one replica',
    });
  }
  if (idle.length > 0) {
    context.assumptions.note(
      `config_space.num_gpus: no tp × pp pair makes ${idle.join(' or ')} GPUs, which adds no candidate.`,
    );
  }
}

function checkCount(space: ConfigSpace, context: RequestContext): void {
  const count = Object.entries(space)
    .filter(([key]) => key !== 'numGpus')
    .reduce((product, [, values]: [string, readonly unknown[] | null]) => product * (values?.length ?? 1), 1);
  if (count <= LIMITS.candidates) return;
  refuse(context.at(['config_space']), {
    found: `${count} combinations`,
    allowed: `at most ${LIMITS.candidates}`,
    hint: 'shorten the lists',
  });
}

function noteEngineSettings(input: ConfigSpaceInput, space: ConfigSpace, context: RequestContext): void {
  const absent = ENGINE_KEYS.filter((key) => input[key] === undefined);
  if (absent.length > 0) {
    context.assumptions.note(
      `config_space: ${absent.join(', ')} not given, the defaults of each scheduler are used.`,
    );
  }
  for (const [key, users] of Object.entries(USED_BY)) {
    if (input[key as keyof typeof USED_BY] === undefined) continue;
    if (!space.schedulers.some((scheduler) => users.includes(scheduler))) {
      context.assumptions.note(`config_space.${key}: has no effect: used by ${users.join(' and ')} only.`);
    }
  }
}
