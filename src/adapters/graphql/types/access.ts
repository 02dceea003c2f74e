import { GraphQLDateTime } from 'graphql-scalars';
import { ID, Int } from 'type-graphql';
import type { Role as RoleValue } from '../../../app/ports/records';
import { field, objectType, optional } from './described';
import { Role } from './enums';

@objectType('ApiKey', 'A key that gives access to a workspace. Its secret is shown once, when it is made.')
export class ApiKey {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'What it is for.')
  readonly name!: string;
  @field(() => String, 'First characters of the secret.')
  readonly prefix!: string;
  @field(() => Role, 'What it may do.')
  readonly role!: RoleValue;
  @field(() => GraphQLDateTime, 'When it was made.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it stops working; null: never.')
  readonly expiresAt!: Date | null;
  @optional(() => GraphQLDateTime, 'When it was revoked; null: it was not.')
  readonly revokedAt!: Date | null;
  @optional(() => GraphQLDateTime, 'When it was last used, to the minute; null: never.')
  readonly lastUsedAt!: Date | null;
}

@objectType('CreatedApiKey', 'A new API key.')
export class CreatedApiKey {
  @field(() => ApiKey, 'The key.')
  readonly key!: ApiKey;
  @field(
    () => String,
    'The secret to send as "Authorization: Bearer …". Only its hash is stored: keep it now.',
  )
  readonly secret!: string;
}

@objectType('Workspace', 'Whose plans, profiles and prices: workspaces see nothing of each other.')
export class Workspace {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Its name.')
  readonly name!: string;
}

@objectType('Limits', 'What this server accepts in one request.')
export class Limits {
  @field(() => Int, 'Deepest nesting of fields.')
  readonly maxQueryDepth!: number;
  @field(() => Int, 'Most rows an answer may hold, as estimated from the sizes of pages.')
  readonly maxQueryComplexity!: number;
  @field(() => Int, 'Most aliases of a document.')
  readonly maxAliases!: number;
  @field(() => Int, 'Most fields at the root of an operation.')
  readonly maxRootFields!: number;
  @field(() => Int, 'Most tokens of a document.')
  readonly maxTokens!: number;
  @field(() => Int, 'Largest page of a list.')
  readonly maxPageSize!: number;
  @field(() => Int, 'Most subscriptions of one connection.')
  readonly maxSubscriptionsPerConnection!: number;
}

@objectType('Viewer', 'Who asks.')
export class Viewer {
  @field(() => Workspace, 'The workspace that is seen.')
  readonly workspace!: Workspace;
  @field(() => Role, 'What the caller may do.')
  readonly role!: RoleValue;
  @optional(() => ID, 'Id of the API key used; null on a server that is open on loopback.')
  readonly keyId!: string | null;
  @field(() => Limits, 'What this server accepts in one request.')
  readonly limits!: Limits;
}
