import type { ActiveCalibration } from '../core/calibration/active-calibration';
import {
  activeCalibration,
  type CalibrationJson,
  calibrationJson,
} from '../core/calibration/calibration-json';
import type { PredictedVsObserved } from '../core/calibration/predicted-vs-observed';
import type { Catalog } from '../core/catalog/catalog';
import { ENGINE_VERSION } from '../core/engine/version';
import { InputError } from '../core/errors';
import { refuseFaulty } from '../core/telemetry/lint-telemetry';
import type { Telemetry } from '../core/telemetry/telemetry';
import { loadCalibration } from '../formats/read-calibration';
import { loadTelemetry } from '../formats/read-telemetry';
import { calibrateTelemetry } from './calibrate-telemetry';
import { loadNamedProfile } from './named-profile';
import { observeTelemetry } from './observe-telemetry';

export interface CalibrateFilesInput {
  /** Telemetry documents, all of one deployment. */
  readonly paths: readonly string[];
  readonly catalog: Catalog;
  readonly fitShare: number;
  /** Use the correction also where nothing is held out to verify it. */
  readonly acceptUnverified: boolean;
  readonly acceptProfileErrors: boolean;
}

export interface CalibratedFiles {
  readonly json: CalibrationJson;
  /** What the lint found that did not stop it, and what was taken as given, one sentence each. */
  readonly notes: readonly string[];
}

/** Reads, checks and calibrates with telemetry documents. */
export function calibrateFiles({ paths, catalog, ...options }: CalibrateFilesInput): CalibratedFiles {
  const sets = paths.map((path) => readFile(path, catalog));
  const calibrated = calibrateTelemetry({
    telemetry: sets.map(({ telemetry }) => telemetry),
    profile: null,
    catalog,
    acceptOption: '--accept-profile-errors',
    ...options,
  });
  const found = sets.flatMap(({ notes }) => notes);
  const { heldOut, applied } = calibrated.calibration;
  if (!heldOut && !applied && !options.acceptUnverified) found.push(NOT_APPLIED);
  return { json: calibrationJson(calibrated, ENGINE_VERSION), notes: [...calibrated.notes, ...found] };
}

/** One document, checked, with what the lint found that did not stop it and what was taken as given. */
function readFile(path: string, catalog: Catalog): { telemetry: Telemetry; notes: string[] } {
  const { telemetry, findings, assumptions } = loadTelemetry(path, catalog);
  refuseFaulty(findings, { source: path, path: '' });
  const notes = [
    ...findings.map(
      (f) => `${path}: ${f.severity}: ${f.message}${rowsOf(f.rows, f.rowCount)}; ${f.whatToDo}`,
    ),
    ...assumptions.map((sentence) => `${path}: ${sentence}`),
  ];
  return { telemetry, notes };
}

/** Compares a telemetry document with the predictions of its deployment; `calibrationPath` null: uncalibrated ones. */
export function observeFile(of: {
  readonly path: string;
  readonly calibrationPath: string | null;
  readonly catalog: Catalog;
  readonly acceptProfileErrors: boolean;
}): {
  readonly observed: PredictedVsObserved;
  readonly predictions: string;
  readonly notes: readonly string[];
} {
  const { path, calibrationPath, catalog, acceptProfileErrors } = of;
  const { telemetry, notes } = readFile(path, catalog);
  const json = calibrationPath === null ? null : loadCalibration(calibrationPath);
  const { modelId, deployment } = telemetry.deployment;
  if (json !== null) {
    const subject = [json.model, json.gpu_type, `tp${json.tensor_parallel}`].join(', ');
    const seen = [modelId, deployment.gpuId, `tp${deployment.tensorParallel}`].join(', ');
    if (subject !== seen) {
      throw new InputError({
        source: calibrationPath!,
        path: '',
        found: `a calibration of ${subject}`,
        allowed: `one of ${seen}, which ${path} is of`,
      });
    }
  }
  const calibration = json === null ? null : activeCalibration(json, calibrationPath!);
  const profile = json === null ? null : loadNamedProfile(json.profile, catalog);
  const observed = observeTelemetry(telemetry, {
    calibration,
    profile,
    catalog,
    acceptProfileErrors,
    acceptOption: '--accept-profile-errors',
  });
  return { observed, predictions: calibration?.id ?? 'the uncalibrated time model', notes };
}

const NOT_APPLIED =
  'nothing verifies this calibration: --accept-unverified (acceptUnverified in the library) has plans use it all the same, marked as not verified and with wider intervals.';

function rowsOf(rows: readonly number[], count: number): string {
  if (rows.length === 0) return '';
  return ` (${count === 1 ? 'row' : 'rows'} ${rows.join(', ')}${count > rows.length ? `, … ${count} in all` : ''})`;
}

/**
 * The calibrations of a plan, one for each telemetry document and each file that `calibrate` wrote; those that do not
 * help are only told of.
 */
export function calibrationsOf(
  of: { readonly telemetry: readonly string[]; readonly calibrations: readonly string[] },
  options: Omit<CalibrateFilesInput, 'paths'> & { readonly modelId: string },
): { readonly calibrations: ActiveCalibration[]; readonly notes: string[] } {
  const calibrations: ActiveCalibration[] = [];
  const notes: string[] = [];
  const given = [
    ...of.telemetry.map((path) => ({ path, ...calibrateFiles({ ...options, paths: [path] }) })),
    ...of.calibrations.map((path) => ({ path, json: loadCalibration(path), notes: [] })),
  ];
  for (const { path, json, notes: told } of given) {
    if (json.model !== options.modelId) {
      throw new InputError({
        source: path,
        path: 'model',
        found: json.model,
        allowed: `${options.modelId}, the model being planned`,
      });
    }
    notes.push(...told, `calibration with ${path}: ${json.verdict}.`);
    if (!json.applied) continue;
    const fresh = activeCalibration(json, path);
    const same = calibrations.find(
      (c) =>
        c.gpuId === fresh.gpuId &&
        c.tensorParallel === fresh.tensorParallel &&
        c.profileId === fresh.profileId,
    );
    if (same !== undefined) {
      throw new InputError({
        source: path,
        path: '',
        found: `a second calibration of ${fresh.gpuId} at tensor-parallel ${fresh.tensorParallel}, beside ${same.id}`,
        allowed: 'one for each GPU and degree of a plan',
        hint: 'leave one out, or put their samples into one document',
      });
    }
    calibrations.push(fresh);
  }
  return { calibrations, notes };
}
