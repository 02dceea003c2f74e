import type { ActiveCalibration } from '../core/calibration/active-calibration';
import type { Catalog } from '../core/catalog/catalog';
import type { Gpu } from '../core/catalog/gpu';
import type { ModelSpec } from '../core/catalog/model';
import { crossValidate } from '../core/profile/cross-validate';
import { type FittedProfile, fitProfile } from '../core/profile/fit-profile';
import type { Profile } from '../core/profile/profile';
import { scaleProfile } from '../core/profile/scale-profile';
import { type ProfileMeta, selectProfile } from '../core/profile/select';
import { residualError, timeErrorOf } from '../core/uncertainty/profile-error';
import type { TimeError } from '../core/uncertainty/time-error';
import { listLibrary, loadLibraryProfile } from './library';

/** Iteration times for one GPU type and tensor-parallel degree, and where they come from. */
export interface PreparedProfile {
  readonly fit: FittedProfile;
  /** The profile behind it, before scaling. */
  readonly source: Profile;
  readonly scaled: boolean;
  /** How far true step times may be from these, with the calibration they get. Fits the profile again when first asked. */
  readonly timeError: (calibration: ActiveCalibration | null) => TimeError;
  /** For the report, e.g. `a100-80gb/llama-2-7b/tp1/vidur-fp16, scaled to a10g tp2`. */
  readonly label: string;
  readonly why: string;
}

/** Finds, scales and fits the profile for a GPU type and degree; null when the model has none at all. Each once. */
export function createProfileSource(input: {
  readonly catalog: Catalog;
  readonly model: ModelSpec;
  readonly userProfiles: readonly Profile[];
}): (gpu: Gpu, tensorParallel: number) => PreparedProfile | null {
  const { catalog, model, userProfiles } = input;
  const prepared = new Map<string, PreparedProfile | null>();
  const library = listLibrary();
  const metas = userProfiles.map(toMeta);
  function prepare(gpu: Gpu, tensorParallel: number): PreparedProfile | null {
    const choice = selectProfile({
      gpu,
      model,
      tensorParallel,
      userProfiles: metas,
      library,
      gpus: catalog.gpus,
    });
    if (choice === null) return null;
    const own = choice.origin === 'user' ? userProfiles.find((p) => p.id === choice.profileId) : undefined;
    const source = own ?? loadLibraryProfile(choice.profileId, catalog);
    const scaled = choice.action !== 'native';
    const from = catalog.gpus.find((g) => g.id === source.gpuId)!;
    const profile = scaled ? scaleProfile(source, model, from, { gpu, tensorParallel }) : source;
    const label = scaled ? `${source.id}, scaled to ${gpu.id} tp${tensorParallel}` : source.id;
    const hardware = { gpu, model };
    const shards = [
      { gpu: from, tensorParallel: source.tensorParallel },
      { gpu, tensorParallel },
    ] as const;
    let residual: TimeError | null = null;
    return {
      fit: fitProfile(profile, hardware),
      source,
      scaled,
      timeError(calibration) {
        residual ??= residualError(crossValidate(profile, hardware));
        return timeErrorOf(residual, { calibration, scaled: scaled ? shards : null });
      },
      label,
      why: choice.why,
    };
  }
  return (gpu, tensorParallel) => {
    const key = `${gpu.id} ${tensorParallel}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const fresh = prepare(gpu, tensorParallel);
    prepared.set(key, fresh);
    return fresh;
  };
}

const toMeta = (p: Profile): ProfileMeta => ({
  id: p.id,
  gpuId: p.gpuId,
  modelId: p.modelId,
  tensorParallel: p.tensorParallel,
  kind: p.kind,
  engine: p.engine,
  weightBytesPerParam: p.weightBytesPerParam,
  rows: p.prefill.length + p.decode.length,
});
