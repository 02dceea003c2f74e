import { Arg, Ctx, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ProfileUpload } from '../../../app/ports/api';
import { NotFoundError } from '../../../app/ports/api-errors';
import { type ProfileContent, type ProfileRecord, SHARED_WORKSPACE_ID } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';

import { ProfileFilterInput } from '../inputs/filters';
import { ProfileInput } from '../inputs/upload-input';
import { Gpu, Model } from '../types/catalog';
import { IngestedProfile } from '../types/outcomes';
import {
  DecodeRow,
  PrefillRow,
  Profile,
  ProfileCheck,
  ProfileConnection,
  ProfileCoverage,
  ProfileMemory,
} from '../types/profiles';
import { parseId } from '../values/ids';
import { coverageOf, toProfileMemory } from '../values/to-profile';
import { After, argument, First, type Maybe, optionalArgument } from './arguments';
import { gpuOf, modelOf } from './catalog-entries';
import { conditionsOf } from './catalog-names';
import { withInputPaths } from './input-paths';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';

/** Rows of a profile that a client reads count together. */
const ROWS = 20;

@Resolver()
export class ProfileQueryResolver {
  @Query(() => Profile, { description: 'A profile by its id. NOT_FOUND when the workspace has none.' })
  async profile(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ProfileRecord> {
    const profile = await loaders.profiles.load(parseId(id, 'id'));
    if (profile === null) throw new NotFoundError('profile', id);
    return profile;
  }

  @Query(() => ProfileConnection, {
    description: 'Profiles of the workspace and of the library, by name and newest version first.',
  })
  async profiles(
    @optionalArgument('filter', () => ProfileFilterInput, 'Which ones.') filter: Maybe<ProfileFilterInput>,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits, catalog }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 3);
    const where = conditionsOf(filter, catalog);
    const found = await readStore.profiles(caller.workspaceId, where, page);
    return toConnection(
      found,
      page.after,
      (profile) => profile,
      () => readStore.countProfiles(caller.workspaceId, where),
    );
  }

  @Query(() => ProfileCheck, { description: 'Reads and checks a profile without storing it.' })
  async lintProfile(
    @Arg('input', () => ProfileInput, { description: 'The profile.' }) input: ProfileInput,
    @Ctx() { api, caller, catalog }: GraphqlContext,
  ): Promise<ProfileCheck> {
    const { profile, findings } = await withInputPaths({ argument: 'input', input }, () =>
      api.lintProfile(caller, toUpload(input)),
    );
    return {
      model: modelOf(catalog, profile.modelId),
      gpu: gpuOf(catalog, profile.gpuId),
      tensorParallel: profile.tensorParallel,
      kind: profile.kind,
      prefillRowCount: profile.prefill.length,
      decodeRowCount: profile.decode.length,
      coverage: coverageOf(profile),
      findings,
      notes: profile.notes,
    };
  }

  @Mutation(() => IngestedProfile, {
    description:
      'Stores a profile with the findings of the lint. The same content is stored once. Role planner.',
  })
  async ingestProfile(
    @Arg('input', () => ProfileInput, { description: 'The profile.' }) input: ProfileInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const { record, created } = await withInputPaths({ argument: 'input', input }, () =>
      api.ingestProfile(caller, toUpload(input)),
    );
    return { profile: record, findings: record.findings, created };
  }

  @Mutation(() => Profile, {
    description: 'Takes a profile out of lists and of the choice of new plans. Role planner.',
  })
  archiveProfile(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<ProfileRecord> {
    return api.setProfileArchived(caller, parseId(id, 'id'), true);
  }

  @Mutation(() => Profile, { description: 'Puts an archived profile back. Role planner.' })
  unarchiveProfile(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<ProfileRecord> {
    return api.setProfileArchived(caller, parseId(id, 'id'), false);
  }
}

const toUpload = (input: ProfileInput): ProfileUpload => ({
  name: input.name ?? null,
  fittedProfile: asText(input.fittedProfile),
  metadata: input.metadata == null ? null : asText(input.metadata),
  modelMemory: input.modelMemory == null ? null : asText(input.modelMemory),
  model: input.model ?? null,
  gpu: input.gpu ?? null,
  tensorParallel: input.tensorParallel ?? null,
});

/** Files come as JSON values or as their text. */
const asText = (file: unknown): string => (typeof file === 'string' ? file : JSON.stringify(file));

@Resolver(() => Profile)
export class ProfileResolver {
  @relation(() => Boolean, 'Whether it is shipped with the planner.')
  shipped(@Root() profile: ProfileRecord): boolean {
    return profile.workspaceId === SHARED_WORKSPACE_ID;
  }

  @relation(() => Gpu, 'The GPU it was measured on.', { complexity: 0 })
  gpu(@Root() profile: ProfileRecord, @Ctx() { catalog }: GraphqlContext): Gpu {
    return gpuOf(catalog, profile.gpuId);
  }

  @relation(() => Model, 'The model.', { complexity: 0 })
  model(@Root() profile: ProfileRecord, @Ctx() { catalog }: GraphqlContext): Model {
    return modelOf(catalog, profile.modelId);
  }

  @relation(() => [PrefillRow], 'Its prefill rows.', { complexity: ROWS })
  async prefillRows(@Root() profile: ProfileRecord, @Ctx() context: GraphqlContext) {
    return (await contentOf(profile, context)).prefill;
  }

  @relation(() => [DecodeRow], 'Its decode rows.', { complexity: ROWS })
  async decodeRows(@Root() profile: ProfileRecord, @Ctx() context: GraphqlContext) {
    return (await contentOf(profile, context)).decode;
  }

  @relation(() => ProfileCoverage, 'The range it was measured in.', { complexity: 1 })
  async coverage(@Root() profile: ProfileRecord, @Ctx() context: GraphqlContext): Promise<ProfileCoverage> {
    return coverageOf(await contentOf(profile, context));
  }

  @relation(() => ProfileMemory, 'What its model_memory.json says.', { complexity: 1 })
  async memory(@Root() profile: ProfileRecord, @Ctx() context: GraphqlContext): Promise<ProfileMemory> {
    return toProfileMemory((await contentOf(profile, context)).memory);
  }

  @relation(() => [String], 'What was read from the files that a person should know, one sentence each.', {
    complexity: 1,
  })
  async notes(@Root() profile: ProfileRecord, @Ctx() context: GraphqlContext): Promise<readonly string[]> {
    return (await contentOf(profile, context)).notes;
  }
}

async function contentOf(profile: ProfileRecord, { loaders }: GraphqlContext): Promise<ProfileContent> {
  const content = await loaders.profileContents.load(profile.id);
  if (content === null) throw new NotFoundError('profile', profile.id);
  return content;
}
