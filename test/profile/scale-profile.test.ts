import { loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import type { Gpu } from '../../src/core/catalog/gpu';
import type { Profile } from '../../src/core/profile/profile';
import { scaleProfile } from '../../src/core/profile/scale-profile';
import { holds } from '../support/property';
import { gpuById, modelById, randomProfile } from '../support/random-profile';

const catalog = loadCatalog();
const LIBRARY = [
  'a100-80gb/codellama-34b/tp2/vidur-fp16',
  'a100-80gb/llama-2-7b/tp1/vidur-fp16',
  'a100-80gb/llama-3.1-8b/tp1/kernel-sum-bf16',
  'a100-80gb/mixtral-8x7b/tp2/kernel-sum-bf16',
  'h100-sxm/llama-2-70b/tp4/kernel-sum-bf16',
] as const;

const timesOf = ({ prefill, decode }: Profile) => [...prefill, ...decode].map((row) => row.meanMs);
const load = (id: string) => {
  const profile = loadLibraryProfile(id, catalog);
  return { profile, gpu: gpuById(profile.gpuId), model: modelById(profile.modelId) };
};

/** Every row of `a` takes at least `factor` of the same row of `b`. */
function checkAtLeast(a: Profile, b: Profile, factor = 1): void {
  const others = timesOf(b);
  timesOf(a).forEach((ms, i) => {
    expect(ms).toBeGreaterThanOrEqual(factor * others[i]! * (1 - 1e-9));
  });
}

test('scaled to itself on one GPU, a profile stays as it is', () => {
  holds(
    randomProfile(),
    ({ profile, gpu, model }) => {
      if (profile.tensorParallel > 1) return;
      const same = timesOf(scaleProfile(profile, model, gpu, { gpu, tensorParallel: 1 }));
      timesOf(profile).forEach((ms, i) => {
        expect(same[i]! / ms).toBeCloseTo(1, 9);
      });
    },
    100,
  );
});

const FASTER: [string, (gpu: Gpu) => Gpu][] = [
  ['bandwidth', (gpu) => ({ ...gpu, memoryBandwidthBytesPerS: 2 * gpu.memoryBandwidthBytesPerS })],
  ['FLOPs', (gpu) => ({ ...gpu, flops16PerS: 2 * gpu.flops16PerS })],
  ['links', (gpu) => ({ ...gpu, linkBytesPerS: 2 * gpu.linkBytesPerS })],
];

test.each(LIBRARY)(
  '%s: more bandwidth, FLOPs or link speed never make a row slower, nor more than twice as fast',
  (id) => {
    const { profile, gpu, model } = load(id);
    const { tensorParallel } = profile;
    const same = scaleProfile(profile, model, gpu, { gpu, tensorParallel });
    for (const [, upgrade] of FASTER) {
      const faster = scaleProfile(profile, model, gpu, { gpu: upgrade(gpu), tensorParallel });
      checkAtLeast(same, faster);
      checkAtLeast(faster, same, 0.5);
    }
  },
);

test.each(LIBRARY)('%s: twice the GPUs take at least half the time, and at least their all-reduces', (id) => {
  const { profile, gpu, model } = load(id);
  const tensorParallel = 2 * profile.tensorParallel;
  const wider = scaleProfile(profile, model, gpu, { gpu, tensorParallel });
  checkAtLeast(wider, profile, 0.5);
  // 15 µs each, whatever the link.
  for (const ms of timesOf(wider)) expect(ms).toBeGreaterThanOrEqual(2 * model.layers * 0.015);
  expect(wider.tensorParallel).toBe(tensorParallel);
  expect(wider.notes.at(-1)).toMatch(/^scaled from /);
});

test.each(LIBRARY)('%s: scaled to other GPUs no row beats reading the weights once', (id) => {
  const { profile, gpu, model } = load(id);
  for (const gpuId of ['h100-sxm', 'h200', 'l40s', 'a40']) {
    const other = gpuById(gpuId);
    const scaled = scaleProfile(profile, model, gpu, { gpu: other, tensorParallel: profile.tensorParallel });
    // A mixture of experts reads at least the experts of one token.
    const bytes =
      (model.linearFlopsPerToken / 2) * (profile.weightBytesPerParam ?? model.weightBytesPerParam);
    const floorMs = (1e3 * bytes) / profile.tensorParallel / other.memoryBandwidthBytesPerS;
    for (const ms of timesOf(scaled)) expect(ms).toBeGreaterThanOrEqual(floorMs * 0.9);
  }
});
