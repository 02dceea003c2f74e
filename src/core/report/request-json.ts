import type { PlanRequest } from '../search/request';
import type { LengthDistribution, PrefixCaching, Workload } from '../workload/workload';
import { targetKey } from './names';
import type { Given, LengthJson, RequestJson } from './report-json-types';

/** Echoes the request in the keys of a request file, so that a report says what question it answers and can ask it again. */
export function requestJson(request: PlanRequest): RequestJson {
  const { objective, prices, simulation, overhead } = request;
  return {
    model: request.modelId,
    workload: workloadJson(request.workload, request.rateRangeQps),
    constraints: constraintsJson(request),
    config_space: configSpaceJson(request),
    objective: given({ kind: objective.kind, target_qps: objective.targetQps }),
    prices: given({
      provider: prices.provider,
      kind: prices.kind,
      whole_instances: prices.wholeInstances,
      usd_per_gpu_hour: { ...prices.usdPerGpuHour },
    }),
    simulation: {
      duration: simulation.durationS,
      warmup_duration: simulation.warmupS,
      random_seed: simulation.randomSeed,
    },
    overhead: given({
      step_ms: overhead.stepMs,
      request_ms: overhead.requestMs,
      first_token_extra_steps: overhead.firstTokenExtraSteps,
    }),
  };
}

function constraintsJson({ constraints }: PlanRequest): Record<string, number> {
  const json: Record<string, number> = {};
  for (const target of constraints.targets) json[targetKey(target)] = target.limitMs;
  if (constraints.maxCostPerHourUsd !== null) json.max_cost_per_hour = constraints.maxCostPerHourUsd;
  if (constraints.minQps !== null) json.min_qps = constraints.minQps;
  return json;
}

function configSpaceJson({ space }: PlanRequest): RequestJson['config_space'] {
  return given({
    gpu_types: space.gpuIds,
    num_gpus: space.numGpus,
    tensor_parallel: space.tensorParallel,
    pipeline_parallel: space.pipelineParallel,
    num_replicas: space.numReplicas,
    schedulers: space.schedulers,
    max_batch_sizes: space.maxBatchSizes,
    max_batched_tokens: space.maxBatchedTokens,
    chunk_size: space.chunkTokens,
    block_size: space.blockTokens,
    num_gpu_blocks: space.numGpuBlocks,
    gpu_memory_utilization: space.gpuMemoryUtilization,
    watermark: space.watermark,
    max_model_len: space.maxModelTokens,
    routing: space.routings,
  });
}

function workloadJson(workload: Workload, range: readonly [number, number]): RequestJson['workload'] {
  const rate = { arrival_rate_range: range, arrival: arrivalJson(workload) };
  const { lengths } = workload;
  const caching = prefixCachingJson(lengths.prefixCaching);
  if (lengths.kind === 'trace') {
    const { trace, cachedPromptTokens: value } = lengths;
    const cached = value === undefined ? {} : { cached_prompt_tokens: lengthJson({ kind: 'fixed', value }) };
    return { ...rate, trace: trace.name, ...cached, ...caching };
  }
  const drawn = {
    ...rate,
    ...caching,
    prompt_length: lengthJson(lengths.prompt),
    output_length: lengthJson(lengths.output),
  };
  return lengths.cachedPrompt === null
    ? drawn
    : { ...drawn, cached_prompt_tokens: lengthJson(lengths.cachedPrompt) };
}

function prefixCachingJson(
  caching: PrefixCaching | undefined,
): Pick<RequestJson['workload'], 'prefix_caching'> {
  if (caching === undefined) return {};
  if (caching.kind === 'hit_rate') return { prefix_caching: { hit_rate: caching.hitRate } };
  return { prefix_caching: { simulate: true, hash_block_size: caching.hashBlockTokens } };
}

function arrivalJson({ arrival }: Workload): Record<string, number | string> {
  if (arrival.kind === 'gamma') return { process: 'gamma', cv: arrival.cv };
  if (arrival.kind === 'burst') return { process: 'burst', burst_size: arrival.burstSize };
  return { process: arrival.kind };
}

function lengthJson(length: LengthDistribution): LengthJson {
  const { kind, ...parameters } = length;
  return { distribution: kind, ...parameters };
}

/** Leaves out what the request left to the defaults: a request file says that by leaving the key out, never by null. */
function given<T extends object>(section: T): Given<T> {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null)) as Given<T>;
}
