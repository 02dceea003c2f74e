import { COMPARED_PLANS_MAX, comparePlans } from '../../core/compare/compare-plans';
import { type HistoryEntry, historyOf } from '../../core/compare/history';
import type { PlanInputs, PlanSnapshot } from '../../core/compare/snapshot';
import { InputError } from '../../core/errors';
import { type Caller, requireRole } from '../access';
import type { PlannerApi } from '../ports/api';
import { ConflictError, NotFoundError } from '../ports/api-errors';
import type { HistoryRow, ReadStore } from '../ports/read-store';
import { isFinished, type RunRecord } from '../ports/records';
import { NO_DETAIL, toCandidateResult } from '../stored-candidate';
import { profileIdOf } from '../uploads/stored-profiles';
import type { Service } from './service';
import { decodeForComparing } from './stored-request';
import { loadStoredRun, type StoredRun } from './stored-run';

/** Runs looked back at, beyond a page, for the one before that asked the same. */
const LOOK_BACK = 100;

export const comparingUses = (service: Service): Pick<PlannerApi, 'comparePlans' | 'history'> => ({
  async comparePlans(caller, ids) {
    requireRole(caller, 'viewer', 'compare plans');
    checkIds(ids);
    const runIds = await Promise.all(ids.map((id) => runIdOf(service.reads, caller, id)));
    const stored = await Promise.all(runIds.map((id) => loadStoredRun(service, caller, id)));
    const inputs = await inputsOf(
      service.reads,
      caller,
      stored.map(({ run }) => run),
    );
    const snapshots = stored.map(
      ({ work, result, ...of }, i): PlanSnapshot => ({
        label: labelOf(of),
        request: work.request,
        result,
        inputs: inputs[i]!,
      }),
    );
    return { comparison: comparePlans(snapshots), runs: stored.map(({ run }) => run) };
  },

  async history(caller, { modelId, gpuId }, page) {
    requireRole(caller, 'viewer', 'read the history');
    const { reads } = service;
    const wide = { ...page, first: page.first + LOOK_BACK };
    const { rows, hasNextPage } = await reads.history(caller.workspaceId, modelId, gpuId, wide);
    const entries = await historyEntries(
      service,
      caller,
      gpuId,
      rows.map(({ node }) => node),
    );
    const points = new Map(historyOf(entries).map((point) => [point.id, point]));
    return {
      rows: rows.slice(0, page.first).map(({ node, cursor }) => ({
        node: { run: node.run, bestOnGpu: node.bestOnGpu, point: points.get(node.run.id)! },
        cursor,
      })),
      hasNextPage: hasNextPage || rows.length > page.first,
    };
  },
});

function checkIds(ids: readonly string[]): void {
  if (ids.length >= 2 && ids.length <= COMPARED_PLANS_MAX && new Set(ids).size === ids.length) return;
  throw new InputError({
    source: 'request',
    path: 'ids',
    found: new Set(ids).size < ids.length ? 'an id twice' : `${ids.length} ids`,
    allowed: `2 to ${COMPARED_PLANS_MAX} different ids of plans or runs`,
  });
}

const labelOf = ({ plan, run }: Pick<StoredRun, 'plan' | 'run'>): string =>
  run.number === 1 ? plan.name : `${plan.name} (run ${run.number})`;

/** A run's own id, or of a plan its newest run that has results. */
async function runIdOf(reads: ReadStore, { workspaceId }: Caller, id: string): Promise<string> {
  const [[run], [plan]] = await Promise.all([
    reads.runsById(workspaceId, [id]),
    reads.plansById(workspaceId, [id]),
  ]);
  if (run) return run.id;
  if (!plan) throw new NotFoundError('plan or run', id);
  const [runs] = await reads.runsOfPlans([id]);
  const finished = runs!.find(({ status }) => isFinished(status) && status !== 'failed');
  if (finished === undefined) {
    throw new ConflictError(`plan ${id} has no finished run`, 'wait until it is finished');
  }
  return finished.id;
}

async function inputsOf(
  reads: ReadStore,
  { workspaceId }: Caller,
  runs: readonly RunRecord[],
): Promise<PlanInputs[]> {
  const ids = runs.map(({ id }) => id);
  const [profiles, calibrations, books] = await Promise.all([
    reads.runProfiles(ids),
    reads.runCalibrations(ids),
    reads.priceBooksById(
      workspaceId,
      runs.map((run) => run.priceBookId),
    ),
  ]);
  const profileIds = [...new Set(profiles.flat().map(({ profileId }) => profileId))];
  const records = await reads.profilesById(workspaceId, profileIds);
  const byId = new Map(records.flatMap((record) => (record === null ? [] : [[record.id, record]])));
  return runs.map((run, i) => ({
    engineVersion: run.engineVersion,
    priceBookVersion: books[i]?.version ?? run.priceBookId,
    catalogVersion: run.catalogVersion,
    profiles: profiles[i]!.map(({ gpuId, tensorParallel, profileId, scaled }) => {
      const record = byId.get(profileId)!;
      const { contentHash } = record;
      return { gpuId, tensorParallel, profileId: profileIdOf(record), contentHash, scaled };
    }),
    calibrations: calibrations[i]!.map(({ gpuId, tensorParallel, id, version }) => ({
      gpuId,
      tensorParallel,
      id,
      version,
    })),
  }));
}

async function historyEntries(
  { reads, store }: Service,
  caller: Caller,
  gpuId: string,
  rows: readonly HistoryRow[],
): Promise<HistoryEntry[]> {
  const runs = rows.map(({ run }) => run);
  const keys = rows.flatMap(({ bestOnGpu }) => (bestOnGpu === null ? [] : [bestOnGpu]));
  const [plans, inputs, records] = await Promise.all([
    reads.plansById(
      caller.workspaceId,
      runs.map((run) => run.planId),
    ),
    inputsOf(reads, caller, runs),
    reads.candidatesByKey(keys),
  ]);
  const requestIds = plans.map((plan) => plan!.planRequestId);
  const encoded = await store.encodedRequests(caller.workspaceId, requestIds);
  const bestOf = new Map(records.flatMap((record) => (record === null ? [] : [[record.runId, record]])));
  return runs.map((run, i) => {
    const request = decodeForComparing(encoded[i]);
    const best = bestOf.get(run.id);
    return {
      id: run.id,
      finishedAt: run.finishedAt!.toISOString(),
      gpuId,
      request,
      inputs: inputs[i]!,
      best: best === undefined ? null : toCandidateResult(best, NO_DETAIL, [], request.constraints.targets),
    };
  });
}
