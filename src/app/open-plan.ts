import { isAbsolute, relative, resolve } from 'node:path';
import type { ActiveCalibration } from '../core/calibration/active-calibration';
import type { Catalog } from '../core/catalog/catalog';
import { InputError } from '../core/errors';
import type { Profile } from '../core/profile/profile';
import type { PlanRequest } from '../core/search/request';
import type { PlanDocument } from '../formats/merge-documents';
import { parsePlanRequest, profilesOf } from '../formats/read-request';
import { filesBeside } from '../formats/request-files';
import { DEFAULT_FIT_SHARE } from './calibrate-telemetry';
import { refuseFlawed } from './check-profile';
import { loadNamedProfile } from './named-profile';
import { calibrationsOf } from './open-telemetry';

export interface OpenPlanInput {
  /** The request, whole or in parts. */
  readonly documents: readonly PlanDocument[];
  /** Profiles named beside the documents: library ids or paths, relative to the working folder. */
  readonly profiles: readonly string[];
  readonly model: string | null;
  /** Telemetry documents to calibrate with. */
  readonly telemetry?: readonly string[];
  /** Files that `calibrate` wrote, to plan with. */
  readonly calibrationFiles?: readonly string[];
  /** Use their calibrations also where nothing is held out to verify them. */
  readonly acceptUnverified?: boolean;
  readonly catalog: Catalog;
  /** Plan on profiles in which the lint finds errors. */
  readonly acceptProfileErrors: boolean;
}

export interface OpenedPlan {
  readonly request: PlanRequest;
  readonly userProfiles: readonly Profile[];
  readonly assumptions: readonly string[];
  /** Made from the telemetry given, where they help. */
  readonly calibrations: readonly ActiveCalibration[];
}

/** Reads everything a plan needs: its profiles (which may name model and GPU) and its request. */
export function openPlan(input: OpenPlanInput): OpenedPlan {
  const { documents, catalog } = input;
  const files = filesBeside();
  const named = [...input.profiles, ...profilesOf(documents, files)].map(asTyped);
  const userProfiles = [...new Set(named)].map((ref) => loadNamedProfile(ref, catalog));
  const first = userProfiles[0];
  const { request, assumptions } = parsePlanRequest({
    documents,
    ...files,
    catalog,
    model: input.model ?? first?.modelId ?? null,
    defaultGpuId: first?.gpuId ?? null,
  });
  for (const profile of userProfiles) {
    checkModel(profile, request);
    if (!input.acceptProfileErrors) refuseFlawed(profile, catalog, '--accept-profile-errors');
  }
  const given = { telemetry: input.telemetry ?? [], calibrations: input.calibrationFiles ?? [] };
  const { calibrations, notes } = calibrationsOf(given, {
    modelId: request.modelId,
    catalog,
    fitShare: DEFAULT_FIT_SHARE,
    acceptUnverified: input.acceptUnverified ?? false,
    acceptProfileErrors: input.acceptProfileErrors,
  });
  return { request, userProfiles, assumptions: [...assumptions, ...notes], calibrations };
}

/** A path below the working folder is shown, and compared, as one would type it; a library id stays as it is. */
function asTyped(ref: string): string {
  if (!isAbsolute(ref) && !ref.startsWith('.')) return ref;
  const typed = relative(process.cwd(), resolve(ref));
  return typed === '' || typed.startsWith('..') || isAbsolute(typed) ? resolve(ref) : typed;
}

function checkModel(profile: Profile, request: PlanRequest): void {
  if (profile.modelId === request.modelId) return;
  throw new InputError({
    source: profile.id,
    path: 'model_name',
    found: profile.modelId,
    allowed: `${request.modelId}, the model being planned`,
    hint: 'give profiles of one model, or change `model` of the request',
  });
}
