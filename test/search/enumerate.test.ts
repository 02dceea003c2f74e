import type { Deployment } from '../../src/core/engine/deployment';
import { type Enumerated, enumerate, whyInvalid } from '../../src/core/search/enumerate';
import type { ConfigSpace, PlanRequest } from '../../src/core/search/request';
import { deployment, REQUEST } from '../support/plan-fixture';
import { modelById } from '../support/random-profile';

const model = modelById('llama-2-7b');

/** The example request of the specification. */
const SPACE: ConfigSpace = {
  ...REQUEST.space,
  gpuIds: ['a100-80gb', 'h100-sxm', 'a10g'],
  numGpus: [1, 2, 4, 8],
  tensorParallel: [1, 2, 4, 8],
  pipelineParallel: [1, 2],
  numReplicas: [1, 2, 4, 8],
  schedulers: ['vllm', 'orca', 'sarathi'],
  maxBatchSizes: [32, 64, 128, 256],
};

const within = (space: Partial<ConfigSpace>): Enumerated[] =>
  enumerate({ ...REQUEST, space: { ...SPACE, ...space } } as PlanRequest, model);

test('the example of the specification has 1,008 candidates: 3 GPU types × 7 (tp, pp) × 4 replicas × 3 schedulers × 4 batch sizes', () => {
  const all = within({});
  expect(all).toHaveLength(1008);
  expect(new Set(all.map(({ deployment: d }) => JSON.stringify(d))).size).toBe(1008);
  expect(all.map((c) => c.configId)).toEqual(Array.from({ length: 1008 }, (_, i) => i + 1));
  const pairs = new Set(all.map(({ deployment: d }) => `${d.tensorParallel}x${d.pipelineParallel}`));
  expect([...pairs].sort()).toEqual(['1x1', '1x2', '2x1', '2x2', '4x1', '4x2', '8x1']);
  expect(all.filter((c) => c.invalid !== null)).toEqual([]);
});

test('without num_gpus every pair counts', () =>
  expect(within({ numGpus: null })).toHaveLength((1008 / 7) * 8));

test('a setting multiplies only the candidates of schedulers that use it', () => {
  const count = (space: Partial<ConfigSpace>) => {
    const all = within({
      gpuIds: ['a100-80gb'],
      numGpus: [1],
      numReplicas: [1],
      maxBatchSizes: [32],
      ...space,
    });
    return Object.fromEntries(
      SPACE.schedulers.map((name) => [name, all.filter((c) => c.deployment.scheduler === name).length]),
    );
  };
  expect(count({ chunkTokens: [256, 512, 1024] })).toEqual({ vllm: 1, orca: 1, sarathi: 3 });
  expect(count({ maxBatchedTokens: [2048, 4096] })).toEqual({ vllm: 2, orca: 2, sarathi: 1 });
  expect(count({ watermark: [0, 0.01] })).toEqual({ vllm: 1, orca: 1, sarathi: 2 });
  expect(count({ blockTokens: [16, 32], routings: ['random', 'least_kv'] })).toEqual({
    vllm: 4,
    orca: 4,
    sarathi: 4,
  });
});

test.each<[string, Partial<Deployment>, RegExp | null]>([
  ['fits', {}, null],
  ['heads', { tensorParallel: 3 }, /tensor_parallel 3 does not divide the 32 attention heads/],
  ['layers', { pipelineParallel: 33 }, /pipeline_parallel 33 exceeds the 32 layers/],
  ['budget', { maxBatchSize: 256, maxBatchedTokens: 128 }, /max_batched_tokens 128 is below the 256/],
  ['a batch of each stage', { maxBatchSize: 256, maxBatchedTokens: 128, pipelineParallel: 2 }, null],
  ['chunk', { scheduler: 'sarathi', maxBatchSize: 256, chunkTokens: 128 }, /chunk_size 128 is below the 256/],
  ['context', { maxModelTokens: 4097 }, /max_model_len 4097 exceeds the 4096 tokens/],
])('invalid deployments say why: %s', (_name, parts, reason) => {
  const found = whyInvalid(deployment(parts), model);
  if (reason === null) expect(found).toBeNull();
  else expect(found).toMatch(reason);
});

test('KV heads that cannot be shared out evenly are invalid', () => {
  // 64 heads over 8 KV heads: 16 ranks hold copies, 64 ranks too.
  const llama70b = modelById('llama-2-70b');
  expect(whyInvalid(deployment({ tensorParallel: 16 }), llama70b)).toBeNull();
  expect(whyInvalid(deployment({ tensorParallel: 8 }), { ...llama70b, kvHeads: 6 })).toMatch(
    /neither divides nor is a multiple of the 6 KV heads/,
  );
});
