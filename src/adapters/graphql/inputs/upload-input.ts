import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Float, Int } from 'type-graphql';
import { field, inputType, optional, withDefault } from '../types/described';
import { PriceKind, Role } from '../types/enums';
import { PriceUpdateMode } from '../types/profile-enums';
import { WorkloadInput } from './traffic-input';

@inputType('ProfileInput', 'A profile as FaaSInfer writes it. Each file as its JSON value, or as JSON text.')
export class ProfileInput {
  @optional(() => String, 'Name to keep it under. Default <gpu>/<model>/tp<degree>.')
  readonly name?: string | null;
  @field(() => GraphQLJSON, 'fitted_profile.json: the rows.')
  readonly fittedProfile!: unknown;
  @optional(() => GraphQLJSON, 'metadata.json; without it model and gpu have to be given here.')
  readonly metadata?: unknown;
  @optional(() => GraphQLJSON, 'model_memory.json.')
  readonly modelMemory?: unknown;
  @optional(() => String, 'Name of the model; wins over the metadata.')
  readonly model?: string | null;
  @optional(() => String, 'Name of the GPU; wins over the metadata.')
  readonly gpu?: string | null;
  @optional(() => Int, 'Tensor-parallel degree, 1 to 64; wins over the metadata.')
  readonly tensorParallel?: number | null;
}

@inputType('TraceInput', 'Recorded requests.')
export class TraceInput {
  @field(() => String, 'Name to keep it under, unique in the workspace.')
  readonly name!: string;
  @field(
    () => String,
    'CSV text with the columns arrived_at_s, prompt_tokens, output_tokens and, if known, cached_prompt_tokens and hash_ids.',
  )
  readonly csv!: string;
}

@inputType('RegisterWorkloadInput', 'Traffic to keep under a name: workload or yaml, not both.')
export class RegisterWorkloadInput {
  @field(() => String, 'Name to keep it under, unique in the workspace.')
  readonly name!: string;
  @optional(() => WorkloadInput, 'The traffic.')
  readonly workload?: WorkloadInput | null;
  @optional(() => String, 'The same as YAML text: a workload file.')
  readonly yaml?: string | null;
}

@inputType('PriceQuoteInput', 'One dated price of one way to rent one type of GPU.')
export class PriceQuoteInput {
  @field(() => String, 'Name of the GPU, e.g. H100.')
  readonly gpu!: string;
  @field(() => String, 'Who rents it out.')
  readonly provider!: string;
  @optional(() => String, "Region of the provider. Default everywhere's.")
  readonly region?: string | null;
  @withDefault(() => PriceKind, 'on-demand', 'On demand, spot or reserved.')
  readonly kind!: 'on-demand' | 'spot' | 'reserved-1y';
  @field(() => Float, 'US dollars for one GPU and hour.')
  readonly usdPerGpuHour!: number;
  @optional(() => Int, 'GPUs of the instance the quote is for. Default: sold one by one.')
  readonly gpusPerInstance?: number | null;
  @field(() => String, 'Name of the instance or product.')
  readonly product!: string;
  @optional(() => String, 'ISO date of the quote, e.g. 2026-11-01.')
  readonly date?: string | null;
  @field(() => String, 'Where the price was read.')
  readonly source!: string;
}

@inputType('UpdatePricesInput', 'A new version of the price book.')
export class UpdatePricesInput {
  @field(() => String, 'Name of the version, e.g. its date.')
  readonly version!: string;
  @optional(() => String, 'What is special about it.')
  readonly note?: string | null;
  @field(() => [PriceQuoteInput], 'The quotes.')
  readonly quotes!: readonly PriceQuoteInput[];
  @withDefault(() => PriceUpdateMode, 'merge', 'What happens to the quotes of the current book.')
  readonly mode!: 'merge' | 'replace';
}

@inputType('CreateApiKeyInput', 'A new API key of the workspace.')
export class CreateApiKeyInput {
  @field(() => String, 'What it is for.')
  readonly name!: string;
  @withDefault(() => Role, 'viewer', 'What it may do.')
  readonly role!: 'viewer' | 'planner' | 'admin';
  @optional(() => GraphQLDateTime, 'When it stops working. Default never.')
  readonly expiresAt?: Date | null;
}
