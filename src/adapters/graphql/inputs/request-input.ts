import { Float, Int } from 'type-graphql';
import { inputType, optional } from '../types/described';
import { Routing, Scheduler } from '../types/enums';
import { SafeInt } from '../types/scalars';
import {
  ConstraintsInput,
  ObjectiveInput,
  OverheadInput,
  PricesInput,
  SimulationInput,
} from './settings-input';
import { WorkloadInput } from './traffic-input';

// One to one with the request files, in camelCase; to-document.ts translates.

@inputType(
  'ConfigSpaceInput',
  'The deployments to choose among: every combination, at most 100,000. No entry twice.',
)
export class ConfigSpaceInput {
  @optional(
    () => [String],
    "Names of GPUs, e.g. A100, H100. Default the profile's; required without a profile.",
  )
  readonly gpuTypes?: readonly string[] | null;
  @optional(
    () => [Int],
    'GPUs of one replica: a pair of degrees counts when its product is listed. Default any.',
  )
  readonly numGpus?: readonly number[] | null;
  @optional(() => [Int], 'Tensor-parallel degrees, 1 to 64. Default what fills numGpus, else 1.')
  readonly tensorParallel?: readonly number[] | null;
  @optional(() => [Int], 'Numbers of pipeline stages, 1 to 64. Default 1.')
  readonly pipelineParallel?: readonly number[] | null;
  @optional(() => [Int], 'Numbers of replicas, 1 to 4,096. Default 1, 2, 4, 8; MIN_COST solves them.')
  readonly numReplicas?: readonly number[] | null;
  @optional(() => [Scheduler], 'Schedulers. Default VLLM.')
  readonly schedulers?: readonly string[] | null;
  @optional(() => [Int], 'Most requests in the running batch of one replica, 1 to 65,536. Default 256.')
  readonly maxBatchSizes?: readonly number[] | null;
  @optional(() => [Int], 'Tokens of one iteration. Default by scheduler.')
  readonly maxBatchedTokens?: readonly number[] | null;
  @optional(() => [Int], 'Prefill chunks of SARATHI, tokens. Default 512.')
  readonly chunkSize?: readonly number[] | null;
  @optional(() => [Int], 'Tokens of one KV block, at most 1,024. Default 16.')
  readonly blockSize?: readonly number[] | null;
  @optional(() => [SafeInt], "KV blocks of a replica. Default the profile's, else from memory.")
  readonly numGpuBlocks?: readonly number[] | null;
  @optional(() => [Float], 'Share of GPU memory the engine may use, above 0, at most 1. Default 0.9.')
  readonly gpuMemoryUtilization?: readonly number[] | null;
  @optional(
    () => [Float],
    'Fraction of the KV blocks kept free on admission (VLLM_V0, SARATHI), 0 to 0.5. Default 0.01.',
  )
  readonly watermark?: readonly number[] | null;
  @optional(
    () => [Int],
    "Longest prompt + output accepted, tokens, at most the model's context. Default by workload.",
  )
  readonly maxModelLen?: readonly number[] | null;
  @optional(() => [Routing], 'Which replica a request goes to. Default ROUND_ROBIN.')
  readonly routing?: readonly string[] | null;
}

@inputType('PlanRequestInput', 'A capacity-planning question: the keys of a request file.')
export class PlanRequestInput {
  @optional(
    () => String,
    "Name of a model: a catalogue id, a Hugging Face id or a short name. Default the profile's.",
  )
  readonly model?: string | null;
  @optional(() => String, 'Name of a stored or shipped profile. Default what the library has.')
  readonly profile?: string | null;
  @optional(() => [String], 'Names of several profiles, all of one model; instead of profile.')
  readonly profiles?: readonly string[] | null;
  @optional(() => WorkloadInput, 'The traffic.')
  readonly workload?: WorkloadInput | null;
  @optional(() => ConstraintsInput, 'What a candidate must meet.')
  readonly constraints?: ConstraintsInput | null;
  @optional(() => ConfigSpaceInput, 'The deployments to choose among.')
  readonly configSpace?: ConfigSpaceInput | null;
  @optional(() => SimulationInput, 'How each rate is simulated.')
  readonly simulation?: SimulationInput | null;
  @optional(() => ObjectiveInput, 'What the best candidate is best at. Default MAX_QPS_PER_DOLLAR.')
  readonly objective?: ObjectiveInput | null;
  @optional(
    () => Float,
    'Load to serve, requests/s; required by MIN_COST, which else takes constraints.minQps.',
  )
  readonly targetQps?: number | null;
  @optional(() => PricesInput, 'Which prices to use.')
  readonly prices?: PricesInput | null;
  @optional(() => OverheadInput, 'Time that kernel-level profiles do not contain.')
  readonly overhead?: OverheadInput | null;
}
