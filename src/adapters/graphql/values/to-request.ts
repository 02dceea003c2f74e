import type { ResolvedRequest as StoredRequest } from '../../../app/ports/api';
import type { ConfigSpace, PriceSelection } from '../../../core/search/request';
import type { ArrivalProcess, LengthDistribution, PrefixCaching } from '../../../core/workload/workload';
import type { ResolvedRequest } from '../types/resolved-request';

/** A resolved request in the words of the request files. */
export function toResolvedRequest(request: StoredRequest): ResolvedRequest {
  const { prices, simulation, objective } = request;
  return {
    modelId: request.modelId,
    workload: toWorkload(request),
    constraints: request.constraints,
    configSpace: toSpace(request.space),
    objective: objective.kind,
    targetQps: objective.targetQps,
    prices: toPrices(prices),
    simulation: {
      duration: simulation.durationS,
      warmupDuration: simulation.warmupS,
      randomSeed: simulation.randomSeed,
    },
    overhead: request.overhead,
  };
}

export const toPrices = (prices: PriceSelection): ResolvedRequest['prices'] => ({
  provider: prices.provider,
  kind: prices.kind,
  wholeInstances: prices.wholeInstances,
  usdPerGpuHour: Object.entries(prices.usdPerGpuHour).map(([gpu, usd]) => ({ gpu, usd })),
});

function toWorkload({ workload, rateRangeQps }: StoredRequest): ResolvedRequest['workload'] {
  const { lengths } = workload;
  const drawn = lengths.kind === 'drawn' ? lengths : null;
  return {
    lowestRateQps: rateRangeQps[0],
    highestRateQps: rateRangeQps[1],
    arrival: toArrival(workload.arrival),
    promptLength: drawn && toLength(drawn.prompt),
    outputLength: drawn && toLength(drawn.output),
    cachedPromptTokens: toCached(lengths),
    traceId: lengths.kind === 'trace' ? lengths.traceId : null,
    prefixCaching: lengths.prefixCaching ? toPrefixCaching(lengths.prefixCaching) : null,
  };
}

function toCached(lengths: StoredRequest['workload']['lengths']) {
  if (lengths.kind === 'drawn') return lengths.cachedPrompt && toLength(lengths.cachedPrompt);
  const { cachedPromptTokens: value } = lengths;
  return value === undefined ? null : toLength({ kind: 'fixed', value });
}

const toPrefixCaching = (caching: PrefixCaching) => ({
  hitRate: caching.kind === 'hit_rate' ? caching.hitRate : null,
  simulate: caching.kind === 'simulate',
  hashBlockSize: caching.kind === 'simulate' ? caching.hashBlockTokens : null,
});

const toArrival = (arrival: ArrivalProcess) => ({
  process: arrival.kind,
  cv: arrival.kind === 'gamma' ? arrival.cv : null,
  burstSize: arrival.kind === 'burst' ? arrival.burstSize : null,
});

const NO_LENGTH = { value: null, mean: null, std: null, min: null, max: null, values: null, weights: null };

function toLength({ kind, ...parameters }: LengthDistribution) {
  return { ...NO_LENGTH, ...parameters, distribution: kind };
}

function toSpace(space: ConfigSpace): ResolvedRequest['configSpace'] {
  return {
    gpuTypes: space.gpuIds,
    numGpus: space.numGpus,
    tensorParallel: space.tensorParallel,
    pipelineParallel: space.pipelineParallel,
    numReplicas: space.numReplicas,
    schedulers: space.schedulers,
    maxBatchSizes: space.maxBatchSizes,
    maxBatchedTokens: space.maxBatchedTokens,
    chunkSize: space.chunkTokens,
    blockSize: space.blockTokens,
    numGpuBlocks: space.numGpuBlocks,
    gpuMemoryUtilization: space.gpuMemoryUtilization,
    watermark: space.watermark,
    maxModelLen: space.maxModelTokens,
    routing: space.routings,
  };
}
