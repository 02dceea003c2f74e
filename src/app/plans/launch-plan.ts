import { activeCalibration } from '../../core/calibration/calibration-json';
import { ENGINE_VERSION } from '../../core/engine/version';
import { InputError } from '../../core/errors';
import { enumerate } from '../../core/search/enumerate';
import type { PlanRequest } from '../../core/search/request';
import type { CandidateStatus } from '../../core/search/result';
import { type Caller, requireRole } from '../access';
import { contentHash } from '../content-hash';
import type { PlanLaunch, PlannerApi, ResolvedRequest } from '../ports/api';
import { ConflictError, NotFoundError } from '../ports/api-errors';
import { type CalibrationRecord, isFinished, type RunRecord } from '../ports/records';
import type { NewPlan, RunVersions } from '../ports/run-store';
import { prepareCandidates } from '../prepare-candidates';
import { checkName, hasControls } from '../uploads/check-name';
import { concludeRun } from './conclude-run';
import { type OpenedLaunch, openLaunch } from './open-launch';
import type { Service } from './service';
import { encodePlanRequest } from './stored-request';

/** Longest time and most simulations a plan may be given: beyond, it is a mistake of unit. */
const DEADLINE_S_MAX = 30 * 86_400;
const SIMULATIONS_MAX = 1_000_000_000;
const KEY_CHARACTERS_MAX = 200;

export const launchUses = (
  service: Service,
): Pick<PlannerApi, 'launchPlan' | 'previewPlan' | 'cancelPlan' | 'rerunPlan' | 'resolvedRequests'> => ({
  async launchPlan(caller, launch) {
    requireRole(caller, 'planner', 'launch plans');
    checkLimits(launch);
    const opened = await openLaunch(service, caller.workspaceId, launch);
    const versions = {
      ...VERSIONS(service),
      priceBookId: opened.priceBook.id,
      calibrationIds: (await calibrationsFor(service, caller, launch, opened.request)).map(({ id }) => id),
    };
    const { sameLaunch, ...launched } = await service.store.launch(newPlan(caller, launch, opened), versions);
    if (sameLaunch) return launched;
    throw new ConflictError(
      `the idempotency key ${JSON.stringify(launch.idempotencyKey)} has launched another request before (plan ${launched.plan.id})`,
      'take a new key for a new request',
    );
  },

  async previewPlan(caller, launch) {
    requireRole(caller, 'viewer', 'preview plans');
    checkLimits(launch);
    const opened = await openLaunch(service, caller.workspaceId, launch);
    return preview(opened, await calibrationsFor(service, caller, launch, opened.request));
  },

  async cancelPlan(caller, planId) {
    requireRole(caller, 'planner', 'cancel plans');
    const run = await latestRun(service, caller, planId);
    if (isFinished(run.status)) return run;
    await service.store.stop(run.id, 'cancelled');
    // Here and now: a worker would do it too, but there may be none.
    await concludeRun(service, run.id, null);
    return latestRun(service, caller, planId);
  },

  async rerunPlan(caller, planId) {
    requireRole(caller, 'planner', 'run plans again');
    const { workspaceId } = caller;
    const [plan] = await service.reads.plansById(workspaceId, [planId]);
    if (!plan) throw new NotFoundError('plan', planId);
    const [request] = await service.store.encodedRequests(workspaceId, [plan.planRequestId]);
    const calibrations = await calibrationsFor(service, caller, plan, request as ResolvedRequest);
    const { id: priceBookId } = await service.reads.currentPriceBook(workspaceId);
    const run = await service.store.rerun(workspaceId, planId, {
      ...VERSIONS(service),
      priceBookId,
      calibrationIds: calibrations.map(({ id }) => id),
    });
    if (run === null) throw new NotFoundError('plan', planId);
    if ('unfinished' in run) {
      throw new ConflictError(
        `run ${run.unfinished} of the plan is not finished`,
        'wait for it, or cancel the plan',
      );
    }
    return run;
  },

  resolvedRequests: (caller, ids) =>
    service.store.encodedRequests(caller.workspaceId, ids) as Promise<(ResolvedRequest | null)[]>,
});

const VERSIONS = ({ catalog }: Service): Pick<RunVersions, 'engineVersion' | 'catalogVersion'> => ({
  engineVersion: ENGINE_VERSION,
  catalogVersion: catalog.version,
});

