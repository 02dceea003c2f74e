import { Float, ID, Int } from 'type-graphql';
import { field, objectType, optional } from './described';
import { Objective, PriceKind, Routing, Scheduler } from './enums';
import { Target } from './measurements';
import { SafeInt } from './scalars';
import { ArrivalProcess, LengthDistribution } from './traffic-enums';

@objectType('ResolvedArrival', 'How requests arrive.')
class ResolvedArrival {
  @field(() => ArrivalProcess, 'The process.')
  readonly process!: string;
  @optional(() => Float, 'Coefficient of variation of the gaps; only of GAMMA.')
  readonly cv!: number | null;
  @optional(() => Int, 'Requests of one burst; only of BURST.')
  readonly burstSize!: number | null;
}

@objectType('ResolvedLength', 'How long prompts or outputs are, tokens.')
class ResolvedLength {
  @field(() => LengthDistribution, 'The distribution.')
  readonly distribution!: string;
  @optional(() => Float, 'Tokens; only of FIXED.')
  readonly value!: number | null;
  @optional(() => Float, 'Mean, tokens; only of NORMAL, LOGNORMAL and GAMMA.')
  readonly mean!: number | null;
  @optional(() => Float, 'Standard deviation, tokens; only of NORMAL, LOGNORMAL and GAMMA.')
  readonly std!: number | null;
  @optional(() => Float, 'Fewest tokens; only of UNIFORM.')
  readonly min!: number | null;
  @optional(() => Float, 'Most tokens; only of UNIFORM.')
  readonly max!: number | null;
  @optional(() => [Float], 'Possible token counts; only of EMPIRICAL.')
  readonly values!: readonly number[] | null;
  @optional(() => [Float], 'Their probability weights; only of EMPIRICAL.')
  readonly weights!: readonly number[] | null;
}

@objectType('ResolvedPrefixCaching', 'What of the prompts is in the prefix cache.')
class ResolvedPrefixCaching {
  @optional(() => Float, "Share of every prompt's tokens, 0..1; null: the cache is simulated.")
  readonly hitRate!: number | null;
  @field(() => Boolean, "Whether a cache of the trace's hash_ids is simulated in each replica.")
  readonly simulate!: boolean;
  @optional(() => Int, 'Tokens of one hash; null: the cache is not simulated.')
  readonly hashBlockSize!: number | null;
}

@objectType('ResolvedWorkload', 'The traffic a plan is for.')
class ResolvedWorkload {
  @field(() => Float, 'Lowest rate looked at, requests/s over all replicas.')
  readonly lowestRateQps!: number;
  @field(() => Float, 'Highest rate looked at, requests/s over all replicas.')
  readonly highestRateQps!: number;
  @field(() => ResolvedArrival, 'How requests arrive.')
  readonly arrival!: ResolvedArrival;
  @optional(() => ResolvedLength, 'Lengths of prompts; null: those of the trace.')
  readonly promptLength!: ResolvedLength | null;
  @optional(() => ResolvedLength, 'Lengths of outputs; null: those of the trace.')
  readonly outputLength!: ResolvedLength | null;
  @optional(() => ResolvedLength, 'Prompt tokens in the prefix cache; null: none, or those of the trace.')
  readonly cachedPromptTokens!: ResolvedLength | null;
  @optional(() => ID, 'The trace the lengths come from; null: they are drawn.')
  readonly traceId!: string | null;
  @optional(
    () => ResolvedPrefixCaching,
    'Prefix caching asked for; null: cachedPromptTokens says what is cached.',
  )
  readonly prefixCaching!: ResolvedPrefixCaching | null;
}

@objectType('ResolvedConstraints', 'What a candidate must meet.')
export class ResolvedConstraints {
  @field(() => [Target], 'Latency targets; without one a load is sustained when the queue does not grow.')
  readonly targets!: readonly Target[];
  @optional(() => Float, 'Most US dollars per hour; null: no limit.')
  readonly maxCostPerHourUsd!: number | null;
  @optional(() => Float, 'Least sustainable load, requests/s; null: no limit.')
  readonly minQps!: number | null;
}

const BY_SCHEDULER = "null: each scheduler's default";

