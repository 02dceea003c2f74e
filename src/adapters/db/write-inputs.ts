import type { TransactionSql } from 'postgres';
import type { NewProfile, WriteStore } from '../../app/ports/write-store';
import { InputError } from '../../core/errors';
import type { PrefixHashes } from '../../core/workload/prefix-hashes';
import type { Trace } from '../../core/workload/workload';
import { archiving } from './archiving';
import type { Database } from './connect';
import { profileSelect, toProfileRecord, toWorkloadRecord, traceSelect, workloadSelect } from './input-rows';
import { withLock } from './locks';
import { toProfileRow } from './profile-rows';
import { toStoredJson } from './stored-json';

type InputWrites = Pick<
  WriteStore,
  'addProfile' | 'setProfileArchived' | 'addTrace' | 'addWorkload' | 'setWorkloadArchived' | 'setPlanArchived'
>;

export function createInputWrites({ prisma, sql }: Database): InputWrites {
  return {
    async addProfile(workspaceId, profile) {
      const { id, created } = await withLock(sql, `profiles ${workspaceId}`, (tx) =>
        storeProfile(tx, workspaceId, profile),
      );
      const stored = await prisma.profile.findUniqueOrThrow({ where: { id }, select: profileSelect });
      return { record: toProfileRecord(stored), created };
    },

    async addTrace(workspaceId, trace, contentHash) {
      const { id, created } = await once(workspaceId, 'traces', contentHash, async (tx) => {
        await refuseTaken(tx, workspaceId, 'traces', trace.name);
        return tx`INSERT INTO traces ${tx({ ...traceRow(trace), workspace_id: workspaceId, content_hash: contentHash })}
          RETURNING id`;
      });
      return {
        record: await prisma.trace.findUniqueOrThrow({ where: { id }, select: traceSelect }),
        created,
      };
    },

    async addWorkload(workspaceId, { name, contentHash, definition, traceId }) {
      const { id, created } = await once(workspaceId, 'workloads', contentHash, async (tx) => {
        await refuseTaken(tx, workspaceId, 'workloads', name);
        const json = tx.json(toStoredJson(definition) as never);
        return tx`
          INSERT INTO workloads (workspace_id, name, content_hash, definition, trace_id)
          VALUES (${workspaceId}, ${name}, ${contentHash}, ${json}, ${traceId}) RETURNING id`;
      });
      const stored = await prisma.workload.findUniqueOrThrow({ where: { id }, select: workloadSelect });
      return { record: toWorkloadRecord(stored), created };
    },

    async setProfileArchived(workspaceId, id, archived) {
      await prisma.profile.updateMany(archiving(workspaceId, id, archived));
      const row = await prisma.profile.findFirst({ where: { id, workspaceId }, select: profileSelect });
      return row === null ? null : toProfileRecord(row);
    },

    async setWorkloadArchived(workspaceId, id, archived) {
      await prisma.workload.updateMany(archiving(workspaceId, id, archived));
      const row = await prisma.workload.findFirst({ where: { id, workspaceId }, select: workloadSelect });
      return row === null ? null : toWorkloadRecord(row);
    },

    async setPlanArchived(workspaceId, id, archived) {
      await prisma.plan.updateMany(archiving(workspaceId, id, archived));
      return (await prisma.plan.count({ where: { id, workspaceId } })) === 1;
    },
  };

  /** The row of this content: the one that is there, or a new one. Writers of one workspace take turns. */
  function once(
    workspaceId: string,
    table: 'traces' | 'workloads',
    contentHash: string,
    insert: (tx: TransactionSql) => Promise<Iterable<unknown>>,
  ): Promise<{ id: string; created: boolean }> {
    return withLock(sql, `${table} ${workspaceId}`, async (tx) => {
      const [known] = await tx<{ id: string }[]>`
        SELECT id FROM ${tx(table)} WHERE workspace_id = ${workspaceId} AND content_hash = ${contentHash}`;
      if (known !== undefined) return { id: known.id, created: false };
      const [added] = (await insert(tx)) as { id: string }[];
      return { id: added!.id, created: true };
    });
  }
}

/**
 * The newest version of its name, when that has this content; else a new one, also of content that an older one had. Under
 * a name that is new, content that another name has is not stored again.
 */
async function storeProfile(
  tx: TransactionSql,
  workspaceId: string,
  profile: NewProfile,
): Promise<{ id: string; created: boolean }> {
  const { name, contentHash } = profile;
  const [newest] = await tx<ProfileVersion[]>`
    SELECT id, version, content_hash FROM profiles WHERE workspace_id = ${workspaceId} AND name = ${name}
    ORDER BY version DESC LIMIT 1`;
  if (newest?.content_hash === contentHash) return { id: newest.id, created: false };
  if (newest === undefined) {
    const [known] = await tx<ProfileVersion[]>`
      SELECT id FROM profiles WHERE workspace_id = ${workspaceId} AND content_hash = ${contentHash}
      ORDER BY created_at DESC, id LIMIT 1`;
    if (known !== undefined) return { id: known.id, created: false };
  }
  const row = toProfileRow(profile, { workspaceId, version: (newest?.version ?? 0) + 1 });
  const [added] = await tx<{ id: string }[]>`
    INSERT INTO profiles ${tx(row as Record<string, never>)} RETURNING id`;
  return { id: added!.id, created: true };
}

interface ProfileVersion {
  readonly id: string;
  readonly version: number;
  readonly content_hash: string;
}

async function refuseTaken(
  tx: TransactionSql,
  workspaceId: string,
  table: 'traces' | 'workloads',
  name: string,
): Promise<void> {
  const [taken] = await tx`SELECT FROM ${tx(table)} WHERE workspace_id = ${workspaceId} AND name = ${name}`;
  if (taken === undefined) return;
  throw new InputError({
    source: table.slice(0, -1),
    path: 'name',
    found: JSON.stringify(name),
    allowed: `a name that no other of the workspace's ${table} has`,
    hint: 'what is stored under a name never changes, so that plans made with it stay comparable',
  });
}

function traceRow(trace: Trace): Record<string, string | number | null> {
  const { name, arrivedAtS, promptTokens, outputTokens, cachedPromptTokens, hashes } = trace;
  const count = arrivedAtS.length;
  return {
    name,
    request_count: count,
    duration_s: (arrivedAtS[count - 1] ?? 0) - (arrivedAtS[0] ?? 0),
    mean_prompt_tokens: mean(promptTokens),
    mean_output_tokens: mean(outputTokens),
    arrived_at_s: arrayText(arrivedAtS),
    prompt_tokens: arrayText(promptTokens),
    output_tokens: arrayText(outputTokens),
    cached_prompt_tokens: arrayText(cachedPromptTokens),
    ...blocksRow(hashes),
  };
}

/** Null: it has none. */
function blocksRow(hashes: PrefixHashes | undefined): Record<string, string | number | null> {
  if (hashes === undefined) return { prompt_block_count: null, prompt_blocks: null, blocks_of_request: null };
  const { blocks, starts } = hashes;
  return {
    prompt_block_count: blocks.length,
    prompt_blocks: arrayText(blocks),
    blocks_of_request: arrayText(starts.subarray(1).map((end, i) => end - starts[i]!)),
  };
}

const mean = (tokens: Int32Array): number => tokens.reduce((sum, count) => sum + count, 0) / tokens.length;

const arrayText = (numbers: Float64Array | Int32Array): string => `{${numbers.join(',')}}`;
