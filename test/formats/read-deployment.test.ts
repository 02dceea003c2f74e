import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeployment, parseDeployment } from '../../src/formats/read-deployment';
import { parseYaml } from '../../src/formats/read-yaml';
import { CATALOG, faultOf, oneLine } from './support';

const DEPLOYMENT = `
profile: a100-80gb/codellama-34b/tp2/vidur-fp16
deployment: {gpu_type: a100-80gb, tensor_parallel: 2, pipeline_parallel: 1, num_replicas: 1, scheduler: vllm-v0, max_batch_size: 128,
             max_batched_tokens: 4096, chunk_size: 512, block_size: 16, num_gpu_blocks: 27904, watermark: 0.01, gpu_memory_utilization: 0.9,
             max_model_len: 4096, routing: round_robin}
overhead: {step_ms: 0, request_ms: 0, first_token_extra_steps: 0}
simulation: {duration: 600, warmup_duration: 60, random_seed: 42}
`;
const SHORT = `
profile: p
deployment: {gpu_type: A100, tensor_parallel: 1, scheduler: vllm}
workload: {arrival: {process: poisson, rate: 2}, prompt_length: 10, output_length: 5}
`;

const parse = (text: string) =>
  parseDeployment({ source: 'D.yaml', value: parseYaml('D.yaml', text), catalog: CATALOG });

test('the contract of simulate, with a trace beside the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deployment-'));
  const path = join(folder, 'D.yaml');
  writeFileSync(path, `${DEPLOYMENT}workload: {trace: trace.csv}\n`);
  writeFileSync(join(folder, 'trace.csv'), 'arrived_at_s,prompt_tokens,output_tokens\n0,512,128\n');
  const { request, assumptions } = loadDeployment(path, CATALOG);
  expect(request).toEqual({
    profile: 'a100-80gb/codellama-34b/tp2/vidur-fp16',
    modelId: null,
    deployment: {
      gpuId: 'a100-80gb',
      tensorParallel: 2,
      pipelineParallel: 1,
      numReplicas: 1,
      scheduler: 'vllm-v0',
      maxBatchSize: 128,
      maxBatchedTokens: 4096,
      chunkTokens: 512,
      blockTokens: 16,
      numGpuBlocks: 27904,
      watermark: 0.01,
      gpuMemoryUtilization: 0.9,
      maxModelTokens: 4096,
      routing: 'round_robin',
    },
    overhead: { stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 },
    load: {
      kind: 'trace',
      trace: {
        name: 'trace.csv',
        arrivedAtS: Float64Array.of(0),
        promptTokens: Int32Array.of(512),
        outputTokens: Int32Array.of(128),
        cachedPromptTokens: Int32Array.of(0),
      },
    },
    simulation: { durationS: 600, warmupS: 60, randomSeed: 42 },
  });
  expect(assumptions).toEqual([
    'deployment.chunk_size: has no effect: used by sarathi only.',
    'A trace runs whole, until its last request is done: duration and warm-up are not used.',
  ]);
});

test('a generated load and every default said', () => {
  const { request, assumptions } = parse(SHORT);
  expect(request.load).toEqual({
    kind: 'generated',
    rateQps: 2,
    workload: {
      arrival: { kind: 'poisson' },
      lengths: {
        kind: 'drawn',
        prompt: { kind: 'fixed', value: 10 },
        output: { kind: 'fixed', value: 5 },
        cachedPrompt: null,
      },
    },
  });
  expect(request.deployment).toMatchObject({
    numReplicas: 1,
    maxBatchSize: 256,
    maxBatchedTokens: null,
    routing: null,
  });
  expect(assumptions).toEqual([
    'deployment.max_batch_size: not given, taken as 256.',
    'deployment: max_batched_tokens, chunk_size, block_size, num_gpu_blocks, gpu_memory_utilization, watermark, max_model_len, routing not given, the defaults of vllm are used.',
    'deployment.pipeline_parallel: not given, taken as 1.',
    'deployment.num_replicas: not given, taken as 1.',
    'overhead: step_ms, request_ms, first_token_extra_steps not given, the default for the kind of profile is used.',
    'simulation.duration: not given, taken as 600 s.',
    'simulation.warmup_duration: not given, taken as 60.',
    'simulation.random_seed: not given, taken as 42.',
  ]);
});

describe('a refused deployment', () => {
  const check = (from: string, to: string, expected: string) =>
    expect(oneLine(faultOf(() => parse(SHORT.replace(from, to))))).toBe(expected);

  test.each([
    [
      'profile: p',
      '',
      'profile | nothing (the key is missing) | a profile, or model: the profile of the library is then taken',
    ],
    ['profile: p', 'profile: 3', 'profile | 3 | a profile: a library id, a folder or a file'],
    [
      'scheduler: vllm',
      'scheduler: sarahti',
      'deployment.scheduler | "sarahti" | one of vllm, vllm-v0, sarathi, orca, faster-transformer | did you mean sarathi?',
    ],
    [
      'tensor_parallel: 1, ',
      '',
      'deployment.tensor_parallel | nothing (the key is missing) | a whole number from 1 to 64',
    ],
    [
      'tensor_parallel: 1',
      'tensor_parallel: [1, 2]',
      'deployment.tensor_parallel | the list [1, 2] | a whole number from 1 to 64',
    ],
    [
      'vllm}',
      'vllm, max_batched_tokens: 64}',
      'deployment.max_batched_tokens | 64 | at least max_batch_size (256): each running request takes one token of it',
    ],
    [
      'vllm}',
      'vllm, gpu_memory_utilization: 1.2}',
      'deployment.gpu_memory_utilization | 1.2 | a number above 0, at most 1',
    ],
    ['rate: 2', 'cv: 2, rate: 2', 'workload.arrival.cv | an unknown key | one of the keys process, rate'],
    [
      ', rate: 2',
      '',
      'workload.arrival.rate | nothing (the key is missing) | a number from 0.000001 to 1000000',
    ],
    [
      'arrival: {process: poisson, rate: 2}, ',
      '',
      'workload.arrival | nothing (the key is missing) | process and rate, e.g. {process: poisson, rate: 10}, or workload.trace',
    ],
    [
      ', output_length: 5',
      '',
      'workload.output_length | nothing (the key is missing) | a length, or workload.trace',
    ],
    [
      'workload: ',
      'worklod: ',
      'worklod | an unknown key | one of the keys profile, model, deployment, overhead, workload, simulation | did you mean workload?',
    ],
  ])('%s → %s', check);

  test('an unknown GPU', () => {
    expect(faultOf(() => parse(SHORT.replace('A100', 'A10H')))).toMatchObject({
      source: 'D.yaml',
      path: 'deployment.gpu_type',
    });
  });
});
