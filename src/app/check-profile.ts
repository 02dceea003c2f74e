import type { Catalog } from '../core/catalog/catalog';
import type { Gpu } from '../core/catalog/gpu';
import type { ModelSpec } from '../core/catalog/model';
import { InputError } from '../core/errors';
import { lintProfile } from '../core/profile/lint';
import type { LintFinding } from '../core/profile/lint-finding';
import type { Profile } from '../core/profile/profile';

/** The GPU and the model a profile is of. Reading it has resolved both names against the catalogue. */
export function subjectOf(profile: Profile, catalog: Catalog): { gpu: Gpu; model: ModelSpec } {
  return {
    gpu: catalog.gpus.find((g) => g.id === profile.gpuId)!,
    model: catalog.models.find((m) => m.id === profile.modelId)!,
  };
}

/** Every finding of the lint on a profile, worst first. */
export const lintOf = (profile: Profile, catalog: Catalog): LintFinding[] =>
  lintProfile(profile, subjectOf(profile, catalog));

/** Refuses a profile in which the lint finds errors: a plan made on it would be confidently wrong. `override`: how to use it all the same. */
export function refuseFlawed(profile: Profile, catalog: Catalog, override: string): void {
  const errors = lintOf(profile, catalog).filter((finding) => finding.severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  throw new InputError({
    source: profile.id,
    path: 'profile lint',
    found: errors.map((finding) => `${finding.message} [${finding.code}]`).join('; '),
    allowed: 'times that the named model and GPU can have',
    hint: `${first.fix}; or use it all the same with ${override}`,
  });
}
