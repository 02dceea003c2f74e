import { loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import type { Profile } from '../../src/core/profile/profile';
import { scaleProfile } from '../../src/core/profile/scale-profile';
import { gpuById, modelById } from '../support/random-profile';

const catalog = loadCatalog();
const load = (id: string) => {
  const profile = loadLibraryProfile(id, catalog);
  return { profile, gpu: gpuById(profile.gpuId), model: modelById(profile.modelId) };
};
const timesOf = ({ prefill, decode }: Profile) => [...prefill, ...decode].map((row) => row.meanMs);

const SHARDED = [
  'a100-80gb/llama-2-7b/tp8/vidur-fp16',
  'a40/llama-2-70b/tp8/vidur-fp16',
  'h100-sxm/llama-2-70b/tp8/splitwise',
  'h100-sxm/mixtral-8x7b/tp4/kernel-sum-bf16',
  'h200/llama-3.1-8b/tp8/aic-fp8',
  'l40s/codellama-34b/tp8/aic-fp8',
  'rtx-pro-6000/qwen3-32b/tp2/llmservingsim',
] as const;

test.each(SHARDED)('%s: scaled to its own GPU and degree, it stays as it is', (id) => {
  const { profile, gpu, model } = load(id);
  const same = timesOf(scaleProfile(profile, model, gpu, { gpu, tensorParallel: profile.tensorParallel }));
  timesOf(profile).forEach((ms, i) => {
    expect(same[i]! / ms).toBeCloseTo(1, 12);
  });
});

const LARGE = [
  'a100-80gb/qwen3-32b/tp1/aic-bf16',
  'h100-sxm/codellama-34b/tp1/aic-fp8',
  'h200/llama-2-70b/tp1/aic-fp8',
  'l40s/qwen3-32b/tp1/aic-fp8',
] as const;

test.each(LARGE)(
  '%s: each doubling of the degree makes memory-bound steps faster, by less than half',
  (id) => {
    const { profile, gpu, model } = load(id);
    const small = (scaled: Profile) =>
      scaled.decode.filter((row) => row.batchSize <= 8).map((row) => row.meanMs);
    let before = small(profile);
    for (const tensorParallel of [2, 4, 8]) {
      const after = small(scaleProfile(profile, model, gpu, { gpu, tensorParallel }));
      after.forEach((ms, i) => {
        expect(ms).toBeLessThan(before[i]!);
        expect(ms).toBeGreaterThan(before[i]! / 2);
      });
      before = after;
    }
  },
);

test.each(LARGE)('%s: scaled there and back, it is near what it was', (id) => {
  const { profile, gpu, model } = load(id);
  const there = scaleProfile(profile, model, gpu, { gpu, tensorParallel: 2 });
  const back = timesOf(scaleProfile(there, model, gpu, { gpu, tensorParallel: 1 }));
  timesOf(profile).forEach((ms, i) => {
    expect(Math.abs(back[i]! / ms - 1)).toBeLessThan(0.1);
  });
});

test('beyond the KV heads a further shard reads the same KV cache', () => {
  const { profile, gpu, model } = load('h200/llama-2-70b/tp8/aic-bf16');
  expect(model.kvHeads).toBe(8);
  const wider = scaleProfile(profile, model, gpu, { gpu, tensorParallel: 16 });
  const longest = (rows: Profile['decode']) =>
    rows.reduce((a, b) => (b.batchSize * b.contextTokens > a.batchSize * a.contextTokens ? b : a)).meanMs;
  // Nearly all of the longest step is KV reads.
  expect(longest(wider.decode) / longest(profile.decode)).toBeGreaterThan(0.85);
});

test('weights of the profile, not of the model, decide what is bound by memory', () => {
  const { profile, gpu, model } = load('h100-sxm/qwen3-32b/tp1/aic-fp8');
  const twice = { ...gpu, memoryBandwidthBytesPerS: 2 * gpu.memoryBandwidthBytesPerS };
  const gain = (bytes: number) => {
    const scaled = scaleProfile({ ...profile, weightBytesPerParam: bytes }, model, gpu, {
      gpu: twice,
      tensorParallel: 1,
    });
    const at = (rows: Profile['prefill']) =>
      rows.find((r) => r.promptTokens === 512 && r.batchSize === 1)!.meanMs;
    return at(profile.prefill) / at(scaled.prefill);
  };
  // Half the peak FLOPs and twice the bytes keep the ridge where it is; the model's 16-bit default would move it.
  expect(gain(1) / gain(2)).toBeGreaterThan(0.9);
  expect(gain(1) / gain(2)).toBeLessThan(1.1);
});
