import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listLibrary, loadLibraryProfile, resolveProfileRef } from '../../src/app/library';
import { dataFolder, loadCatalog } from '../../src/app/load-catalog';
import { InputError } from '../../src/core/errors';
import { lintProfile } from '../../src/core/profile/lint';

const catalog = loadCatalog();
const where = { source: 'deployment.yaml', path: 'profile' };
const resolve = (ref: string) => resolveProfileRef({ ref, folder: dataFolder(), where }, catalog);

test('the catalogue is whole and in core units', () => {
  expect(catalog.gpus).toHaveLength(19);
  expect(catalog.models).toHaveLength(38);
  const h100 = catalog.gpus.find((gpu) => gpu.id === 'h100-sxm');
  expect(h100).toMatchObject({
    flops16PerS: 989e12,
    memoryBandwidthBytesPerS: 3350e9,
    linkBytesPerS: 450e9,
    maxGpusPerNode: 8,
  });
  expect((h100?.memoryBytes ?? 0) / 2 ** 30).toBeCloseTo(79.1, 6);
  expect(catalog.gpus.find((gpu) => gpu.id === 't4')).toMatchObject({
    flops16PerS: 65e12,
    flops8PerS: null,
    linkBytesPerS: 16e9,
  });
  const llama = catalog.models.find((model) => model.id === 'llama-2-7b');
  expect(llama).toMatchObject({ kvBytesPerToken: 524288, layers: 32, paramsTotal: 6738415616 });
});

test('KV bytes and weights follow from the architecture', () => {
  for (const model of catalog.models) {
    if (model.attention !== 'MLA')
      expect(model.kvBytesPerToken).toBe(2 * model.layers * model.kvHeads * model.headDim * 2);
    expect(model.weightBytes / (model.paramsTotal * model.weightBytesPerParam)).toBeCloseTo(1, 2);
    expect(model.heads % model.kvHeads).toBe(0);
  }
});

test('what the specification and the contract name is in the library', () => {
  const ids = listLibrary().map((entry) => entry.id);
  expect(ids).toContain('a100-80gb/codellama-34b/tp2/vidur-fp16');
  expect(ids).toContain('a100-80gb/llama-2-7b/tp1/kernel-sum-bf16');
  expect(ids).toContain('h100-sxm/llama-2-7b/tp1/kernel-sum-bf16');
  expect(new Set(ids).size).toBe(ids.length);
});

test('every library profile loads as its index says, and the lint finds no error in it', () => {
  for (const entry of listLibrary()) {
    const profile = loadLibraryProfile(entry.id, catalog);
    expect(profile).toMatchObject({
      id: entry.id,
      origin: 'library',
      gpuId: entry.gpuId,
      modelId: entry.modelId,
      tensorParallel: entry.tensorParallel,
      kind: entry.kind,
      weightBytesPerParam: entry.weightBytesPerParam,
    });
    expect([profile.prefill.length, profile.decode.length]).toEqual([entry.prefillRows, entry.decodeRows]);
    const gpu = catalog.gpus.find((candidate) => candidate.id === entry.gpuId);
    const model = catalog.models.find((candidate) => candidate.id === entry.modelId);
    if (gpu === undefined || model === undefined) throw new Error(`${entry.id}: not in the catalogue`);
    const errors = lintProfile(profile, { gpu, model }).filter((finding) => finding.severity === 'error');
    expect([entry.id, errors]).toEqual([entry.id, []]);
  }
});

test('a reference is a library id or a path', () => {
  const id = 'h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16';
  expect(resolve(id)).toMatchObject({ id, origin: 'library' });
  expect(resolve(`${id}/`)).toMatchObject({ id, origin: 'library' });
  expect(resolve(`profiles/${id}`)).toMatchObject({ origin: 'user', modelId: 'llama-3.1-8b' });
  expect(resolve(join(dataFolder(), 'profiles', id, 'fitted_profile.json'))).toMatchObject({
    origin: 'user',
  });
});

test.each([
  ['h100-sxm/llama-3.1-8b/tp1/kernelsum-bf16', /did you mean h100-sxm\/llama-3\.1-8b\/tp1\/kernel-sum-bf16/],
  ['a100-80gb/llama-2-7b/tp3', /a100-80gb\/llama-2-7b\/tp/],
  ['no/such/folder', /allowed: an existing profile folder/],
])('%s is refused with near ids', (ref, hint) => {
  expect(() => resolve(ref)).toThrow(InputError);
  expect(() => resolve(ref)).toThrow(hint);
});

test('data without a licence to ship is not shipped', () => {
  expect(existsSync(join(dataFolder(), 'measured'))).toBe(false);
  for (const entry of listLibrary()) expect(entry.license).toMatch(/Apache-2\.0|MIT/);
});
