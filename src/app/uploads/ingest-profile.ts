import type { Catalog } from '../../core/catalog/catalog';
import { resolveGpu, resolveModel } from '../../core/catalog/names';
import { InputError } from '../../core/errors';
import type { Profile } from '../../core/profile/profile';
import { parseProfile } from '../../formats/read-profile';
import { type Caller, requireRole } from '../access';
import { lintOf } from '../check-profile';
import { contentHash } from '../content-hash';
import type { Service } from '../plans/service';
import type { PlannerApi, ProfileCheck, ProfileUpload } from '../ports/api';
import { NotFoundError } from '../ports/api-errors';
import type { NewProfile } from '../ports/write-store';
import { checkName } from './check-name';

export const profileUses = ({
  writes,
  catalog,
}: Service): Pick<PlannerApi, 'ingestProfile' | 'lintProfile' | 'setProfileArchived'> => ({
  async ingestProfile(caller, upload) {
    requireRole(caller, 'planner', 'store profiles');
    const { profile, findings } = checkUpload(upload, catalog);
    const name = upload.name ?? `${profile.gpuId}/${profile.modelId}/tp${profile.tensorParallel}`;
    checkName(name, 'name');
    return writes.addProfile(caller.workspaceId, newProfile(name, profile, findings));
  },
  async lintProfile(caller, upload) {
    requireRole(caller, 'viewer', 'check profiles');
    return checkUpload(upload, catalog);
  },
  async setProfileArchived(caller: Caller, id, archived) {
    requireRole(caller, 'planner', 'archive profiles');
    const record = await writes.setProfileArchived(caller.workspaceId, id, archived);
    if (record === null) throw new NotFoundError('profile', id);
    return record;
  },
});

/** Ready to be stored; the hash is of everything that matters to a plan. */
export function newProfile(name: string, profile: Profile, findings: ProfileCheck['findings']): NewProfile {
  const { id: _, origin: __, ...content } = profile;
  return { name, contentHash: contentHash(content), profile, findings };
}

function checkUpload(upload: ProfileUpload, catalog: Catalog): ProfileCheck {
  const metadata = metadataOf(upload, catalog);
  const source = upload.name ?? 'profile';
  const texts = { source, fittedProfile: upload.fittedProfile, metadata, modelMemory: upload.modelMemory };
  const profile = parseProfile(texts, catalog, { id: source, origin: 'user' });
  return { profile, findings: lintOf(profile, catalog) };
}

/** The metadata with what the caller says put in: that wins. */
function metadataOf({ metadata, model, gpu, tensorParallel }: ProfileUpload, catalog: Catalog): string {
  if (metadata !== null && model === null && gpu === null && tensorParallel === null) return metadata;
  const given = metadata === null ? {} : parsedObject(metadata);
  // Named here, a wrong name is a fault of the argument, not of the file.
  if (model !== null) resolveModel(catalog, model, { source: 'request', path: 'model' });
  if (gpu !== null) resolveGpu(catalog, gpu, { source: 'request', path: 'gpu' });
  const { tensor_parallel: outside, hardware: inside, ...rest } = given;
  const hardware = typeof inside === 'object' && inside !== null ? inside : {};
  return JSON.stringify({
    ...rest,
    ...(model === null ? {} : { model_name: model }),
    ...(tensorParallel !== null || outside === undefined ? {} : { tensor_parallel: outside }),
    hardware: {
      ...hardware,
      ...(gpu === null ? {} : { gpu }),
      ...(tensorParallel === null ? {} : { tensor_parallel: tensorParallel }),
    },
  });
}

function parsedObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new InputError({
    source: 'request',
    path: 'metadata',
    found: JSON.stringify(text.slice(0, 60)),
    allowed: 'the JSON object of a metadata.json',
  });
}
