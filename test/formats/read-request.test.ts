import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trace } from '../../src/core/workload/workload';
import type { PlanDocument } from '../../src/formats/merge-documents';
import { loadPlanRequest, parsePlanRequest, profilesOf } from '../../src/formats/read-request';
import { parseYaml } from '../../src/formats/read-yaml';
import { CATALOG, faultOf, oneLine, SPEC_YAML } from './support';

const TRACE: Trace = {
  name: 't.csv',
  arrivedAtS: Float64Array.of(0, 1, 2),
  promptTokens: Int32Array.of(100, 50, 100),
  outputTokens: Int32Array.of(10, 20, 30),
  cachedPromptTokens: Int32Array.of(0, 0, 0),
};
const files = { loadTrace: () => TRACE, loadValues: () => [7, 7, 9] };

const yamlDocument = (text: string, source = 'plan.yaml'): PlanDocument => ({
  source,
  value: parseYaml(source, text),
});
const parse = (...texts: string[]) =>
  parsePlanRequest({
    catalog: CATALOG,
    model: 'llama-7b',
    defaultGpuId: 'a100-80gb',
    ...files,
    documents: texts.map((text, index) =>
      yamlDocument(text, index === 0 ? 'plan.yaml' : `part${index}.yaml`),
    ),
  });

test('the request of the specification', () => {
  const { request, assumptions, profiles } = parse(SPEC_YAML);
  expect(request).toEqual({
    modelId: 'llama-2-7b',
    workload: {
      arrival: { kind: 'poisson' },
      lengths: {
        kind: 'drawn',
        prompt: { kind: 'normal', mean: 512, std: 128 },
        output: { kind: 'normal', mean: 256, std: 64 },
        cachedPrompt: null,
      },
    },
    rateRangeQps: [1, 100],
    constraints: {
      targets: [
        { metric: 'ttft', quantile: 0.95, limitMs: 2000 },
        { metric: 'tbt', quantile: 0.99, limitMs: 200 },
        { metric: 'e2e', quantile: 0.99, limitMs: 10000 },
      ],
      maxCostPerHourUsd: 100,
      minQps: 10,
    },
    space: {
      gpuIds: ['a100-80gb', 'h100-sxm', 'a10g'],
      numGpus: [1, 2, 4, 8],
      tensorParallel: [1, 2, 4, 8],
      pipelineParallel: [1, 2],
      numReplicas: [1, 2, 4, 8],
      schedulers: ['vllm', 'orca', 'sarathi'],
      maxBatchSizes: [32, 64, 128, 256],
      maxBatchedTokens: null,
      chunkTokens: null,
      blockTokens: null,
      numGpuBlocks: null,
      gpuMemoryUtilization: null,
      watermark: null,
      maxModelTokens: null,
      routings: null,
    },
    objective: { kind: 'max_qps_per_dollar', targetQps: null },
    prices: { provider: null, kind: 'on-demand', wholeInstances: false, usdPerGpuHour: {} },
    simulation: { durationS: 600, warmupS: 60, randomSeed: 42 },
    overhead: { stepMs: null, requestMs: null, firstTokenExtraSteps: null },
  });
  expect(profiles).toEqual([]);
  expect(assumptions).toEqual([
    'objective: not given, taken as max_qps_per_dollar.',
    'workload.arrival.process: not given, taken as poisson.',
    'config_space: max_batched_tokens, chunk_size, block_size, num_gpu_blocks, gpu_memory_utilization, watermark, max_model_len, routing not given, the defaults of each scheduler are used.',
    'prices.provider: not given, taken as the default of the price book.',
    'prices.kind: not given, taken as on-demand.',
    'prices.whole_instances: not given, taken as false.',
    'overhead: step_ms, request_ms, first_token_extra_steps not given, the default for the kind of profile is used.',
  ]);
});

