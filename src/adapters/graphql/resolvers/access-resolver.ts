import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../../app/access';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { ApiKeyRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { CreateApiKeyInput } from '../inputs/upload-input';
import { ApiKey, CreatedApiKey, Viewer } from '../types/access';
import { parseId } from '../values/ids';
import { argument } from './arguments';
import { withInputPaths } from './input-paths';

@Resolver()
export class AccessResolver {
  @Query(() => Viewer, { description: 'Who asks, what they may do, and what the server accepts.' })
  async viewer(@Ctx() { readStore, caller, limits }: GraphqlContext): Promise<Viewer> {
    const workspace = await readStore.workspace(caller.workspaceId);
    if (workspace === null) throw new NotFoundError('workspace', caller.workspaceId);
    return { workspace, role: caller.role, keyId: caller.keyId, limits };
  }

  @Query(() => [ApiKey], { description: 'The API keys of the workspace. Role admin.' })
  async apiKeys(@Ctx() { readStore, caller }: GraphqlContext): Promise<readonly ApiKeyRecord[]> {
    requireRole(caller, 'admin', 'see API keys');
    return readStore.apiKeys(caller.workspaceId);
  }

  @Mutation(() => CreatedApiKey, { description: 'Makes an API key of the workspace. Role admin.' })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The key.' }) input: CreateApiKeyInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const { name, role, expiresAt = null } = input;
    return withInputPaths({ argument: 'input', input }, () =>
      api.createApiKey(caller, { name, role, expiresAt }),
    );
  }

  @Mutation(() => ApiKey, { description: 'Ends an API key at once. Role admin.' })
  revokeApiKey(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<ApiKeyRecord> {
    return api.revokeApiKey(caller, parseId(id, 'id'));
  }
}
