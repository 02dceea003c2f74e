import { InputError } from '../../core/errors';
import type { Profile } from '../../core/profile/profile';
import type { ReadStore } from '../ports/read-store';
import { type ProfileContent, type ProfileRecord, SHARED_WORKSPACE_ID } from '../ports/records';

export interface StoredProfile {
  readonly record: ProfileRecord;
  readonly profile: Profile;
}

/** Profiles by row id, by name (its newest version) or by library id, each once, in the order named. */
export async function findProfiles(
  reads: ReadStore,
  workspaceId: string,
  refs: readonly { readonly ref: string; readonly path: string }[],
): Promise<readonly StoredProfile[]> {
  const records = new Map<string, ProfileRecord>();
  for (const { ref, path } of refs) {
    const record = await findRecord(reads, workspaceId, ref);
    if (record === null) {
      throw new InputError({
        source: 'request',
        path,
        found: JSON.stringify(ref),
        allowed: 'the id or the name of a stored profile, or the id of a library profile',
        hint: 'the query `profiles` lists them',
      });
    }
    records.set(record.id, record);
  }
  const contents = await reads.profileContents([...records.keys()]);
  return [...records.values()].map((record, i) => ({ record, profile: profileOf(record, contents[i]!) }));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function findRecord(reads: ReadStore, workspaceId: string, ref: string): Promise<ProfileRecord | null> {
  if (!UUID.test(ref)) return reads.profileByName(workspaceId, ref);
  const [record] = await reads.profilesById(workspaceId, [ref]);
  return record ?? null;
}

/** The profile as the core knows it; a shipped one is called by its library id, another by name and version. */
export const profileOf = (record: ProfileRecord, content: ProfileContent): Profile => ({
  id: profileIdOf(record),
  origin: record.workspaceId === SHARED_WORKSPACE_ID ? 'library' : 'user',
  gpuId: record.gpuId,
  modelId: record.modelId,
  tensorParallel: record.tensorParallel,
  kind: record.kind,
  engine: record.engine,
  dtype: record.dtype,
  weightBytesPerParam: record.weightBytesPerParam,
  date: record.measuredOn,
  ...content,
});

export const profileIdOf = ({ workspaceId, name, version }: ProfileRecord): string =>
  workspaceId === SHARED_WORKSPACE_ID ? name : `${name}@${version}`;
