import { activeCalibration, calibrationJson } from '../../core/calibration/calibration-json';
import { driftOf } from '../../core/calibration/drift';
import { ENGINE_VERSION } from '../../core/engine/version';
import { InputError } from '../../core/errors';
import type { Profile } from '../../core/profile/profile';
import type { Telemetry } from '../../core/telemetry/telemetry';
import { type Caller, requireRole } from '../access';
import { sampleCount } from '../calibrate-telemetry';
import type { Service } from '../plans/service';
import type { PlannerApi } from '../ports/api';
import { LimitError, NotFoundError } from '../ports/api-errors';
import type { CalibrationRecord, StoredTelemetry } from '../ports/records';
import { libraryChoice } from '../serving';
import { findProfiles } from '../uploads/stored-profiles';

/** A caller waits for a calibration: some minutes of one thread. Longer ones are for the command line. */
const CALIBRATED_SAMPLES_MAX = 20_000;
/** One comparison replays the requests a few times. */
const COMPARED_SAMPLES_MAX = 500_000;
const SETS_MAX = 20;

export const calibrationUses = (
  service: Service,
): Pick<PlannerApi, 'calibrate' | 'setCalibrationArchived' | 'predictedVsObserved'> => ({
  async calibrate(caller, { telemetrySetIds, profileId, ...options }) {
    requireRole(caller, 'planner', 'calibrate');
    checkIds(telemetrySetIds);
    const telemetry: StoredTelemetry[] = [];
    for (const id of telemetrySetIds) {
      telemetry.push(await load(service, caller, id));
      checkSamples('samples of a calibration', telemetry, CALIBRATED_SAMPLES_MAX);
    }
    const profile =
      profileId === null
        ? await namedProfile(service, caller, telemetry)
        : await profileOf(service, caller, { ref: profileId, path: 'profileId' });
    const calibrated = await service.simulator.calibrate({
      telemetry,
      profile,
      ...options,
    });
    return service.writes.addCalibration(caller.workspaceId, {
      result: calibrationJson(calibrated, ENGINE_VERSION),
      telemetrySetIds,
    });
  },

  async setCalibrationArchived(caller, id, archived) {
    requireRole(caller, 'planner', 'archive calibrations');
    const record = await service.writes.setCalibrationArchived(caller.workspaceId, id, archived);
    if (record === null) throw new NotFoundError('calibration', id);
    return record;
  },

  async predictedVsObserved(caller, { telemetrySetId, calibrationId }) {
    requireRole(caller, 'viewer', 'compare telemetry');
    const [telemetrySet] = await service.reads.telemetrySetsById(caller.workspaceId, [telemetrySetId]);
    if (!telemetrySet) throw new NotFoundError('telemetry set', telemetrySetId);
    const telemetry = await load(service, caller, telemetrySetId);
    checkSamples('samples of a comparison', [telemetry], COMPARED_SAMPLES_MAX);
    const calibration =
      calibrationId === null
        ? await activeFor(service, caller, telemetry)
        : await calibrationFor(service, caller, calibrationId, telemetry);
    const profile =
      calibration === null
        ? await namedProfile(service, caller, [telemetry])
        : await profileOf(service, caller, { ref: calibration.profileId, path: 'calibrationId' });
    const observed = await service.simulator.observe({
      telemetry,
      profile,
      // Its own lint findings were accepted when it was calibrated; comparing decides nothing.
      acceptProfileErrors: true,
      calibration: calibration === null ? null : activeCalibration(calibration.result, calibration.id),
    });
    const predictions =
      calibration === null
        ? 'the uncalibrated time model'
        : `calibration version ${calibration.version} of ${calibration.servingEngine}`;
    return { telemetrySet, calibration, observed, drift: driftOf(observed, predictions) };
  },
});

