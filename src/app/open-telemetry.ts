import type { ActiveCalibration } from '../core/calibration/active-calibration';
import {
  activeCalibration,
  type CalibrationJson,
  calibrationJson,
} from '../core/calibration/calibration-json';
import type { Catalog } from '../core/catalog/catalog';
import { ENGINE_VERSION } from '../core/engine/version';
import { InputError } from '../core/errors';
import { refuseFaulty } from '../core/telemetry/lint-telemetry';
import { loadTelemetry } from '../formats/read-telemetry';
import { calibrateTelemetry } from './calibrate-telemetry';

export interface CalibrateFilesInput {
  /** Telemetry documents, all of one deployment. */
  readonly paths: readonly string[];
  readonly catalog: Catalog;
  readonly fitShare: number;
  readonly acceptProfileErrors: boolean;
}

export interface CalibratedFiles {
  readonly json: CalibrationJson;
  /** What the lint found that did not stop it, and what was taken as given, one sentence each. */
  readonly notes: readonly string[];
}

/** Reads, checks and calibrates with telemetry documents. */
export function calibrateFiles({ paths, catalog, ...options }: CalibrateFilesInput): CalibratedFiles {
  const sets = paths.map((path) => ({ path, read: loadTelemetry(path, catalog) }));
  for (const { path, read } of sets) refuseFaulty(read.findings, { source: path, path: '' });
  const calibrated = calibrateTelemetry({
    telemetry: sets.map(({ read }) => read.telemetry),
    catalog,
    acceptOption: '--accept-profile-errors',
    ...options,
  });
  const found = sets.flatMap(({ path, read }) => [
    ...read.findings.map(
      (f) => `${path}: ${f.severity}: ${f.message}${rowsOf(f.rows, f.rowCount)}; ${f.whatToDo}`,
    ),
    ...read.assumptions.map((sentence) => `${path}: ${sentence}`),
  ]);
  return { json: calibrationJson(calibrated, ENGINE_VERSION), notes: [...calibrated.notes, ...found] };
}

function rowsOf(rows: readonly number[], count: number): string {
  if (rows.length === 0) return '';
  return ` (${count === 1 ? 'row' : 'rows'} ${rows.join(', ')}${count > rows.length ? `, … ${count} in all` : ''})`;
}

/** The calibrations that telemetry files give a plan, one for each file; those that do not help are only told of. */
export function calibrationsOf(
  paths: readonly string[],
  options: Omit<CalibrateFilesInput, 'paths'> & { readonly modelId: string },
): { readonly calibrations: ActiveCalibration[]; readonly notes: string[] } {
  const calibrations: ActiveCalibration[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const { json, notes: told } = calibrateFiles({ ...options, paths: [path] });
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
        allowed: 'one telemetry document for each GPU and degree of a plan',
        hint: 'leave one out, or put their samples into one document',
      });
    }
    calibrations.push(fresh);
  }
  return { calibrations, notes };
}
