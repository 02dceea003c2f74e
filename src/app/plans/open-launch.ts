import type { Catalog } from '../../core/catalog/catalog';
import { InputError } from '../../core/errors';
import type { PlanRequest } from '../../core/search/request';
import { mergeDocuments, type PlanDocument } from '../../formats/merge-documents';
import { parsePlanRequest, profilesOf } from '../../formats/read-request';
import { refuseFlawed } from '../check-profile';
import { listLibrary } from '../library';
import type { PlanLaunch } from '../ports/api';
import type { ReadStore } from '../ports/read-store';
import type { PriceBookRecord } from '../ports/records';
import { documentValue } from '../uploads/given-document';
import { withStoredTraces } from '../uploads/stored-files';
import { findProfiles, type StoredProfile } from '../uploads/stored-profiles';
import type { Service } from './service';

/** A launch, read and checked. */
export interface OpenedLaunch {
  /** All sections under their keys, as given. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly request: PlanRequest;
  readonly assumptions: readonly string[];
  readonly profiles: readonly StoredProfile[];
  /** With the prices of today. */
  readonly catalog: Catalog;
  readonly priceBook: PriceBookRecord;
}

/** Reads all that a launch names and checks it as the command line does. Throws an InputError on the first fault. */
export async function openLaunch(
  { reads, catalog: shipped }: Service,
  workspaceId: string,
  launch: PlanLaunch,
): Promise<OpenedLaunch> {
  const documents = await documentsOf(reads, workspaceId, launch);
  const priceBook = await reads.currentPriceBook(workspaceId);
  const [quotes] = await reads.quotesOf([priceBook.id]);
  const catalog: Catalog = { ...shipped, prices: { version: priceBook.version, quotes: quotes! } };
  const named = profilesOf(documents, { resolveProfile: (name) => name });
  const profiles = await findProfiles(reads, workspaceId, [
    ...launch.profileIds.map((ref, i) => ({ ref, path: `profileIds[${i}]` })),
    ...named.map((ref) => ({ ref, path: 'profiles' })),
  ]);
  const first = profiles[0]?.profile;
  const { request, assumptions } = await withStoredTraces(reads, workspaceId, (files) =>
    parsePlanRequest({
      documents,
      ...files,
      catalog,
      model: launch.model ?? first?.modelId ?? null,
      defaultGpuId: first?.gpuId ?? null,
    }),
  );
  checkProfiles(profiles, request, catalog, launch);
  return {
    document: { ...mergeDocuments(documents).value },
    request,
    assumptions,
    profiles,
    catalog,
    priceBook,
  };
}

async function documentsOf(
  reads: ReadStore,
  workspaceId: string,
  { request, workload }: PlanLaunch,
): Promise<PlanDocument[]> {
  const given: PlanDocument = { source: 'request', value: documentValue(request, 'request') };
  if (workload === null) return [given];
  const record =
    (await reads.workloadByName(workspaceId, workload)) ??
    (UUID.test(workload) ? (await reads.workloadsById(workspaceId, [workload]))[0] : null);
  if (record === null || record === undefined) {
    throw new InputError({
      source: 'request',
      path: 'workload',
      found: JSON.stringify(workload),
      allowed: 'the id or the name of a registered workload',
      hint: 'the query `workloads` lists them',
    });
  }
  const source = `workload ${record.name}`;
  return [given, { source, value: { workload: record.definition } }];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function checkProfiles(
  profiles: readonly StoredProfile[],
  request: PlanRequest,
  catalog: Catalog,
  { acceptProfileErrors }: PlanLaunch,
): void {
  for (const { profile } of profiles) {
    if (profile.modelId !== request.modelId) {
      throw new InputError({
        source: `profile ${profile.id}`,
        path: 'model_name',
        found: profile.modelId,
        allowed: `${request.modelId}, the model being planned`,
        hint: 'give profiles of one model, or change `model` of the request',
      });
    }
    if (!acceptProfileErrors) refuseFlawed(profile, catalog, 'acceptProfileErrors: true');
  }
  if (profiles.length > 0 || listLibrary().some(({ modelId }) => modelId === request.modelId)) return;
  throw new InputError({
    source: 'request',
    path: 'model',
    found: `${request.modelId}, of which no profile is known`,
    allowed: 'a model with a profile, shipped or stored',
    hint: 'store a profile of it first (ingestProfile), or take a model that `profiles` lists',
  });
}