@objectType('ResolvedConfigSpace', 'The deployments to choose among: every combination that makes sense.')
class ResolvedConfigSpace {
  @field(() => [ID], 'Catalogue ids of the GPUs.')
  readonly gpuTypes!: readonly string[];
  @optional(
    () => [Int],
    'GPUs of one replica: a pair of degrees counts when its product is listed; null: any.',
  )
  readonly numGpus!: readonly number[] | null;
  @field(() => [Int], 'Tensor-parallel degrees.')
  readonly tensorParallel!: readonly number[];
  @field(() => [Int], 'Numbers of pipeline stages.')
  readonly pipelineParallel!: readonly number[];
  @field(() => [Int], 'Numbers of replicas.')
  readonly numReplicas!: readonly number[];
  @field(() => [Scheduler], 'Schedulers.')
  readonly schedulers!: readonly string[];
  @field(() => [Int], 'Most requests in the running batch of one replica.')
  readonly maxBatchSizes!: readonly number[];
  @optional(() => [SafeInt], `Tokens of one iteration; ${BY_SCHEDULER}.`)
  readonly maxBatchedTokens!: readonly number[] | null;
  @optional(() => [Int], `Prefill chunks of SARATHI, tokens; ${BY_SCHEDULER}.`)
  readonly chunkSize!: readonly number[] | null;
  @optional(() => [Int], `Tokens of one KV block; ${BY_SCHEDULER}.`)
  readonly blockSize!: readonly number[] | null;
  @optional(() => [SafeInt], "KV blocks of a replica; null: the profile's, else from memory.")
  readonly numGpuBlocks!: readonly number[] | null;
  @optional(() => [Float], `Share of GPU memory the engine may use, 0..1; ${BY_SCHEDULER}.`)
  readonly gpuMemoryUtilization!: readonly number[] | null;
  @optional(() => [Float], `Fraction of the KV blocks kept free on admission; ${BY_SCHEDULER}.`)
  readonly watermark!: readonly number[] | null;
  @optional(() => [SafeInt], 'Longest prompt + output accepted, tokens; null: from the workload.')
  readonly maxModelLen!: readonly number[] | null;
  @optional(() => [Routing], `Routing; ${BY_SCHEDULER}.`)
  readonly routing!: readonly string[] | null;
}

@objectType('GpuPrice', 'A price of the request itself.')
class GpuPrice {
  @field(() => ID, 'Catalogue id of the GPU.')
  readonly gpu!: string;
  @field(() => Float, 'US dollars for one GPU and hour.')
  readonly usd!: number;
}

@objectType('ResolvedPrices', 'Which prices are used.')
export class ResolvedPrices {
  @optional(() => String, 'Provider of the price book; null: the default.')
  readonly provider!: string | null;
  @field(() => PriceKind, 'On demand, spot or reserved.')
  readonly kind!: string;
  @field(() => Boolean, 'Whether whole instances are paid where the book has them.')
  readonly wholeInstances!: boolean;
  @field(() => [GpuPrice], 'Prices of the request itself, which win over the book.')
  readonly usdPerGpuHour!: readonly GpuPrice[];
}

@objectType('ResolvedSimulation', 'How each rate is simulated.')
class ResolvedSimulation {
  @field(() => Float, 'Measured part, s.')
  readonly duration!: number;
  @field(() => Float, 'Simulated before it and not measured, s.')
  readonly warmupDuration!: number;
  @field(() => SafeInt, 'Seed of the random numbers.')
  readonly randomSeed!: number;
}

@objectType('ResolvedOverhead', "Overheads given; null: the default for the profile's kind.")
class ResolvedOverhead {
  @optional(() => Float, 'CPU, sampler and small kernels of one engine step, ms.')
  readonly stepMs!: number | null;
  @optional(() => Float, 'API server work of one request, ms.')
  readonly requestMs!: number | null;
  @optional(() => Float, "Engine steps between the making of a request's first token and its delivery.")
  readonly firstTokenExtraSteps!: number | null;
}

@objectType('ResolvedRequest', 'A plan request with every default in place.')
export class ResolvedRequest {
  @field(() => ID, 'Catalogue id of the model.')
  readonly modelId!: string;
  @field(() => ResolvedWorkload, 'The traffic.')
  readonly workload!: ResolvedWorkload;
  @field(() => ResolvedConstraints, 'What a candidate must meet.')
  readonly constraints!: ResolvedConstraints;
  @field(() => ResolvedConfigSpace, 'The deployments to choose among.')
  readonly configSpace!: ResolvedConfigSpace;
  @field(() => Objective, 'What the best candidate is best at.')
  readonly objective!: string;
  @optional(() => Float, 'Load to serve, requests/s; null: none was given.')
  readonly targetQps!: number | null;
  @field(() => ResolvedPrices, 'Which prices are used.')
  readonly prices!: ResolvedPrices;
  @field(() => ResolvedSimulation, 'How each rate is simulated.')
  readonly simulation!: ResolvedSimulation;
  @field(() => ResolvedOverhead, 'Overheads given.')
  readonly overhead!: ResolvedOverhead;
}
