import { InputError } from '../core/errors';
import { AccessError, type Caller, hashApiKey, newApiKeySecret, requireRole } from './access';
import type { PlannerApi } from './ports/api';
import { NotFoundError } from './ports/api-errors';
import type { ApiKeyRecord, Role } from './ports/records';
import type { WriteStore } from './ports/write-store';
import { checkName } from './uploads/check-name';

export interface NewApiKey {
  readonly workspaceId: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** Makes a key; its secret is shown this once. */
export async function issueApiKey(
  writes: WriteStore,
  { workspaceId, name, role, expiresAt }: NewApiKey,
): Promise<{ key: ApiKeyRecord; secret: string }> {
  checkName(name, 'name');
  const { secret, prefix, secretHash } = newApiKeySecret();
  const key = await writes.createApiKey({ workspaceId, name, prefix, secretHash, role, expiresAt });
  return { key, secret };
}

/** The caller behind a secret. Throws an AccessError when there is none, or its key is revoked or has expired. */
export async function authenticate(writes: WriteStore, secret: string, now: Date): Promise<Caller> {
  const key = await writes.useApiKey(hashApiKey(secret));
  if (key === null) throw new AccessError('UNAUTHENTICATED', 'this API key is not known');
  const ended = endOfKey(key, now);
  if (ended !== null) throw new AccessError('UNAUTHENTICATED', ended);
  return { keyId: key.id, workspaceId: key.workspaceId, role: key.role };
}

/** Why a key opens nothing any more; null: it does. */
export function endOfKey(
  { revokedAt, expiresAt }: Pick<ApiKeyRecord, 'revokedAt' | 'expiresAt'>,
  now: Date,
): string | null {
  if (revokedAt !== null) return 'this API key was revoked';
  return expiresAt !== null && expiresAt <= now ? 'this API key has expired' : null;
}

export const keyUses = (
  writes: WriteStore,
  now: () => Date,
): Pick<PlannerApi, 'createApiKey' | 'revokeApiKey'> => ({
  async createApiKey(caller, key) {
    requireRole(caller, 'admin', 'create API keys');
    if (key.expiresAt !== null && key.expiresAt <= now()) {
      throw new InputError({
        source: 'request',
        path: 'expiresAt',
        found: key.expiresAt.toISOString(),
        allowed: 'a time to come',
      });
    }
    return issueApiKey(writes, { ...key, workspaceId: caller.workspaceId });
  },
  async revokeApiKey(caller, id) {
    requireRole(caller, 'admin', 'revoke API keys');
    const key = await writes.revokeApiKey(caller.workspaceId, id);
    if (key === null) throw new NotFoundError('API key', id);
    return key;
  },
});
