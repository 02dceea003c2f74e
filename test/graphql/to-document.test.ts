import {
  GraphQLEnumType,
  type GraphQLInputField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import {
  camel,
  inApiWords,
  snake,
  toDocument,
  toInputPath,
} from '../../src/adapters/graphql/inputs/to-document';
import { buildApiSchema } from '../../src/adapters/graphql/schema';
import { loadCatalog } from '../../src/app/load-catalog';
import { InputError } from '../../src/core/errors';
import { parseDeployment } from '../../src/formats/read-deployment';
import { parsePlanRequest } from '../../src/formats/read-request';
import { telemetrySchema } from '../../src/formats/read-telemetry';
import { requestSchema, SECTION_SHAPES } from '../../src/formats/request-schema';
import { planWorkloadShape } from '../../src/formats/workload-schema';

const schema = buildApiSchema();
const catalog = loadCatalog();

const fieldsOf = (name: string): Record<string, GraphQLInputField> =>
  (schema.getType(name) as GraphQLInputObjectType).getFields();

const keysOf = (name: string): string[] => Object.keys(fieldsOf(name)).map(snake).sort();

describe('typed inputs are the request files, one to one', () => {
  test('the top level', () => {
    expect(keysOf('PlanRequestInput')).toEqual(Object.keys(requestSchema.shape).sort());
  });

  test.each([
    ['workload', 'WorkloadInput'],
    ['constraints', 'ConstraintsInput'],
    ['config_space', 'ConfigSpaceInput'],
    ['simulation', 'SimulationInput'],
    ['prices', 'PricesInput'],
    ['overhead', 'OverheadInput'],
  ] as const)('the section %s', (section, input) => {
    expect(keysOf(input)).toEqual(Object.keys(SECTION_SHAPES[section]).sort());
  });

  test('telemetry', () => {
    const keys = Object.keys(telemetrySchema.shape);
    expect(keysOf('TelemetryInput')).toEqual(keys.sort());
  });

  test('names survive there and back', () => {
    const keys = [
      ...Object.keys(requestSchema.shape),
      ...Object.values(SECTION_SHAPES).flatMap((shape) => Object.keys(shape)),
    ];
    expect(keys.length).toBeGreaterThan(50);
    for (const key of keys) expect(snake(camel(key))).toBe(key);
    for (const type of Object.values(schema.getTypeMap())) {
      if (!(type instanceof GraphQLInputObjectType)) continue;
      for (const key of Object.keys(type.getFields())) expect(camel(snake(key))).toBe(key);
    }
  });

  test('every value an enum of the inputs may have is one the parser knows', () => {
    const values = (type: GraphQLInputType): unknown[] => {
      if (type instanceof GraphQLNonNull || type instanceof GraphQLList) return values(type.ofType);
      return type instanceof GraphQLEnumType ? type.getValues().map(({ value }) => value) : [];
    };
    const schedulers = values(fieldsOf('ConfigSpaceInput').schedulers!.type);
    const routing = values(fieldsOf('ConfigSpaceInput').routing!.type);
    const space = { gpu_types: ['A100'], schedulers, routing };
    for (const kind of values(fieldsOf('PricesInput').kind!.type))
      for (const objective of values(fieldsOf('ObjectiveInput').kind!.type)) {
        const value = { model: 'llama-7b', config_space: space, prices: { kind }, objective, target_qps: 5 };
        expect(parse(value).space.schedulers).toEqual(schedulers);
      }
  });
});

const parse = (value: unknown) =>
  parsePlanRequest({ documents: [{ source: 'request', value }], catalog }).request;

test('a typed request with every key is the request of the file that says the same', () => {
  const typed = {
    model: 'llama-7b',
    workload: {
      arrivalRateRange: [1, 100],
      arrival: { process: 'gamma', cv: 2, burstSize: undefined },
      promptLength: { distribution: 'normal', mean: 512, std: 128, value: null },
      outputLength: { distribution: 'empirical', values: [10, 20], weights: [1, 2] },
      cachedPromptTokens: { distribution: 'uniform', min: 1, max: 64 },
      trace: null,
    },
    constraints: {
      maxTtftP95Ms: 2000,
      maxTbtP99Ms: 200,
      maxLatencyP99Ms: 10000,
      maxCostPerHour: 100,
      minQps: 10,
    },
    configSpace: {
      gpuTypes: ['A100', 'H100'],
      numGpus: [1, 2],
      tensorParallel: [1, 2],
      pipelineParallel: [1],
      numReplicas: [1, 2, 4],
      schedulers: ['vllm', 'sarathi'],
      maxBatchSizes: [64, 128],
      maxBatchedTokens: [1024, 2048],
      chunkSize: [512],
      blockSize: [16],
      numGpuBlocks: [1000],
      gpuMemoryUtilization: [0.9],
      watermark: [0.01],
      maxModelLen: [4096],
      routing: ['round_robin'],
    },
    objective: { kind: 'min_cost', targetQps: 40 },
    prices: {
      provider: 'aws',
      kind: 'on-demand',
      wholeInstances: false,
      usdPerGpuHour: [{ gpu: 'H100', usd: 4.5 }],
    },
    overhead: { stepMs: 1, requestMs: 5, firstTokenExtraSteps: 1 },
    simulation: { duration: 600, warmupDuration: 60, randomSeed: 42 },
  };
  const file = {
    model: 'llama-7b',
    workload: {
      arrival_rate_range: [1, 100],
      arrival: { process: 'gamma', cv: 2 },
      prompt_length: { distribution: 'normal', mean: 512, std: 128 },
      output_length: { distribution: 'empirical', values: [10, 20], weights: [1, 2] },
      cached_prompt_tokens: { distribution: 'uniform', min: 1, max: 64 },
    },
    constraints: {
      max_ttft_p95_ms: 2000,
      max_tbt_p99_ms: 200,
      max_latency_p99_ms: 10000,
      max_cost_per_hour: 100,
      min_qps: 10,
    },
    config_space: {
      gpu_types: ['A100', 'H100'],
      num_gpus: [1, 2],
      tensor_parallel: [1, 2],
      pipeline_parallel: 1,
      num_replicas: [1, 2, 4],
      schedulers: ['vllm', 'sarathi'],
      max_batch_sizes: [64, 128],
      max_batched_tokens: [1024, 2048],
      chunk_size: 512,
      block_size: 16,
      num_gpu_blocks: 1000,
      gpu_memory_utilization: 0.9,
      watermark: 0.01,
      max_model_len: 4096,
      routing: 'round_robin',
    },
    objective: { kind: 'min_cost', target_qps: 40 },
    prices: { provider: 'aws', kind: 'on-demand', whole_instances: false, usd_per_gpu_hour: { H100: 4.5 } },
    overhead: { step_ms: 1, request_ms: 5, first_token_extra_steps: 1 },
    simulation: { duration: 600, warmup_duration: 60, random_seed: 42 },
  };
  expect(parse(toDocument(typed))).toEqual(parse(file));
  // All keys but those that name files or another profile.
  const left = Object.keys(fieldsOf('PlanRequestInput')).filter((key) => !Object.hasOwn(typed, key));
  expect(left).toEqual(['profile', 'profiles', 'targetQps']);
});

test('typed prefix caching is that of the file, and takes the same keys', () => {
  const request = (workload: object) => ({
    model: 'llama-7b',
    configSpace: { gpuTypes: ['A100'] },
    workload,
  });
  const typed = toDocument(
    request({ prefixCaching: { hitRate: 0.5, simulate: null, hashBlockSize: undefined } }),
  );
  expect(parse(typed).workload.lengths.prefixCaching).toEqual({ kind: 'hit_rate', hitRate: 0.5 });
  const { prefixCaching } = { prefixCaching: { simulate: true, hashBlockSize: 16 } };
  expect(toDocument(request({ prefixCaching })).workload).toEqual({
    prefix_caching: { simulate: true, hash_block_size: 16 },
  });
  expect(keysOf('PrefixCachingInput')).toEqual(
    Object.keys(planWorkloadShape.prefix_caching.unwrap().shape).sort(),
  );
});

test('a typed simulation is the deployment file that says the same', () => {
  const typed = {
    profile: 'p',
    deployment: {
      gpuType: 'A100',
      tensorParallel: 2,
      scheduler: 'vllm-v0',
      maxBatchSize: 128,
      maxBatchedTokens: 4096,
    },
    overhead: { stepMs: 0 },
    workload: {
      arrival: { process: 'poisson', rate: 10 },
      promptLength: { distribution: 'fixed', value: 512 },
      outputLength: { distribution: 'fixed', value: 128 },
    },
    simulation: { duration: 60 },
  };
  const file = {
    profile: 'p',
    deployment: {
      gpu_type: 'A100',
      tensor_parallel: 2,
      scheduler: 'vllm-v0',
      max_batch_size: 128,
      max_batched_tokens: 4096,
    },
    overhead: { step_ms: 0 },
    workload: { arrival: { process: 'poisson', rate: 10 }, prompt_length: 512, output_length: 128 },
    simulation: { duration: 60 },
  };
  const files = { resolveProfile: (name: string) => name };
  const simulation = (value: unknown) =>
    parseDeployment({ source: 'deployment', value, catalog, ...files }).request;
  expect(simulation(toDocument(typed))).toEqual(simulation(file));
});

describe('the place of a fault', () => {
  const input = {
    prices: {
      usdPerGpuHour: [
        { gpu: 'A100', usd: 1 },
        { gpu: 'H100', usd: -1 },
      ],
    },
  };

  test.each([
    ['workload.prompt_length.mean', 'workload.promptLength.mean'],
    ['config_space.gpu_types[2]', 'configSpace.gpuTypes[2]'],
    ['constraints.max_ttft_p95_ms', 'constraints.maxTtftP95Ms'],
    ['prices.usd_per_gpu_hour.H100', 'prices.usdPerGpuHour[1]'],
    ['prices.usd_per_gpu_hour.B200', 'prices.usdPerGpuHour'],
    ['', ''],
  ])('%s of the document is %s of the input', (path, expected) => {
    expect(toInputPath(path, input)).toBe(expected);
  });

  test('two prices of one GPU', () => {
    const twice = {
      prices: {
        usdPerGpuHour: [
          { gpu: 'A100', usd: 1 },
          { gpu: 'A100', usd: 2 },
        ],
      },
    };
    expect(() => toDocument(twice)).toThrow(InputError);
    expect(() => toDocument(twice)).toThrow('prices.usdPerGpuHour[1].gpu');
  });

  test('keys in its words are those of the API, columns of traces stay', () => {
    expect(
      inApiWords({
        found: '3',
        allowed: 'at least max_batch_size (8), with hash_ids',
        hint: 'use min_cost or raise tensor_parallel',
      }),
    ).toEqual({
      found: '3',
      allowed: 'at least maxBatchSize (8), with hash_ids',
      hint: 'use MIN_COST or raise tensorParallel',
    });
  });
});

test('samples are translated one by one, and what a benchmark wrote is left as it is', () => {
  const typed = {
    samples: [{ promptTokens: 1, ttftMs: 2, e2eMs: null }],
    vllmBench: { modelId: 'x', goodPut: { a_b: 1 } },
  };
  expect(toDocument(typed)).toEqual({
    samples: [{ prompt_tokens: 1, ttft_ms: 2 }],
    vllm_bench: { modelId: 'x', goodPut: { a_b: 1 } },
  });
  expect(toInputPath('samples[3].ttft_ms', typed)).toBe('samples[3].ttftMs');
});
