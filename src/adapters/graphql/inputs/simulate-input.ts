import { Float, ID, Int } from 'type-graphql';
import { field, inputType, optional, withDefault } from '../types/described';
import { Routing, Scheduler } from '../types/enums';
import { SafeInt } from '../types/scalars';
import { OverheadInput, SimulationInput } from './settings-input';
import { SimulatedWorkloadInput } from './traffic-input';

// One to one with the deployment files of `simulate`, in camelCase; to-document.ts translates.

@inputType('DeploymentInput', 'One deployment.')
export class DeploymentInput {
  @field(() => String, 'Name of the GPU, e.g. A100.')
  readonly gpuType!: string;
  @field(() => Int, 'Tensor-parallel degree, 1 to 64.')
  readonly tensorParallel!: number;
  @field(() => Scheduler, 'How batches are made.')
  readonly scheduler!: string;
  @optional(() => Int, 'Pipeline stages, 1 to 64. Default 1.')
  readonly pipelineParallel?: number | null;
  @optional(() => Int, 'Copies of the model, 1 to 4,096. Default 1.')
  readonly numReplicas?: number | null;
  @optional(() => Int, 'Most requests in the running batch of one replica, 1 to 65,536. Default 256.')
  readonly maxBatchSize?: number | null;
  @optional(() => Int, 'Tokens of one iteration. Default by scheduler.')
  readonly maxBatchedTokens?: number | null;
  @optional(() => Int, 'Prefill chunk of SARATHI, tokens. Default 512.')
  readonly chunkSize?: number | null;
  @optional(() => Int, 'Tokens of one KV block, at most 1,024. Default 16.')
  readonly blockSize?: number | null;
  @optional(() => SafeInt, "KV blocks of a replica. Default the profile's, else from memory.")
  readonly numGpuBlocks?: number | null;
  @optional(() => Float, 'Share of GPU memory the engine may use, above 0, at most 1. Default 0.9.')
  readonly gpuMemoryUtilization?: number | null;
  @optional(
    () => Float,
    'Fraction of the KV blocks kept free on admission (VLLM_V0, SARATHI), 0 to 0.5. Default 0.01.',
  )
  readonly watermark?: number | null;
  @optional(
    () => Int,
    "Longest prompt + output accepted, tokens, at most the model's context. Default by workload.",
  )
  readonly maxModelLen?: number | null;
  @optional(() => Routing, 'Which replica a request goes to. Default ROUND_ROBIN.')
  readonly routing?: string | null;
}

@inputType('SimulateRequestInput', 'One deployment under one load: the keys of a deployment file.')
export class SimulateRequestInput {
  @optional(() => String, "Name of a stored or shipped profile. Default the library's for the model.")
  readonly profile?: string | null;
  @optional(() => String, 'Name of the model; required without a profile.')
  readonly model?: string | null;
  @field(() => DeploymentInput, 'The deployment.')
  readonly deployment!: DeploymentInput;
  @optional(() => OverheadInput, 'Time that kernel-level profiles do not contain.')
  readonly overhead?: OverheadInput | null;
  @field(() => SimulatedWorkloadInput, 'The traffic.')
  readonly workload!: SimulatedWorkloadInput;
  @optional(() => SimulationInput, 'How long to simulate; not used where a trace runs at its own times.')
  readonly simulation?: SimulationInput | null;
}

@inputType('SimulateInput', 'What to simulate: request or yaml, not both.')
export class SimulateInput {
  @optional(() => SimulateRequestInput, 'The deployment and its load.')
  readonly request?: SimulateRequestInput | null;
  @optional(() => String, 'The same as the YAML text of a deployment file.')
  readonly yaml?: string | null;
  @optional(() => ID, 'Id of a stored profile, in place of the name of one.')
  readonly profileId?: string | null;
  @withDefault(() => Boolean, false, 'Simulate on a profile in which the lint finds errors.')
  readonly acceptProfileErrors!: boolean;
}
