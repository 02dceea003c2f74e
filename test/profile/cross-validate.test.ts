import { listLibrary, loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import { crossValidate } from '../../src/core/profile/cross-validate';
import type { Profile } from '../../src/core/profile/profile';
import { createRandomStream } from '../../src/core/workload/random';
import { gpuById, modelById } from '../support/random-profile';

const hardware = { gpu: gpuById('h100-sxm'), model: modelById('llama-3.1-8b') };
const LENGTHS = [128, 256, 512, 1024, 2048, 4096, 8192];
const BATCHES = [1, 2, 4, 8, 16, 32, 64];

/** Times that the model can follow between the points, times `prefillBy` and `decodeBy`. */
function gridProfile(
  prefillBy: (i: number, j: number) => number,
  decodeBy: (i: number, j: number) => number,
  { lengths = LENGTHS, batches = BATCHES } = {},
): Profile {
  const cells = lengths.flatMap((length, i) => batches.map((batch, j) => ({ length, batch, i, j })));
  return {
    ...loadLibraryProfile('h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16', loadCatalog()),
    prefill: cells.map(({ length, batch, i, j }) => ({
      promptTokens: length,
      batchSize: batch,
      meanMs: (6 + 0.03 * length * batch + (2e-7 * length * length * batch) / 2) * prefillBy(i, j),
    })),
    decode: cells.map(({ length, batch, i, j }) => ({
      contextTokens: length,
      batchSize: batch,
      meanMs: (6 + 0.03 * batch + 5e-5 * length * batch) * decodeBy(i, j),
    })),
  };
}

const ONE = () => 1;
const noise = (size: number) => {
  const { uniform } = createRandomStream(5, 'rows');
  return () => 1 + size * (2 * uniform() - 1);
};

test('rows that follow the time model are foretold without having been seen', () => {
  const { prefill, decode } = crossValidate(gridProfile(ONE, ONE), hardware);
  expect(prefill).toBeLessThan(0.01);
  expect(decode).toBeLessThan(0.01);
});

test('noise shows in the phase that has it, and in proportion', () => {
  const calm = crossValidate(gridProfile(ONE, noise(0.05)), hardware);
  const wild = crossValidate(gridProfile(ONE, noise(0.2)), hardware);
  expect(wild.prefill).toBeLessThan(0.01);
  expect(wild.decode! / calm.decode!).toBeGreaterThan(2.5);
  expect(wild.decode! / calm.decode!).toBeLessThan(6);
});

test('errors that a load averages over count for less than one that it stays inside', () => {
  const alternating = (i: number, j: number) => ((i + j) % 2 === 0 ? 1.1 : 1 / 1.1);
  const slowLine = (_: number, j: number) => (j === 3 ? 1.21 : 1);
  const averaged = crossValidate(gridProfile(ONE, alternating), hardware).decode!;
  const stays = crossValidate(gridProfile(ONE, slowLine), hardware).decode!;
  expect(averaged).toBeLessThan(0.1);
  expect(stays).toBeGreaterThan(averaged);
});

test('rows of one line are left out together: repeating every row hides nothing', () => {
  const profile = gridProfile(ONE, noise(0.1));
  const repeated = { ...profile, decode: profile.decode.flatMap((row) => [row, row]) };
  const once = crossValidate(profile, hardware).decode!;
  expect(once).toBeGreaterThan(0.005);
  expect(Math.abs(crossValidate(repeated, hardware).decode! / once - 1)).toBeLessThan(0.1);
});

test('what bounds the grid is never left out: a grid of nothing else says nothing, nor do a few rows', () => {
  const corners = gridProfile(ONE, ONE, { lengths: [128, 4096], batches: [1, 32] });
  expect(crossValidate(corners, hardware)).toEqual({ prefill: null, decode: null });
  const line = gridProfile(ONE, ONE, { lengths: [128, 256, 512, 1024, 2048], batches: [1] });
  expect(crossValidate(line, hardware)).toEqual({ prefill: null, decode: null });
  const longer = crossValidate(gridProfile(ONE, ONE, { batches: [1] }), hardware);
  expect(longer.prefill).toBeLessThan(0.05);
  expect(longer.decode).toBeNull();
});

test('every measured profile of the library can be judged', () => {
  const catalog = loadCatalog();
  for (const entry of listLibrary().filter(({ kind }) => kind === 'measured')) {
    const { prefill, decode } = crossValidate(loadLibraryProfile(entry.id, catalog), {
      gpu: gpuById(entry.gpuId),
      model: modelById(entry.modelId),
    });
    expect(prefill).toBeGreaterThan(0);
    expect(prefill).toBeLessThan(0.2);
    expect(decode).toBeGreaterThan(0);
    expect(decode).toBeLessThan(0.15);
  }
});
