import fc from 'fast-check';
import { loadCatalog } from '../../src/app/load-catalog';
import { type MemoryQuestion, planMemory } from '../../src/core/engine/memory';

const { gpus, models } = loadCatalog();
const byId = <T extends { id: string }>(list: readonly T[], id: string): T => {
  const found = list.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

const SETTINGS = { gpuMemoryUtilization: 0.9, blockTokens: 16, numGpuBlocks: null, maxBatchedTokens: 2048 };

function question(
  gpu: string,
  model: string,
  tensorParallel: number,
  more: Partial<MemoryQuestion> = {},
): MemoryQuestion {
  return {
    gpu: byId(gpus, gpu),
    model: byId(models, model),
    tensorParallel,
    pipelineParallel: 1,
    settings: SETTINGS,
    profileMemory: null,
    weightBytesPerParam: null,
    ...more,
  };
}

function blocks(asked: MemoryQuestion): number {
  const answer = planMemory(asked);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.plan.numGpuBlocks;
}

// What vLLM itself reported at start, gpu_memory_utilization 0.9, 2048 batched tokens, blocks of 16.
test.each([
  ['h100-sxm', 'llama-2-7b', 1, 7462],
  ['h100-sxm', 'llama-2-70b', 4, 31356],
  ['h100-sxm', 'mixtral-8x7b', 2, 27510],
  ['h100-sxm', 'codellama-34b', 2, 26602],
  ['rtx-4090', 'llama-3.1-8b', 1, 2588],
])('%s, %s, tp%i: within 1.5%% of the %i blocks vLLM reported', (gpu, model, tensorParallel, reported) => {
  const ratio = blocks(question(gpu, model, tensorParallel)) / reported;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.015);
});

test('a model that does not fit says what is missing', () => {
  const answer = planMemory(question('a10g', 'llama-2-70b', 1));
  expect(answer).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/138\.0 GB for weights.*a10g gives 21\.3 GB.*118\.1 GB missing/),
  });
  if (!answer.ok) expect(answer.missingBytes / 1e9).toBeCloseTo(118, 0);
});

test('KV heads are sharded as far as there are any; an MLA latent is copied', () => {
  const perToken = (model: string, tensorParallel: number) => {
    const answer = planMemory(question('b200', model, tensorParallel, { weightBytesPerParam: 0.1 }));
    return answer.ok ? answer.plan.kvBytesPerToken : null;
  };
  expect(perToken('llama-2-70b', 8)).toBe(40960);
  expect(perToken('llama-2-70b', 16)).toBe(40960);
  expect(perToken('qwen3-235b-a22b', 8)).toBe(192512 / 4);
  expect(perToken('deepseek-v3', 8)).toBe(70272);
});

test('pipeline stages divide layers; the largest stage counts', () => {
  const one = planMemory(question('h100-sxm', 'llama-2-70b', 4));
  const three = planMemory(question('h100-sxm', 'llama-2-70b', 4, { pipelineParallel: 3 }));
  if (!one.ok || !three.ok) throw new Error('both fit');
  expect(three.plan.weightBytes / one.plan.weightBytes).toBeCloseTo(27 / 80, 12);
  expect(three.plan.kvBytesPerToken / one.plan.kvBytesPerToken).toBeCloseTo(27 / 80, 12);
});

test("a request's blocks win over the profile's, and those over the formula", () => {
  const profileMemory = { numGpuBlocks: 1000 };
  const settings = { ...SETTINGS, numGpuBlocks: 2000 };
  const plan = (asked: MemoryQuestion) => {
    const answer = planMemory(asked);
    return answer.ok ? [answer.plan.numGpuBlocks, answer.plan.source] : answer.reason;
  };
  expect(plan(question('h100-sxm', 'llama-2-7b', 1, { profileMemory }))).toEqual([1000, 'profile']);
  expect(plan(question('h100-sxm', 'llama-2-7b', 1, { profileMemory, settings }))).toEqual([2000, 'request']);
  const tooMany = { ...SETTINGS, numGpuBlocks: 27904 };
  expect(plan(question('a10g', 'llama-2-7b', 1, { settings: tooMany }))).toMatch(
    /27904 KV blocks given.*missing/,
  );
});

test("Vidur's 27,904 blocks fit an A100 pair with CodeLlama-34B", () => {
  expect(
    blocks(question('a100-80gb', 'codellama-34b', 2, { settings: { ...SETTINGS, numGpuBlocks: 27904 } })),
  ).toBe(27904);
});

test('an 8-bit KV cache, said by the profile, doubles the tokens', () => {
  const full = blocks(question('h100-sxm', 'llama-2-7b', 1));
  const half = blocks(question('h100-sxm', 'llama-2-7b', 1, { profileMemory: { kvBytesPerToken: 262144 } }));
  expect(half).toBeGreaterThanOrEqual(full * 2);
  expect(blocks(question('h100-sxm', 'llama-2-7b', 1, { profileMemory: { kvBytesPerToken: 256 } }))).toBe(
    full,
  );
});

test('more memory, more GPUs or a smaller budget never leave fewer blocks; all parts fit in the budget', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...gpus),
      fc.constantFrom(...models),
      fc.constantFrom(1, 2, 4, 8),
      fc.constantFrom(1, 2, 4),
      fc.double({ min: 0.5, max: 0.98, noNaN: true }),
      fc.integer({ min: 512, max: 32768 }),
      (gpu, model, tensorParallel, pipelineParallel, gpuMemoryUtilization, maxBatchedTokens) => {
        const asked = {
          ...question(gpu.id, model.id, tensorParallel),
          pipelineParallel,
          settings: { ...SETTINGS, gpuMemoryUtilization, maxBatchedTokens },
        };
        const answer = planMemory(asked);
        if (!answer.ok) {
          expect(answer.missingBytes).toBeGreaterThan(0);
          return;
        }
        const { plan } = answer;
        const used =
          plan.weightBytes +
          plan.activationBytes +
          plan.engineReserveBytes +
          plan.numGpuBlocks * 16 * plan.kvBytesPerToken;
        expect(used).toBeLessThanOrEqual(gpu.memoryBytes * gpuMemoryUtilization);
        const more = { ...asked, gpu: { ...gpu, memoryBytes: gpu.memoryBytes * 1.1 } };
        expect(blocks(more)).toBeGreaterThanOrEqual(plan.numGpuBlocks);
        expect(blocks({ ...asked, tensorParallel: tensorParallel * 2 })).toBeGreaterThanOrEqual(
          plan.numGpuBlocks,
        );
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
