import { Float, Int } from 'type-graphql';
import { field, inputType, optional } from '../types/described';
import { ArrivalProcess, LengthDistribution } from '../types/traffic-enums';

// One to one with the section `workload` of the request files, in camelCase; to-document.ts translates.

@inputType('LengthInput', 'How long prompts or outputs are, tokens.')
export class LengthInput {
  @field(() => LengthDistribution, 'The distribution. Which other keys it takes is said at each.')
  readonly distribution!: string;
  @optional(() => Int, 'FIXED: tokens.')
  readonly value?: number | null;
  @optional(() => Float, 'NORMAL, LOGNORMAL, GAMMA: mean, tokens.')
  readonly mean?: number | null;
  @optional(() => Float, 'NORMAL, LOGNORMAL, GAMMA: standard deviation, tokens.')
  readonly std?: number | null;
  @optional(() => Int, 'UNIFORM: fewest tokens, included.')
  readonly min?: number | null;
  @optional(() => Int, 'UNIFORM: most tokens, included.')
  readonly max?: number | null;
  @optional(() => [Int], 'EMPIRICAL: possible token counts.')
  readonly values?: readonly number[] | null;
  @optional(() => [Float], 'EMPIRICAL: their probability weights; left out: all the same.')
  readonly weights?: readonly number[] | null;
  @optional(() => String, 'TRACE: name or id of a registered trace.')
  readonly path?: string | null;
}

@inputType('ArrivalInput', 'How requests arrive at a mean rate.')
export class ArrivalInput {
  @field(() => ArrivalProcess, 'The process.')
  readonly process!: string;
  @optional(() => Float, 'GAMMA: coefficient of variation of the gaps, above 0; 1 is Poisson.')
  readonly cv?: number | null;
  @optional(() => Int, 'BURST: requests of one burst.')
  readonly burstSize?: number | null;
}

@inputType('PrefixCachingInput', 'What of the prompts is in the prefix cache: hitRate or simulate, not both.')
export class PrefixCachingInput {
  @optional(
    () => Float,
    "Share of every prompt's tokens that is cached, 0 to 1; the last token is always computed.",
  )
  readonly hitRate?: number | null;
  @optional(
    () => Boolean,
    "true: what a cache of the trace's hash_ids holds, simulated in each replica; false: the trace's cached_prompt_tokens, although it has hash_ids.",
  )
  readonly simulate?: boolean | null;
  @optional(() => Int, 'Beside simulate: tokens of one hash. Default 512.')
  readonly hashBlockSize?: number | null;
}

@inputType('WorkloadInput', 'Traffic without its rate: the search sets the rate.')
export class WorkloadInput {
  @optional(
    () => [Float],
    'Lowest and highest rate to look at, requests/s over all replicas. Default [0.1, 1000].',
  )
  readonly arrivalRateRange?: readonly number[] | null;
  @optional(() => ArrivalInput, 'How requests arrive. Default POISSON; with a trace TRACE.')
  readonly arrival?: ArrivalInput | null;
  @optional(() => LengthInput, 'Lengths of prompts. Default NORMAL, mean 512, std 128.')
  readonly promptLength?: LengthInput | null;
  @optional(() => LengthInput, 'Lengths of outputs. Default NORMAL, mean 256, std 64.')
  readonly outputLength?: LengthInput | null;
  @optional(() => LengthInput, 'Prompt tokens already in the prefix cache. Default none.')
  readonly cachedPromptTokens?: LengthInput | null;
  @optional(
    () => String,
    'Name or id of a registered trace: lengths in pairs, and arrivals; instead of the two lengths.',
  )
  readonly trace?: string | null;
  @optional(
    () => PrefixCachingInput,
    "What of the prompts is in the prefix cache. Default none, or the trace's cached_prompt_tokens.",
  )
  readonly prefixCaching?: PrefixCachingInput | null;
}

@inputType('SimulatedArrivalInput', 'How requests arrive in a simulation.')
export class SimulatedArrivalInput {
  @field(() => ArrivalProcess, 'The process.')
  readonly process!: string;
  @field(() => Float, 'Mean rate over all replicas, requests/s.')
  readonly rate!: number;
  @optional(() => Float, 'GAMMA: coefficient of variation of the gaps, above 0; 1 is Poisson.')
  readonly cv?: number | null;
  @optional(() => Int, 'BURST: requests of one burst.')
  readonly burstSize?: number | null;
}

@inputType(
  'SimulatedWorkloadInput',
  'Traffic of a simulation: a trace, which runs whole at its own times, or arrivals with lengths, or arrivals with the lengths of a trace.',
)
export class SimulatedWorkloadInput {
  @optional(() => SimulatedArrivalInput, 'How requests arrive; left out: as in the trace.')
  readonly arrival?: SimulatedArrivalInput | null;
  @optional(() => LengthInput, 'Lengths of prompts.')
  readonly promptLength?: LengthInput | null;
  @optional(() => LengthInput, 'Lengths of outputs.')
  readonly outputLength?: LengthInput | null;
  @optional(() => LengthInput, 'Prompt tokens already in the prefix cache. Default none.')
  readonly cachedPromptTokens?: LengthInput | null;
  @optional(() => String, 'Name or id of a registered trace.')
  readonly trace?: string | null;
  @optional(
    () => PrefixCachingInput,
    "What of the prompts is in the prefix cache. Default none, or the trace's cached_prompt_tokens.",
  )
  readonly prefixCaching?: PrefixCachingInput | null;
}