test('the search of the specification: a workload of one key, no degrees', () => {
  const { request, assumptions } = parsePlanRequest({
    catalog: CATALOG,
    model: 'llama-7b',
    documents: [
      { source: 'workload', section: 'workload', value: { arrival_rate_range: [10, 100] } },
      {
        source: 'space',
        section: 'config_space',
        value: { gpu_types: ['A100'], num_gpus: [2, 4, 8], schedulers: ['vllm', 'sarathi'] },
      },
      { source: 'constraints', section: 'constraints', value: { max_cost_per_hour: 50 } },
    ],
  });
  expect(request.space.tensorParallel).toEqual([2, 4, 8]);
  expect(request.workload.lengths).toMatchObject({ prompt: { mean: 512 }, output: { mean: 256 } });
  expect(assumptions).toContain('workload.prompt_length: not given, taken as normal mean 512, std 128.');
  expect(assumptions).toContain(
    'config_space.tensor_parallel: not given, taken as [2, 4, 8], so that tp × pp fills num_gpus.',
  );
  expect(assumptions).toContain(
    'constraints: no latency target given, so a load counts as sustained when the queue does not grow.',
  );
});

test('every key beyond the specification', () => {
  const { request, profiles } = parse(`
model: meta-llama/Llama-2-7b-hf
profiles: [a100-80gb/llama-2-7b/tp1/x, b]
workload:
  arrival_rate_range: [1, 50]
  arrival: {process: gamma, cv: 2}
  prompt_length: 300
  output_length: {distribution: uniform, min: 10, max: 20}
  cached_prompt_tokens: {distribution: empirical, values: [0x10, 32], weights: [1, 3]}
constraints: {max_tpot_p50_ms: 40, max_latency_p90_ms: 9000}
config_space:
  gpu_types: NVIDIA A100
  tensor_parallel: 2
  max_batched_tokens: [2048, 8192]
  chunk_size: 256
  block_size: 16
  num_gpu_blocks: 27904
  gpu_memory_utilization: [0.9, 0.95]
  watermark: 0.01
  max_model_len: 4096
  routing: [round_robin, least_kv]
objective: {kind: min_cost, target_qps: 20}
prices: {provider: AWS, kind: spot, whole_instances: true, usd_per_gpu_hour: {A100: 2.5}}
overhead: {step_ms: 0, request_ms: 1.5, first_token_extra_steps: 1}
simulation: {duration: 10}
`);
  expect(profiles).toEqual(['a100-80gb/llama-2-7b/tp1/x', 'b']);
  expect(request.workload).toEqual({
    arrival: { kind: 'gamma', cv: 2 },
    lengths: {
      kind: 'drawn',
      prompt: { kind: 'fixed', value: 300 },
      output: { kind: 'uniform', min: 10, max: 20 },
      cachedPrompt: { kind: 'empirical', values: [16, 32], weights: [1, 3] },
    },
  });
  expect(request.constraints.targets).toEqual([
    { metric: 'tpot', quantile: 0.5, limitMs: 40 },
    { metric: 'e2e', quantile: 0.9, limitMs: 9000 },
  ]);
  expect(request.space).toMatchObject({
    gpuIds: ['a100-80gb'],
    numGpus: null,
    tensorParallel: [2],
    maxBatchedTokens: [2048, 8192],
    chunkTokens: [256],
    blockTokens: [16],
    numGpuBlocks: [27904],
    gpuMemoryUtilization: [0.9, 0.95],
    watermark: [0.01],
    maxModelTokens: [4096],
    routings: ['round_robin', 'least_kv'],
  });
  expect(request.objective).toEqual({ kind: 'min_cost', targetQps: 20 });
  expect(request.prices).toEqual({
    provider: 'aws',
    kind: 'spot',
    wholeInstances: true,
    usdPerGpuHour: { 'a100-80gb': 2.5 },
  });
  expect(request.overhead).toEqual({ stepMs: 0, requestMs: 1.5, firstTokenExtraSteps: 1 });
  expect(request.simulation).toEqual({ durationS: 10, warmupS: 10, randomSeed: 42 });
});

