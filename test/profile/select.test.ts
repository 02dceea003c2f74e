import { listLibrary } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import { engineRank, type ProfileMeta, selectProfile } from '../../src/core/profile/select';

const { gpus, models } = loadCatalog();

interface Ask {
  readonly gpu: string;
  readonly model: string;
  readonly tp: number;
  readonly user?: readonly ProfileMeta[];
  readonly library?: readonly ProfileMeta[];
}

function select({ gpu, model, tp, user = [], library = listLibrary() }: Ask) {
  const found = { gpu: gpus.find((g) => g.id === gpu), model: models.find((m) => m.id === model) };
  if (found.gpu === undefined || found.model === undefined) throw new Error(`${gpu} ${model}`);
  return selectProfile({
    gpu: found.gpu,
    model: found.model,
    tensorParallel: tp,
    userProfiles: user,
    library,
    gpus,
  });
}

const meta = (
  id: string,
  gpuId: string,
  modelId: string,
  tensorParallel: number,
  more: Partial<ProfileMeta> = {},
): ProfileMeta => ({
  id,
  gpuId,
  modelId,
  tensorParallel,
  kind: 'measured',
  engine: null,
  weightBytesPerParam: 2,
  rows: 20,
  ...more,
});

test.each([
  [
    'kernels of vLLM 0.14 over Vidur 2024',
    'a100-80gb',
    'codellama-34b',
    2,
    'a100-80gb/codellama-34b/tp2/kernel-sum-bf16',
    'native',
  ],
  ['16 bit over fp8', 'h100-sxm', 'llama-3.1-8b', 4, 'h100-sxm/llama-3.1-8b/tp4/aic-bf16', 'native'],
  [
    'composed kernels of 2024 over a sweep of 2023',
    'a100-80gb',
    'llama-2-70b',
    2,
    'a100-80gb/llama-2-70b/tp2/vidur-fp16',
    'native',
  ],
  [
    'Vidur where nothing newer is',
    'a100-80gb',
    'llama-2-7b',
    8,
    'a100-80gb/llama-2-7b/tp8/vidur-fp16',
    'native',
  ],
  [
    'the nearest degree of the GPU',
    'rtx-pro-6000',
    'llama-3.1-8b',
    4,
    'rtx-pro-6000/llama-3.1-8b/tp2/llmservingsim',
    'scaled-tp',
  ],
  [
    'another GPU, same degree, like architecture',
    'a10g',
    'llama-2-7b',
    1,
    'a40/llama-2-7b/tp1/vidur-fp16',
    'scaled-gpu',
  ],
])('%s', (_, gpu, model, tp, profileId, action) => {
  expect(select({ gpu, model, tp })).toMatchObject({ profileId, action, origin: 'library' });
});

test("the user's profile wins where it is native, and only there", () => {
  const user = [meta('mine', 'a100-80gb', 'llama-2-7b', 1)];
  expect(select({ gpu: 'a100-80gb', model: 'llama-2-7b', tp: 1, user })).toMatchObject({
    profileId: 'mine',
    origin: 'user',
    action: 'native',
  });
  expect(select({ gpu: 'a100-80gb', model: 'llama-2-7b', tp: 2, user })).toMatchObject({
    origin: 'library',
    action: 'native',
  });
});

test("an fp8 profile of the user's asks for fp8 from the library", () => {
  const user = [meta('mine', 'h100-sxm', 'llama-3.1-8b', 1, { weightBytesPerParam: 1 })];
  expect(select({ gpu: 'h100-sxm', model: 'llama-3.1-8b', tp: 2, user })).toMatchObject({
    profileId: 'h100-sxm/llama-3.1-8b/tp2/aic-fp8',
  });
});

test('scaling: the nearest degree first, the user first among equals', () => {
  const library = [meta('lib1', 'l4', 'phi-4', 1), meta('lib4', 'l4', 'phi-4', 4)];
  const user = [meta('mine', 'l4', 'phi-4', 4)];
  expect(select({ gpu: 'l4', model: 'phi-4', tp: 2, library, user })).toMatchObject({
    profileId: 'mine',
    action: 'scaled-tp',
  });
  expect(select({ gpu: 'l4', model: 'phi-4', tp: 1, library, user })).toMatchObject({
    profileId: 'lib1',
    action: 'native',
  });
});

test('another dtype serves only when no other is left, and is said', () => {
  const library = [meta('fp8', 'h200', 'phi-4', 1, { weightBytesPerParam: 1 })];
  expect(select({ gpu: 'h200', model: 'phi-4', tp: 1, library })?.why).toMatch(
    /no profile with 2-byte weights exists, this one has 1-byte/,
  );
});

test('nothing known of the model is null; the order of the library does not matter', () => {
  expect(select({ gpu: 'h100-sxm', model: 'kimi-k2', tp: 8 })).toBeNull();
  const backwards = [...listLibrary()].reverse();
  for (const gpu of gpus) {
    for (const tp of [1, 2, 4, 8]) {
      const ask = { gpu: gpu.id, model: 'llama-3.1-8b', tp };
      expect(select({ ...ask, library: backwards })).toEqual(select(ask));
    }
  }
});

test('the newest engine ranks first', () => {
  const order = [
    'vllm 0.19.0',
    'vllm 0.14.0 kernels',
    'vllm 0.10.1.1',
    'Vidur 2024 kernels (vLLM fork)',
    'vLLM-based (2023), Splitwise ISCA24',
    null,
  ];
  const ranks = order.map(engineRank);
  expect([...ranks].sort((a, b) => b - a)).toEqual(ranks);
  expect(new Set(ranks).size).toBe(ranks.length);
});
