import { resolve } from 'node:path';
import type { Catalog } from '../core/catalog/catalog';
import { InputError } from '../core/errors';
import { type LintFinding } from '../core/profile/lint-finding';
import { lintProfile } from '../core/profile/lint';
import type { Profile } from '../core/profile/profile';
import type { PlanRequest } from '../core/search/request';
import type { PlanDocument } from '../formats/merge-documents';
import { parsePlanRequest, profilesOf } from '../formats/read-request';
import { filesBeside } from '../formats/request-files';
import { resolveProfileRef } from './library';

export interface OpenPlanInput {
  /** The request, whole or in parts. */
  readonly documents: readonly PlanDocument[];
  /** Profiles named beside the documents: library ids or paths, relative to the working folder. */
  readonly profiles: readonly string[];
  readonly model: string | null;
  readonly catalog: Catalog;
  /** Plan on profiles in which the lint finds errors. */
  readonly acceptProfileErrors: boolean;
}

export interface OpenedPlan {
  readonly request: PlanRequest;
  readonly userProfiles: readonly Profile[];
  readonly assumptions: readonly string[];
}

/** Reads everything a plan needs: its profiles (which may name model and GPU) and its request. */
export function openPlan(input: OpenPlanInput): OpenedPlan {
  const { documents, catalog } = input;
  const files = filesBeside();
  const named = [...input.profiles.map((ref) => resolveRef(ref)), ...profilesOf(documents, files)];
  const userProfiles = [...new Set(named)].map((ref) =>
    resolveProfileRef({ ref, folder: process.cwd(), where: { source: 'profile', path: '' } }, catalog),
  );
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
    if (!input.acceptProfileErrors) refuseFlawed(profile, lintOf(profile, catalog));
  }
  return { request, userProfiles, assumptions };
}

/** Every finding of the lint on a profile. */
export function lintOf(profile: Profile, catalog: Catalog): LintFinding[] {
  const gpu = catalog.gpus.find((g) => g.id === profile.gpuId)!;
  const model = catalog.models.find((m) => m.id === profile.modelId)!;
  return lintProfile(profile, { gpu, model });
}

const resolveRef = (ref: string): string => (ref.startsWith('.') ? resolve(ref) : ref);

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

function refuseFlawed(profile: Profile, findings: readonly LintFinding[]): void {
  const errors = findings.filter((f) => f.severity === 'error');
  if (errors.length === 0) return;
  throw new InputError({
    source: profile.id,
    path: 'profile lint',
    found: errors.map((f) => `${f.message} [${f.code}]`).join('; '),
    allowed: 'times that the named model and GPU can have',
    hint: `${errors[0]!.fix}; or plan on it all the same with --accept-profile-errors`,
  });
}
