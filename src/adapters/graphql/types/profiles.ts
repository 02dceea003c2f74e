import { GraphQLDateTime } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import type { LintFinding as CoreFinding } from '../../../core/profile/lint-finding';
import type { ProfileKind as ProfileKindValue } from '../../../core/profile/profile';
import { Gpu, Model } from './catalog';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { LintCode, LintSeverity, ProfileKind } from './profile-enums';

@objectType(
  'LintFinding',
  'Something about a profile that a person should know before trusting a plan made with it.',
)
export class LintFinding implements CoreFinding {
  @field(() => LintCode, 'What it is about.')
  readonly code!: CoreFinding['code'];
  @field(() => LintSeverity, 'How much it matters.')
  readonly severity!: CoreFinding['severity'];
  @field(() => String, 'What was found, with the numbers.')
  readonly message!: string;
  @field(() => String, 'What to do about it.')
  readonly fix!: string;
}

@objectType(
  'PrefillRow',
  'One measured prefill iteration: batchSize prompts of promptTokens each, nothing cached.',
)
export class PrefillRow {
  @field(() => Int, 'Length of each prompt, tokens.')
  readonly promptTokens!: number;
  @field(() => Int, 'Prompts in the batch.')
  readonly batchSize!: number;
  @field(() => Float, 'Mean time, ms.')
  readonly meanMs!: number;
  @optional(() => Float, 'Median time, ms; null where the file has none.')
  readonly medianMs!: number | null;
  @optional(() => Float, 'Standard deviation, ms; null where the file has none.')
  readonly stdMs!: number | null;
}

@objectType(
  'DecodeRow',
  'One measured decode iteration: batchSize requests with contextTokens in the KV cache, one new token each.',
)
export class DecodeRow {
  @field(() => Int, 'Tokens each request has in the KV cache.')
  readonly contextTokens!: number;
  @field(() => Int, 'Requests in the batch.')
  readonly batchSize!: number;
  @field(() => Float, 'Mean time, ms.')
  readonly meanMs!: number;
  @optional(() => Float, 'Median time, ms; null where the file has none.')
  readonly medianMs!: number | null;
  @optional(() => Float, 'Standard deviation, ms; null where the file has none.')
  readonly stdMs!: number | null;
}

@objectType('IntRange', 'Smallest and largest of some whole numbers.')
export class IntRange {
  @field(() => Int, 'The smallest.')
  readonly min!: number;
  @field(() => Int, 'The largest.')
  readonly max!: number;
}

@objectType(
  'ProfileCoverage',
  'The range a profile was measured in: outside it times are extrapolated. Null: no such rows.',
)
export class ProfileCoverage {
  @optional(() => IntRange, 'Batch sizes of the prefill rows, requests.')
  readonly prefillBatchSize!: IntRange | null;
  @optional(() => IntRange, 'Prompt lengths of the prefill rows, tokens.')
  readonly promptTokens!: IntRange | null;
  @optional(() => IntRange, 'Batch sizes of the decode rows, requests.')
  readonly decodeBatchSize!: IntRange | null;
  @optional(() => IntRange, 'Context lengths of the decode rows, tokens.')
  readonly contextTokens!: IntRange | null;
}

@objectType('ProfileMemory', 'What model_memory.json says; null where it does not say it.')
export class ProfileMemory {
  @optional(() => Float, 'Parameters of the model.')
  readonly paramsTotal!: number | null;
  @optional(() => Float, 'Weights on one GPU, bytes.')
  readonly weightBytesPerGpu!: number | null;
  @optional(() => Float, 'All weights, bytes.')
  readonly totalWeightBytes!: number | null;
  @optional(() => Float, 'Activations on one GPU, bytes.')
  readonly activationBytes!: number | null;
  @optional(() => Float, 'KV cache of one token, bytes.')
  readonly kvBytesPerToken!: number | null;
  @optional(() => Float, 'KV blocks of the engine that was profiled.')
  readonly numGpuBlocks!: number | null;
}

@objectType(
  'Profile',
  'Measured iteration times of one model, GPU, tensor-parallel degree, engine and dtype. Never changes.',
)
export class Profile {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Its name; of a shipped one the library id. Several versions may have one name.')
  readonly name!: string;
  @field(() => Int, 'Version under its name, from 1.')
  readonly version!: number;
  @field(() => String, 'Digest of everything in it: equal digests are equal profiles.')
  readonly contentHash!: string;
  @field(() => ID, 'Catalogue id of the GPU it was measured on.')
  readonly gpuId!: string;
  @field(() => ID, 'Catalogue id of the model.')
  readonly modelId!: string;
  @field(() => Int, 'Tensor-parallel degree it was measured at.')
  readonly tensorParallel!: number;
  @field(() => ProfileKind, 'What its times contain.')
  readonly kind!: ProfileKindValue;
  @optional(() => String, 'Engine that was profiled, as the metadata says.')
  readonly engine!: string | null;
  @optional(() => String, 'Number formats, as the metadata says.')
  readonly dtype!: string | null;
  @optional(() => Float, 'Bytes of one weight; null: as the catalogue says.')
  readonly weightBytesPerParam!: number | null;
  @optional(() => String, 'When it was measured, as the metadata says.')
  readonly measuredOn!: string | null;
  @field(() => Int, 'Prefill rows.')
  readonly prefillRowCount!: number;
  @field(() => Int, 'Decode rows.')
  readonly decodeRowCount!: number;
  @field(() => [LintFinding], 'Findings of the lint, worst first.')
  readonly findings!: readonly CoreFinding[];
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was archived; null: in use.')
  readonly archivedAt!: Date | null;
}

export const ProfileConnection = connectionOf(Profile, 'Profile', 'profiles', { counted: true });

@objectType('ProfileCheck', 'A profile read and checked, not stored.')
export class ProfileCheck {
  @field(() => Model, 'The model it is of.')
  readonly model!: Model;
  @field(() => Gpu, 'The GPU it was measured on.')
  readonly gpu!: Gpu;
  @field(() => Int, 'Tensor-parallel degree it was measured at.')
  readonly tensorParallel!: number;
  @field(() => ProfileKind, 'What its times contain.')
  readonly kind!: ProfileKindValue;
  @field(() => Int, 'Prefill rows.')
  readonly prefillRowCount!: number;
  @field(() => Int, 'Decode rows.')
  readonly decodeRowCount!: number;
  @field(() => ProfileCoverage, 'The range it was measured in.')
  readonly coverage!: ProfileCoverage;
  @field(() => [LintFinding], 'Findings of the lint, worst first.')
  readonly findings!: readonly CoreFinding[];
  @field(() => [String], 'What was read from the files that a person should know, one sentence each.')
  readonly notes!: readonly string[];
}
