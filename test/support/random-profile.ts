import fc from 'fast-check';
import { loadCatalog } from '../../src/app/load-catalog';
import type { Gpu } from '../../src/core/catalog/gpu';
import type { ModelSpec } from '../../src/core/catalog/model';
import { type FittedProfile, fitProfile } from '../../src/core/profile/fit-profile';
import type { Profile } from '../../src/core/profile/profile';

const { gpus, models } = loadCatalog();

export const gpuById = (id: string): Gpu => byId(gpus, id);
export const modelById = (id: string): ModelSpec => byId(models, id);

function byId<T extends { readonly id: string }>(list: readonly T[], id: string): T {
  const found = list.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`not in the catalogue: ${id}`);
  return found;
}

export interface ProfileCase {
  readonly profile: Profile;
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  /** No noise: times rise along every axis as the formula behind them does. */
  readonly exact: boolean;
}

/**
 * Profiles as people measure them: a grid or scattered points, prefill sweeps at one batch size, few points, noise up
 * to 20% in either direction. Times follow what the hardware could do, at a random share of its peaks.
 */
export function randomProfile(): fc.Arbitrary<ProfileCase> {
  const lengths = fc.uniqueArray(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 6 });
  const batches = fc.uniqueArray(fc.integer({ min: 1, max: 128 }), { minLength: 1, maxLength: 5 });
  return fc
    .record({
      modelId: fc.constantFrom('llama-2-7b', 'codellama-34b', 'mixtral-8x7b'),
      gpuId: fc.constantFrom('a100-80gb', 'h100-sxm', 'l40s'),
      tensorParallel: fc.constantFrom(1, 2, 4),
      efficiency: fc.integer({ min: 20, max: 90 }),
      constantMs: fc.integer({ min: 0, max: 20 }),
      noise: fc.constantFrom(0, 0, 0.02, 0.2),
      wobble: fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 40, maxLength: 40 }),
      prefillLengths: lengths,
      prefillBatches: fc.oneof(fc.constant([1]), batches),
      decodeLengths: lengths,
      decodeBatches: batches,
      scattered: fc.boolean(),
    })
    .map((parts) => makeProfile(parts));
}

/** The fit of such a profile. */
export function randomFittedProfile(): fc.Arbitrary<FittedProfile> {
  return randomProfile().map(({ profile, gpu, model }) => fitProfile(profile, { gpu, model }));
}

interface Parts {
  modelId: string;
  gpuId: string;
  tensorParallel: number;
  efficiency: number;
  constantMs: number;
  noise: number;
  wobble: readonly number[];
  prefillLengths: readonly number[];
  prefillBatches: readonly number[];
  decodeLengths: readonly number[];
  decodeBatches: readonly number[];
  scattered: boolean;
}

function makeProfile(parts: Parts): ProfileCase {
  const { tensorParallel } = parts;
  const gpu = gpuById(parts.gpuId);
  const model = modelById(parts.modelId);
  const share = (parts.efficiency / 100) * tensorParallel;
  const weightsMs = (1e3 * model.weightBytes) / (gpu.memoryBandwidthBytesPerS * share);
  const flopMs = 1e3 / (gpu.flops16PerS * share);
  const pairFlops = 4 * model.layers * model.heads * model.headDim;
  const kvMs = (1e3 * model.kvBytesPerToken) / (gpu.memoryBandwidthBytesPerS * share);
  const dense = (tokens: number) =>
    parts.constantMs + weightsMs + tokens * model.linearFlopsPerToken * flopMs;
  let row = 0;
  const noisy = (ms: number) => ms * (1 + (parts.noise * parts.wobble[row++ % parts.wobble.length]!) / 100);
  const decodePairs = pairsOf(parts.decodeLengths, parts.decodeBatches, parts.scattered);
  const profile: Profile = {
    id: 'random',
    origin: 'user',
    gpuId: gpu.id,
    modelId: model.id,
    tensorParallel,
    kind: 'measured',
    engine: null,
    dtype: null,
    weightBytesPerParam: null,
    date: null,
    prefill: pairsOf(parts.prefillLengths, parts.prefillBatches, false).map(([promptTokens, batchSize]) => {
      const work = (promptTokens ** 2 * batchSize) / 2;
      return {
        promptTokens,
        batchSize,
        meanMs: noisy(dense(promptTokens * batchSize) + work * pairFlops * flopMs),
      };
    }),
    decode: decodePairs.map(([contextTokens, batchSize]) => ({
      contextTokens,
      batchSize,
      meanMs: noisy(dense(batchSize) + 0.05 * batchSize + contextTokens * batchSize * kvMs),
    })),
    memory: {},
    notes: [],
  };
  return { profile, gpu, model, exact: parts.noise === 0 };
}

/** All pairs, or one length for each batch size: points that share no row or column. */
function pairsOf(
  lengths: readonly number[],
  batches: readonly number[],
  scattered: boolean,
): [number, number][] {
  if (scattered) return batches.map((batch, i) => [lengths[i % lengths.length]!, batch]);
  return lengths.flatMap((length) => batches.map((batch): [number, number] => [length, batch]));
}
