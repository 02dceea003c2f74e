import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';

@objectType('Trace', 'Recorded requests: when each arrived, and how long its prompt and output were.')
export class Trace {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Unique in the workspace.')
  readonly name!: string;
  @field(() => String, 'Digest of its rows: equal digests are equal traces.')
  readonly contentHash!: string;
  @field(() => Int, 'Requests.')
  readonly requestCount!: number;
  @field(() => Float, 'From the first arrival to the last, s.')
  readonly durationS!: number;
  @field(() => Float, 'Mean prompt, tokens.')
  readonly meanPromptTokens!: number;
  @field(() => Float, 'Mean output, tokens.')
  readonly meanOutputTokens!: number;
  @optional(
    () => Int,
    "Hashes of its prompts' blocks (hash_ids); null: it has none, so no prefix cache can be simulated.",
  )
  readonly promptBlockCount!: number | null;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was archived; null: in use.')
  readonly archivedAt!: Date | null;
}

export const TraceConnection = connectionOf(Trace, 'Trace', 'traces');

@objectType('Workload', 'Traffic under a name, for plans to refer to.')
export class Workload {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Unique in the workspace.')
  readonly name!: string;
  @field(() => String, 'Digest of its definition: equal digests are equal workloads.')
  readonly contentHash!: string;
  @field(() => GraphQLJSONObject, 'The section workload of a request file, with its keys.')
  readonly definition!: Readonly<Record<string, unknown>>;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was archived; null: in use.')
  readonly archivedAt!: Date | null;
}

export const WorkloadConnection = connectionOf(Workload, 'Workload', 'workloads');
