import DataLoader from 'dataloader';
import type { Caller } from '../../app/access';
import type { PlannerApi } from '../../app/ports/api';
import type { Page, PageRequest } from '../../app/ports/paging';
import type { CandidateFilter, CandidateOrder, ReadStore } from '../../app/ports/read-store';
import type { CandidateKey, CandidateRecord } from '../../app/ports/records';
import { ENGINE_VERSION } from '../../core/engine/version';
import { candidateId } from './values/ids';

export type Loaders = ReturnType<typeof createLoaders>;

/** Every relation of the API: what is asked for within one operation is read in one statement a kind. */
export function createLoaders(store: ReadStore, api: PlannerApi, caller: Caller) {
  const { workspaceId } = caller;
  const byId = <T>(read: (ids: readonly string[]) => Promise<readonly T[]>) =>
    new DataLoader<string, T>(read, { maxBatchSize: MAX_BATCH });
  const byKey = <T>(read: (keys: readonly CandidateKey[]) => Promise<readonly T[]>) =>
    new DataLoader<CandidateKey, T, string>(read, { cacheKeyFn: candidateId, maxBatchSize: MAX_BATCH });
  return {
    plans: byId((ids) => store.plansById(workspaceId, ids)),
    plansOfRuns: byId((ids) => store.plansOfRuns(workspaceId, ids)),
    planProfiles: byId((ids) => store.planProfiles(ids)),
    requestDocuments: byId((ids) => store.requestDocuments(ids)),
    resolvedRequests: byId((ids) => api.resolvedRequests(caller, ids)),
    runs: byId((ids) => store.runsById(workspaceId, ids)),
    runRemarks: byId((ids) => store.runRemarks(ids)),
    runsOfPlans: byId((ids) => store.runsOfPlans(ids)),
    latestRuns: byId((ids) => store.latestRuns(ids)),
    runProfiles: byId((ids) => store.runProfiles(ids)),
    runCalibrations: byId((ids) => store.runCalibrations(ids)),
    activeCalibrations: byId((modelIds) =>
      Promise.all(modelIds.map((id) => store.activeCalibrations(workspaceId, id, ENGINE_VERSION))),
    ),
    calibrationTelemetry: byId((ids) => store.calibrationTelemetry(ids)),
    frontiers: byId((ids) => store.frontiers(ids)),
    candidatePages: createCandidatePages(store),
    candidates: byKey((keys) => store.candidatesByKey(keys)),
    candidateDetails: byKey((keys) => store.candidateDetails(keys)),
    loadCurves: byKey((keys) => store.loadCurves(keys)),
    profiles: byId((ids) => store.profilesById(workspaceId, ids)),
    profileContents: byId((ids) => store.profileContents(ids)),
    traces: byId((ids) => store.tracesById(workspaceId, ids)),
    priceBooks: byId((ids) => store.priceBooksById(workspaceId, ids)),
    quotes: byId((ids) => store.quotesOf(ids)),
  };
}

/** A page of a page: beyond it a statement's list of keys costs more than a second statement. */
const MAX_BATCH = 5_000;

/** A page of the candidates of one run. */
export interface CandidatePageKey {
  readonly runId: string;
  readonly filter: CandidateFilter;
  readonly order: CandidateOrder;
  readonly page: PageRequest;
}

/** First pages of several runs that are asked for in the same words are read in one statement. */
function createCandidatePages(store: ReadStore): DataLoader<CandidatePageKey, Page<CandidateRecord>, string> {
  const wordsOf = ({ filter, order, page }: CandidatePageKey) => JSON.stringify([filter, order, page]);
  const read = async (keys: readonly CandidatePageKey[]): Promise<readonly Page<CandidateRecord>[]> => {
    const [{ filter, order, page }] = keys as readonly [CandidatePageKey];
    if (page.after !== null)
      return Promise.all(keys.map(({ runId }) => store.candidates({ runId }, filter, order, page)));
    const runIds = keys.map(({ runId }) => runId);
    return store.candidatesOfRuns(runIds, filter, order, page.first);
  };
  return new DataLoader(
    async (keys) => {
      const groups = groupedBy(keys, wordsOf);
      const pages = new Map<CandidatePageKey, Page<CandidateRecord>>();
      await Promise.all(
        [...groups.values()].map(async (group) => {
          const found = await read(group);
          for (const [i, key] of group.entries()) pages.set(key, found[i]!);
        }),
      );
      return keys.map((key) => pages.get(key)!);
    },
    { cacheKeyFn: (key) => `${key.runId} ${wordsOf(key)}` },
  );
}

function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