describe('workloads', () => {
  const check = (workload: string, expected: unknown) =>
    expect(parse(`workload: ${workload}`).request.workload).toMatchObject(expected as object);

  test.each([
    ['{trace: t.csv}', { arrival: { kind: 'trace' }, lengths: { kind: 'trace', trace: TRACE } }],
    [
      '{trace: t.csv, arrival: {process: poisson}}',
      { arrival: { kind: 'poisson' }, lengths: { kind: 'trace' } },
    ],
    [
      '{trace: t.csv, cached_prompt_tokens: 60}',
      { lengths: { trace: { cachedPromptTokens: Int32Array.of(60, 49, 60) } } },
    ],
    [
      '{prompt_length: {distribution: trace, path: t.csv}, output_length: {distribution: trace, path: t.csv}}',
      { arrival: { kind: 'poisson' }, lengths: { kind: 'trace' } },
    ],
    [
      '{prompt_length: {distribution: trace, path: t.csv}, output_length: 5}',
      { lengths: { prompt: { kind: 'empirical', values: [50, 100], weights: [1, 2] } } },
    ],
    [
      '{prompt_length: {distribution: empirical, path: v.csv}, output_length: 5}',
      { lengths: { prompt: { kind: 'empirical', values: [7, 9], weights: [2, 1] } } },
    ],
    [
      '{prompt_length: {distribution: gamma, mean: 10, std: 0}}',
      { lengths: { prompt: { kind: 'fixed', value: 10 } } },
    ],
    [
      '{prompt_length: {distribution: lognormal, mean: 9, std: 1}}',
      { lengths: { prompt: { kind: 'lognormal' } } },
    ],
    ['{arrival: {process: burst, burst_size: 8}}', { arrival: { kind: 'burst', burstSize: 8 } }],
    ['{arrival: {process: constant}}', { arrival: { kind: 'constant' } }],
    ['{cached_prompt_tokens: 0}', { lengths: { cachedPrompt: null } }],
  ])('%s', check);
});

