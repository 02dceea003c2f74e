import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { ProfileKind } from './profile';

/** What the choice of a profile depends on; a `Profile` and a library entry can both be described so. */
export interface ProfileMeta {
  /** Library id or path: what the caller loads. */
  readonly id: string;
  readonly gpuId: string;
  readonly modelId: string;
  readonly tensorParallel: number;
  readonly kind: ProfileKind;
  readonly engine: string | null;
  readonly weightBytesPerParam: number | null;
  /** Prefill and decode rows together. */
  readonly rows: number;
}

export type ProfileAction =
  /** For this GPU and degree: used as it is. */
  | 'native'
  /** For this GPU, another tensor-parallel degree. */
  | 'scaled-tp'
  /** For another GPU (and perhaps another degree too). */
  | 'scaled-gpu';

export interface ProfileChoice {
  readonly profileId: string;
  readonly origin: 'user' | 'library';
  readonly action: ProfileAction;
  /** One sentence for the report. */
  readonly why: string;
}

export interface ProfileQuestion {
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  readonly tensorParallel: number;
  /** The caller's own profiles, in the order given. */
  readonly userProfiles: readonly ProfileMeta[];
  readonly library: readonly ProfileMeta[];
  /** All GPUs of the catalogue, to judge how near another GPU is. */
  readonly gpus: readonly Gpu[];
}

/**
 * The profile whose times a candidate uses: the user's for this GPU and degree, else the library's, else the nearest
 * to scale: same GPU and nearest degree, then nearest GPU. Null when nothing is known of the model at all.
 *
 * Library profiles must have the weight type of the user's profile (16-bit, fp8), or without one the model's default:
 * an fp8 profile answers another question than a 16-bit one, so it serves only when no other is left.
 */
export function selectProfile(question: ProfileQuestion): ProfileChoice | null {
  const { gpu, model, tensorParallel } = question;
  const own = question.userProfiles.filter((profile) => profile.modelId === model.id);
  const stock = question.library.filter((profile) => profile.modelId === model.id);
  const wantedBytes =
    own.find((profile) => profile.weightBytesPerParam !== null)?.weightBytesPerParam ??
    model.weightBytesPerParam;
  const sameDtype = stock.filter((profile) => isSameDtype(profile, wantedBytes));

  const candidates = [
    ...own.map((profile, order): Ranked => ({ profile, origin: 'user', order })),
    ...sameDtype
      .sort(byLibraryPreference)
      .map((profile, order): Ranked => ({ profile, origin: 'library', order })),
  ];
  const choice = chooseAmong(candidates, question);
  if (choice !== null) return describe(choice, gpu, tensorParallel, null);

  const rest = stock
    .sort(byLibraryPreference)
    .map((profile, order): Ranked => ({ profile, origin: 'library', order }));
  const fallback = chooseAmong(rest, question);
  return fallback === null ? null : describe(fallback, gpu, tensorParallel, wantedBytes);
}

interface Ranked {
  readonly profile: ProfileMeta;
  readonly origin: 'user' | 'library';
  /** Place within its origin: the user's order, or the library's preference. */
  readonly order: number;
}

function chooseAmong(candidates: readonly Ranked[], question: ProfileQuestion): Ranked | null {
  const distance = (a: Ranked): readonly number[] => distanceOf(a, question);
  const sorted = candidates
    .filter((a) => distance(a).every(Number.isFinite))
    .sort((a, b) => compareLists(distance(a), distance(b)));
  return sorted[0] ?? null;
}

/** Compared entry by entry: unlike GPU, unlike degree, library rather than user, larger degree, place in its list. */
function distanceOf(
  { profile, origin, order }: Ranked,
  { gpu, tensorParallel, gpus }: ProfileQuestion,
): readonly number[] {
  const other = profile.gpuId === gpu.id ? gpu : gpus.find((candidate) => candidate.id === profile.gpuId);
  const gpuDistance = other === undefined ? Number.POSITIVE_INFINITY : gpuDissimilarity(gpu, other);
  const degreeDistance = Math.abs(Math.log2(profile.tensorParallel / tensorParallel));
  // On the same GPU the degree decides. On another GPU the same degree comes first: scaling both compounds.
  const first = profile.gpuId === gpu.id ? 0 : 1;
  const keys = first === 0 ? [degreeDistance] : [degreeDistance === 0 ? 0 : 1, gpuDistance, degreeDistance];
  while (keys.length < 3) keys.push(0);
  return [first, ...keys, origin === 'user' ? 0 : 1, profile.tensorParallel, order];
}

/**
 * How badly times of one GPU scale to the other: the ridge point (FLOPs per byte) decides which parts are bound by what,
 * so a difference there counts double; then the size of the step in bandwidth.
 */
function gpuDissimilarity(a: Gpu, b: Gpu): number {
  const ridge = (gpu: Gpu) => gpu.flops16PerS / gpu.memoryBandwidthBytesPerS;
  const octaves = (x: number, y: number) => Math.abs(Math.log2(x / y));
  return 2 * octaves(ridge(a), ridge(b)) + octaves(a.memoryBandwidthBytesPerS, b.memoryBandwidthBytesPerS);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Newest engine first; among equals the one with more points; then by id, so that the order is total. */
function byLibraryPreference(a: ProfileMeta, b: ProfileMeta): number {
  return engineRank(b.engine) - engineRank(a.engine) || b.rows - a.rows || (a.id < b.id ? -1 : 1);
}

/** vLLM by version (0.14.0 is 14000), other engines by the year in their name, below every versioned one; 2024 kernels composed over 2023 sweeps. */
export function engineRank(engine: string | null): number {
  const version = /vllm\s+v?(\d+)\.(\d+)(?:\.(\d+))?/i.exec(engine ?? '');
  if (version !== null) return Number(version[1]) * 1e6 + Number(version[2]) * 1e3 + Number(version[3] ?? 0);
  const year = /\b(20\d\d)\b/.exec(engine ?? '');
  return year === null ? -1e4 : Number(year[1]) - 1e4;
}

/** Weight types within a factor of √2 of each other count as one (mixed 4- and 16-bit models differ a little). */
function isSameDtype(profile: ProfileMeta, bytes: number): boolean {
  return (
    profile.weightBytesPerParam === null || Math.abs(Math.log2(profile.weightBytesPerParam / bytes)) < 0.5
  );
}

function describe(
  { profile, origin }: Ranked,
  gpu: Gpu,
  tensorParallel: number,
  missedBytes: number | null,
): ProfileChoice {
  const owner = origin === 'user' ? 'your profile' : 'library profile';
  const dtypeNote =
    missedBytes === null
      ? ''
      : `; no profile with ${missedBytes}-byte weights exists, this one has ${profile.weightBytesPerParam}-byte weights`;
  const choice = (action: ProfileAction, how: string): ProfileChoice => ({
    profileId: profile.id,
    origin,
    action,
    why: `${owner} ${profile.id}, ${how}${dtypeNote}`,
  });
  if (profile.gpuId !== gpu.id) {
    const degree =
      profile.tensorParallel === tensorParallel
        ? ''
        : ` and from tensor-parallel ${profile.tensorParallel} to ${tensorParallel}`;
    return choice('scaled-gpu', `scaled from ${profile.gpuId} to ${gpu.id}${degree}`);
  }
  if (profile.tensorParallel !== tensorParallel) {
    return choice('scaled-tp', `scaled from tensor-parallel ${profile.tensorParallel} to ${tensorParallel}`);
  }
  return choice('native', 'for this GPU and degree');
}