/** The corrections that a run of now may use. */
async function calibrationsFor(
  { reads }: Service,
  { workspaceId }: Caller,
  { useCalibrations }: Pick<PlanLaunch, 'useCalibrations'>,
  { modelId, overhead, space }: Pick<PlanRequest, 'modelId' | 'overhead' | 'space'>,
): Promise<readonly CalibrationRecord[]> {
  // A calibration fits the very overheads that the request gives then.
  if (!useCalibrations || overhead.stepMs !== null || overhead.requestMs !== null) return [];
  const active = await reads.activeCalibrations(workspaceId, modelId, ENGINE_VERSION);
  return active.filter(({ gpuId }) => space.gpuIds.includes(gpuId));
}

async function latestRun({ reads }: Service, caller: Caller, planId: string): Promise<RunRecord> {
  const [plan] = await reads.plansById(caller.workspaceId, [planId]);
  const [run] = plan ? await reads.latestRuns([planId]) : [];
  if (!run) throw new NotFoundError('plan', planId);
  return run;
}

function checkLimits({ name, deadlineS, simulationsMax, idempotencyKey }: PlanLaunch): void {
  if (name !== null) checkName(name, 'name');
  const refuse = (path: string, found: unknown, allowed: string): never => {
    throw new InputError({ source: 'request', path, found: JSON.stringify(found), allowed });
  };
  if (deadlineS !== null && !(deadlineS > 0 && deadlineS <= DEADLINE_S_MAX))
    refuse('deadlineS', deadlineS, `more than 0 and at most ${DEADLINE_S_MAX} s (30 days)`);
  if (simulationsMax !== null && !(simulationsMax >= 1 && simulationsMax <= SIMULATIONS_MAX))
    refuse('simulationsMax', simulationsMax, `from 1 to ${SIMULATIONS_MAX}`);
  const keyLength = idempotencyKey?.length ?? 1;
  if (keyLength < 1 || keyLength > KEY_CHARACTERS_MAX || hasControls(idempotencyKey ?? ''))
    refuse(
      'idempotencyKey',
      idempotencyKey?.slice(0, 60),
      `1 to ${KEY_CHARACTERS_MAX} characters, no control characters`,
    );
}

function newPlan(caller: Caller, launch: PlanLaunch, opened: OpenedLaunch): NewPlan {
  const { document, request, assumptions, profiles } = opened;
  const { json, traceIds } = encodePlanRequest(request);
  const requestHash = contentHash({ document, request: json });
  const { idempotencyKey: _, request: __, useCalibrations, ...rest } = launch;
  return {
    workspaceId: caller.workspaceId,
    name: launch.name ?? defaultName(request),
    idempotencyKey: launch.idempotencyKey,
    // Launches from before there was a choice had calibrations as now by default: their hashes stay the same.
    launchHash: contentHash({ ...rest, ...(useCalibrations ? {} : { useCalibrations }), requestHash }),
    requestHash,
    modelId: request.modelId,
    document,
    request: json,
    traceIds,
    assumptions,
    profileIds: profiles.map(({ record }) => record.id),
    priority: launch.priority,
    deadlineS: launch.deadlineS,
    simulationsMax: launch.simulationsMax,
    useCalibrations,
    acceptProfileErrors: launch.acceptProfileErrors,
    createdById: caller.keyId,
  };
}

const defaultName = ({ modelId, space }: PlanRequest): string =>
  `${modelId} on ${space.gpuIds.join(', ')}`.slice(0, 200);

function preview(
  { request, catalog, profiles, assumptions }: OpenedLaunch,
  calibrations: readonly CalibrationRecord[],
) {
  const model = catalog.models.find(({ id }) => id === request.modelId)!;
  const userProfiles = profiles.map(({ profile }) => profile);
  const prepare = prepareCandidates({
    request,
    model,
    catalog,
    userProfiles,
    calibrations: calibrations.map(({ id, result }) => activeCalibration(result, id)),
  });
  const enumerated = enumerate(request, model);
  const settled: Partial<Record<CandidateStatus, number>> = {};
  for (const { settled: result } of enumerated.map(prepare.candidate))
    if (result !== null) settled[result.status] = (settled[result.status] ?? 0) + 1;
  return {
    request: encodePlanRequest(request).json,
    candidateCount: enumerated.length,
    settled,
    assumptions: [...assumptions, ...prepare.notes()],
    warnings: prepare.warnings(),
    calibrations: calibrations.filter(({ id }) => prepare.usedCalibrations().includes(id)),
    profiles: prepare
      .usedProfiles()
      .map(({ gpuId, tensorParallel, profileId, scaled }) =>
        scaled
          ? `${gpuId} tp${tensorParallel}: scaled from ${profileId}`
          : `${gpuId} tp${tensorParallel}: ${profileId}`,
      ),
  };
}