describe('a refused request', () => {
  const check = (text: string, expected: string) =>
    expect(oneLine(faultOf(() => parse(text)))).toBe(expected);

  test.each([
    [
      'workload: {arrival_rate_rnge: [1, 2]}',
      /^workload\.arrival_rate_rnge .*did you mean arrival_rate_range\?$/,
    ],
    [
      'workloads: {}',
      /^workloads \| an unknown key \| one of the keys model, .* \| did you mean workload\?$/,
    ],
    [
      'constraints: {max_ttft_p9_ms: 1}',
      /^constraints\.max_ttft_p9_ms \| an unknown key .* did you mean max_ttft_p9\d_ms\?$/,
    ],
    ['min_qps: 3\nmodel: llama-7b', /^min_qps \| an unknown key .* \| put it under constraints$/],
  ])('names the nearest key: %s', (text, pattern) => {
    expect(oneLine(faultOf(() => parse(text)))).toMatch(pattern);
  });

  test.each([
    [
      'workload: {prompt_length: {distribution: normal, mean: "512", std: 1}}',
      'workload.prompt_length.mean | "512" | a number above 0, at most 10000000 | write the number without quotes',
    ],
    [
      'workload: {prompt_length: {distribution: normal, mean: 512}}',
      'workload.prompt_length.std | nothing (the key is missing) | a number from 0 to 10000000',
    ],
    [
      'workload: {prompt_length: {distribution: normal, mean: .nan, std: 1}}',
      'workload.prompt_length.mean | NaN | a number above 0, at most 10000000',
    ],
    [
      'workload: {prompt_length: {distribution: normal, mean: .inf, std: 1}}',
      'workload.prompt_length.mean | Infinity | a number above 0, at most 10000000',
    ],
    [
      'workload: {prompt_length: {distribution: normal, mean: 5, std: 1, min: 2}}',
      'workload.prompt_length.min | an unknown key | one of the keys distribution, mean, std',
    ],
    [
      'workload: {prompt_length: {distribution: norml, mean: 5}}',
      'workload.prompt_length.distribution | "norml" | one of fixed, normal, lognormal, gamma, uniform, empirical, trace | did you mean normal?',
    ],
    [
      'workload: {prompt_length: {mean: 5}}',
      'workload.prompt_length.distribution | nothing (the key is missing) | one of fixed, normal, lognormal, gamma, uniform, empirical, trace',
    ],
    ['workload: {prompt_length: -5}', 'workload.prompt_length | -5 | a whole number from 0 to 10000000'],
    ['workload: {prompt_length: 0}', 'workload.prompt_length | 0 | at least 1 token'],
    [
      'workload: {prompt_length: many}',
      'workload.prompt_length | "many" | a number of tokens, or a mapping with the key distribution',
    ],
    [
      'workload: {prompt_length: {distribution: uniform, min: 9, max: 3}}',
      'workload.prompt_length.min | 9 | at most max (3)',
    ],
    [
      'workload: {prompt_length: {distribution: empirical, values: []}}',
      'workload.prompt_length.values | an empty list | at least one entry',
    ],
    [
      'workload: {prompt_length: {distribution: empirical}}',
      'workload.prompt_length | neither values nor path | values (a list of token counts) or path (a CSV of one column)',
    ],
    [
      'workload: {prompt_length: {distribution: empirical, values: [1, 2], weights: [1]}}',
      'workload.prompt_length.weights | 1 weights | 2, one for each of values',
    ],
    [
      'workload: {prompt_length: {distribution: empirical, values: [1], weights: [0]}}',
      'workload.prompt_length.weights | the list [0] | at least one weight above 0',
    ],
    [
      'workload: {arrival: {process: poisson, cv: 2}}',
      'workload.arrival.cv | an unknown key | one of the keys process',
    ],
    [
      'workload: {arrival: {process: gamma}}',
      'workload.arrival.cv | nothing (the key is missing) | a number above 0, at most 100',
    ],
    [
      'workload: {arrival: {process: trace}}',
      'workload.arrival.process | trace | another process where the lengths are drawn | name the trace under workload.trace',
    ],
    ['workload: {arrival: poisson}', 'workload.arrival | "poisson" | a mapping with the key process'],
    [
      'workload: {trace: t.csv, prompt_length: 4}',
      'workload.prompt_length | a length beside workload.trace | lengths from one place: the trace, or distributions | delete workload.trace or workload.prompt_length',
    ],
    [
      'workload: {arrival_rate_range: [100, 1]}',
      'workload.arrival_rate_range | the list [100, 1] | the lower rate first',
    ],
    [
      'workload: {arrival_rate_range: [0, 1]}',
      'workload.arrival_rate_range[0] | 0 | a number from 0.000001 to 1000000',
    ],
    [
      'workload: {arrival_rate_range: 5}',
      'workload.arrival_rate_range | 5 | two rates in requests/s, the lower one first, e.g. [1, 100]',
    ],
    [
      'workload: {arrival_rate_range: [1]}',
      'workload.arrival_rate_range | the list [1] | two rates in requests/s, the lower one first, e.g. [1, 100]',
    ],
    [
      'workload:',
      'workload | nothing (an empty value) | a mapping with the keys arrival_rate_range, arrival, prompt_length, output_length, cached_prompt_tokens, trace, prefix_caching',
    ],
    [
      'workload: {arrival_rate_range: [1, 5]}\nconstraints: {min_qps: 9}',
      'constraints.min_qps | 9 | at most 5, the end of workload.arrival_rate_range | widen the range',
    ],
    [
      'constraints: {max_ttft_p95_ms: -1}',
      'constraints.max_ttft_p95_ms | -1 | a number above 0, at most 1000000000',
    ],
    [
      'config_space: {tensor_parallel: []}',
      'config_space.tensor_parallel | an empty list | at least one entry',
    ],
    ['config_space: {tensor_parallel: [1, 2, 1]}', 'config_space.tensor_parallel[2] | 1 | every entry once'],
    [
      'config_space: {tensor_parallel: 1.5}',
      'config_space.tensor_parallel | 1.5 | a whole number from 1 to 64',
    ],
    [
      'config_space: {num_replicas: [1, 5000]}',
      'config_space.num_replicas[1] | 5000 | a whole number from 1 to 4096',
    ],
    [
      'config_space: {schedulers: [vlm]}',
      'config_space.schedulers[0] | "vlm" | one of vllm, vllm-v0, sarathi, orca, faster-transformer | did you mean vllm?',
    ],
    [
      'config_space: {gpu_types: [A100, NVIDIA A100]}',
      'config_space.gpu_types[1] | "NVIDIA A100" | every GPU once | A100 is the same one, a100-80gb',
    ],
    [
      'config_space: {num_gpus: [3], tensor_parallel: [1, 2]}',
      'config_space.num_gpus | the list [3] | at least one product of tensor_parallel and pipeline_parallel: 1, 2 | num_gpus counts the GPUs of one replica',
    ],
    [
      'config_space: {chunksize: 3}\nmodel: llama-7b',
      'config_space.chunksize | an unknown key | one of the keys gpu_types, num_gpus, tensor_parallel, pipeline_parallel, num_replicas, schedulers, max_batch_sizes, max_batched_tokens, chunk_size, block_size, num_gpu_blocks, gpu_memory_utilization, watermark, max_model_len, routing | did you mean chunk_size?',
    ],
    [
      'simulation: {duration: 10, warmup_duration: 60}',
      'simulation.warmup_duration | 60 | at most the duration (10 s)',
    ],
    [
      'simulation: {random_seed: true}',
      'simulation.random_seed | true | a whole number from 0 to 4294967295',
    ],
    ['objective: cheapest', 'objective | "cheapest" | one of max_qps_per_dollar, min_cost, max_qps'],
    [
      'objective: min_cost',
      'target_qps | nothing (the key is missing) | the load to serve, requests/s: objective min_cost needs it',
    ],
    [
      'objective: {kind: max_qps, target_qps: 3}\ntarget_qps: 3',
      'target_qps | 3 | one target, here or in objective.target_qps',
    ],
    [
      'prices: {usd_per_gpu_hour: {A100: 0}}',
      'prices.usd_per_gpu_hour.A100 | 0 | a number above 0, at most 100000',
    ],
    [
      'prices: {usd_per_gpu_hour: {A100: 1, a100-80gb: 2}}',
      'prices.usd_per_gpu_hour.a100-80gb | a second price of a100-80gb | one price for each GPU',
    ],
    ['prices: {kind: spt}', 'prices.kind | "spt" | one of on-demand, spot, reserved-1y | did you mean spot?'],
    [
      'model: codellama-34b',
      'model | "codellama-34b" | llama-2-7b, the model of the profile or the command | plan one model at a time',
    ],
    ['profile: a\nprofiles: [b]', 'profile | profile beside profiles | one of the two'],
    ['[1, 2]', ' | the list [1, 2] | a mapping of keys and values'],
    [
      'workload: {a: 1, a: 2}',
      'line 1, column 18 | "workload: {a: 1, a: 2}" | YAML | Map keys must be unique',
    ],
    [
      'workload: [1, 2',
      'line 1, column 16 | "workload: [1, 2" | YAML | Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['# nothing', ' | an empty file | a mapping of keys and values'],
  ])('%s', check);

  test.each([
    [
      'gpu_types',
      'config_space: {gpu_types: [A10X]}',
      /^config_space\.gpu_types \| "A10X" \| a GPU of the catalogue .* did you mean .*a10g/,
    ],
    [
      'provider',
      'prices: {provider: awz}',
      /^prices\.provider \| "awz" \| a provider .* did you mean aws\?$/,
    ],
    [
      'alias bomb',
      'a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]',
      /Excessive alias count/,
    ],
    ['two YAML documents', 'model: llama-7b\n---\nmodel: llama-7b', /multiple documents/],
    [
      'too many candidates',
      `config_space: {num_replicas: [${Array.from({ length: 400 }, (_, i) => i + 1)}], max_batch_sizes: [${Array.from({ length: 400 }, (_, i) => i + 1)}]}`,
      /^config_space \| 160000 combinations \| at most 100000/,
    ],
  ])('%s', (_name, text, pattern) => {
    expect(oneLine(faultOf(() => parse(text)))).toMatch(pattern);
  });

  test('without a model or a GPU', () => {
    const documents = [yamlDocument(SPEC_YAML)];
    expect(faultOf(() => parsePlanRequest({ catalog: CATALOG, documents })).path).toBe('model');
    const bare = () => parsePlanRequest({ catalog: CATALOG, model: 'llama-7b', documents: [] });
    expect(faultOf(bare)).toMatchObject({ source: 'request', path: 'config_space.gpu_types' });
  });

  test('a file where files cannot be read', () => {
    const documents = [{ source: 'api', value: { workload: { trace: 't.csv' } } }];
    expect(faultOf(() => parsePlanRequest({ catalog: CATALOG, model: 'llama-7b', documents }))).toMatchObject(
      {
        source: 'api',
        path: 'workload.trace',
        found: 'the file "t.csv"',
      },
    );
  });
});

describe('several documents', () => {
  test('sections with and without their keys, and parts of one section, are put together', () => {
    const { request } = parse(
      'arrival_rate_range: [2, 20]',
      'workload: {prompt_length: 9}\nmodel: llama-7b',
      'max_ttft_p95_ms: 100',
      'gpu_types: [H100]',
    );
    expect(request.rateRangeQps).toEqual([2, 20]);
    expect(request.workload.lengths).toMatchObject({ prompt: { kind: 'fixed', value: 9 } });
    expect(request.constraints.targets).toHaveLength(1);
    expect(request.space.gpuIds).toEqual(['h100-sxm']);
  });

  test('a key given twice is refused with both files', () => {
    const fault = faultOf(() => parse(SPEC_YAML, 'max_tbt_p99_ms: 100'));
    expect(fault).toMatchObject({
      source: 'part1.yaml',
      path: 'constraints.max_tbt_p99_ms',
      found: 'a value that plan.yaml gives too',
    });
  });

  test('a fault names the file it is in', () => {
    const fault = faultOf(() => parse('arrival_rate_range: [2, 20]', 'max_tbt_p99_ms: soon'));
    expect(fault).toMatchObject({
      source: 'part1.yaml',
      path: 'constraints.max_tbt_p99_ms',
      found: '"soon"',
    });
  });

  test('a bare file of no known key', () => {
    expect(oneLine(faultOf(() => parse('max_tbt_p99_m: 3')))).toMatch(/did you mean max_tbt_p99_ms\?$/);
  });

  test('the profiles named, before the rest is checked', () => {
    const documents = [yamlDocument('profile: x\nworkload: {nonsense: 1}')];
    expect(profilesOf(documents)).toEqual(['x']);
    expect(profilesOf([])).toEqual([]);
    expect(faultOf(() => profilesOf([yamlDocument('profile: 3')])).path).toBe('profile');
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'formats-'));
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const options = { catalog: CATALOG, model: 'llama-7b', defaultGpuId: 'a10g' };
  write('t.csv', 'arrived_at_s,prompt_tokens,output_tokens\n0,10,20\n5,11,21\n');
  write('v.csv', 'tokens\n5\n6\n');

  test('YAML and JSON side by side, paths relative to the file that names them', () => {
    const { request, profiles } = loadPlanRequest(
      [
        write('w.json', '{"workload": {"trace": "t.csv"}}'),
        { path: write('c.yaml', 'max_ttft_p95_ms: 5'), section: 'constraints' },
        write('p.yaml', 'profiles: [./prof, t.csv, a/b/tp1/c, x.json]'),
      ],
      options,
    );
    expect(request.workload.lengths).toMatchObject({
      trace: { name: 't.csv', promptTokens: Int32Array.of(10, 11) },
    });
    expect(profiles).toEqual([
      join(folder, 'prof'),
      join(folder, 't.csv'),
      'a/b/tp1/c',
      join(folder, 'x.json'),
    ]);
  });

  test('a CSV of values', () => {
    const path = write('e.yaml', 'prompt_length: {distribution: empirical, path: v.csv}');
    expect(loadPlanRequest([path], options).request.workload.lengths).toMatchObject({
      prompt: { values: [5, 6] },
    });
  });

  test('a missing file is refused where it is named', () => {
    const path = write('m.yaml', 'workload: {trace: nowhere.csv}');
    expect(faultOf(() => loadPlanRequest([path], options))).toMatchObject({
      source: path,
      path: 'workload.trace',
      found: `"${join(folder, 'nowhere.csv')}": no such file`,
    });
    expect(faultOf(() => loadPlanRequest([join(folder, 'none.yaml')], options)).found).toBe('no such file');
    expect(faultOf(() => loadPlanRequest([folder], options)).found).toBe('a directory');
  });
});