function checkIds(ids: readonly string[]): void {
  if (ids.length >= 1 && ids.length <= SETS_MAX && new Set(ids).size === ids.length) return;
  throw new InputError({
    source: 'request',
    path: 'telemetrySetIds',
    found: new Set(ids).size < ids.length ? 'an id twice' : `${ids.length} ids`,
    allowed: `1 to ${SETS_MAX} different ids of telemetry sets`,
  });
}

/** Sums cost the same whatever they are of, so a scrape of a million requests is fine. */
function checkSamples(what: string, telemetry: readonly Telemetry[], most: number): void {
  const count = telemetry.reduce((sum, set) => sum + sampleCount({ ...set, summary: null }), 0);
  if (count > most) throw new LimitError(what, count, most);
}

async function load({ reads }: Service, { workspaceId }: Caller, id: string): Promise<StoredTelemetry> {
  const telemetry = await reads.loadTelemetry(workspaceId, id);
  if (telemetry === null) throw new NotFoundError('telemetry set', id);
  return telemetry;
}

async function profileOf(
  { reads }: Service,
  { workspaceId }: Caller,
  ref: { readonly ref: string; readonly path: string },
): Promise<Profile> {
  const [found] = await findProfiles(reads, workspaceId, [ref]);
  return found!.profile;
}

/** The profile that all sets name; null: they name none, so it is the library's. */
async function namedProfile(
  service: Service,
  caller: Caller,
  telemetry: readonly StoredTelemetry[],
): Promise<Profile | null> {
  const refs = new Set(telemetry.map(({ deployment }) => deployment.profile));
  if (refs.size > 1) {
    throw new InputError({
      source: 'request',
      path: 'telemetrySetIds',
      found: `telemetry that names different profiles: ${[...refs].map((ref) => ref ?? 'none').join(', ')}`,
      allowed: 'telemetry of one profile',
      hint: 'say which with profileId, or calibrate each for itself',
    });
  }
  const [ref = null] = refs;
  return ref === null ? null : profileOf(service, caller, { ref, path: 'profile' });
}

/** The calibration that plans use for the deployment now, on the profile that it names or the library's; null: none. */
async function activeFor(
  { reads, catalog }: Service,
  { workspaceId }: Caller,
  { deployment: of }: StoredTelemetry,
): Promise<CalibrationRecord | null> {
  const { modelId, deployment, profile } = of;
  const active = await reads.activeCalibrations(workspaceId, modelId, ENGINE_VERSION);
  const [named] =
    profile === null ? [] : await findProfiles(reads, workspaceId, [{ ref: profile, path: 'profile' }]);
  const profileId = named?.profile.id ?? libraryChoice(of, catalog)?.profileId;
  return (
    active.find(
      (c) =>
        c.gpuId === deployment.gpuId &&
        c.tensorParallel === deployment.tensorParallel &&
        c.result.profile === profileId,
    ) ?? null
  );
}

async function calibrationFor(
  { reads }: Service,
  { workspaceId }: Caller,
  id: string,
  { deployment: { modelId, deployment } }: StoredTelemetry,
): Promise<CalibrationRecord> {
  const [calibration] = await reads.calibrationsById(workspaceId, [id]);
  if (!calibration) throw new NotFoundError('calibration', id);
  const of = [calibration.modelId, calibration.gpuId, calibration.tensorParallel].join(', ');
  const seen = [modelId, deployment.gpuId, deployment.tensorParallel].join(', ');
  if (of !== seen) {
    throw new InputError({
      source: 'request',
      path: 'calibrationId',
      found: `a calibration of ${of}`,
      allowed: `one of ${seen}, which the telemetry is of`,
    });
  }
  if (calibration.engineVersion === ENGINE_VERSION) return calibration;
  throw new InputError({
    source: 'request',
    path: 'calibrationId',
    found: `a calibration fitted with simulation engine ${calibration.engineVersion}`,
    allowed: `one of engine ${ENGINE_VERSION}, that of this server`,
    hint: 'calibrate again: with another simulation the parameters mean something else',
  });
}
