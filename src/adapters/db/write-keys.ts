import type { ApiKeyRecord } from '../../app/ports/records';
import type { WriteStore } from '../../app/ports/write-store';
import { InputError } from '../../core/errors';
import { available } from './available';
import type { Database } from './connect';
import { apiKeySelect } from './input-rows';
import { readAgain } from './read-again';

type KeyWrites = Pick<
  WriteStore,
  'ensureWorkspace' | 'createApiKey' | 'revokeApiKey' | 'useApiKey' | 'countAdminKeys'
>;

/** The workspace that every other one reads. Whoever had a key for it could change what all see. */
const SHARED_NAME = 'shared';

export function createKeyWrites({ prisma, sql }: Database): KeyWrites {
  return {
    async ensureWorkspace(name) {
      if (name === SHARED_NAME)
        throw new InputError({
          source: 'workspace',
          path: '',
          found: JSON.stringify(name),
          allowed: 'any other name: this one holds what is shipped',
        });
      await sql`INSERT INTO workspaces (name) VALUES (${name}) ON CONFLICT (name) DO NOTHING`;
      return prisma.workspace.findUniqueOrThrow({ where: { name }, select: { id: true, name: true } });
    },

    createApiKey: ({ secretHash, ...key }) =>
      prisma.apiKey.create({
        data: { ...key, secretHash: Uint8Array.from(secretHash) },
        select: apiKeySelect,
      }),

    async revokeApiKey(workspaceId, id) {
      await prisma.apiKey.updateMany({
        where: { id, workspaceId, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      return prisma.apiKey.findFirst({ where: { id, workspaceId }, select: apiKeySelect });
    },

    async useApiKey(secretHash) {
      const [row] = await readAgain(
        async () => sql<KeyRow[]>`
        SELECT id, workspace_id, name, prefix, role, created_at, expires_at, revoked_at, last_used_at,
          coalesce(last_used_at < now() - interval '1 minute', true) AS is_note_due
        FROM api_keys WHERE secret_hash = ${Buffer.from(secretHash)}`,
      );
      if (row === undefined) return null;
      if (row.is_note_due && row.revoked_at === null)
        await available(
          async () => sql`UPDATE api_keys SET last_used_at = now()
          WHERE id = ${row.id} AND coalesce(last_used_at < now() - interval '1 minute', true)`,
        );
      return fromKeyRow(row);
    },

    countAdminKeys: () =>
      prisma.apiKey.count({
        where: {
          role: 'admin',
          revokedAt: null,
          OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
        },
      }),
  };
}

interface KeyRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: ApiKeyRecord['role'];
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly is_note_due: boolean;
}

const fromKeyRow = (row: KeyRow): ApiKeyRecord => ({
  id: row.id,
  workspaceId: row.workspace_id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});
