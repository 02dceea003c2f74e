import { readFileSync } from 'node:fs';
import { requestSchema, SECTION_SHAPES } from '../../src/formats/request-schema';
import {
  CapacityPlanner,
  type ConfigSpaceConfig,
  type ConstraintsConfig,
  InputError,
  lintProfile,
  listProfiles,
  type OverheadConfig,
  type PlanRequestConfig,
  type PricesConfig,
  type ReportJson,
  runCapacityPlanning,
  type SimulationConfig,
  simulateDeployment,
  type WorkloadConfig,
} from '../../src/index';
import { ROOT, scratchFolder, start } from '../cli/support';

const { path, write } = scratchFolder();

/** Runs a module against the built package, as a program that depends on it would. */
const program = (code: string) => start(process.execPath, ['--input-type=module', '-e', code], ROOT).finished;

const SEARCH = `
import { CapacityPlanner } from 'simfaasinfer';
const planner = new CapacityPlanner({ model: 'llama-7b', threads: 1 });
const search = (signal, onProgress) => planner.search({
  workloadDesc: { arrival_rate_range: [1, 40], prompt_length: 256, output_length: 32 },
  configSpace: { gpu_types: ['A100', 'H100'], num_replicas: 1, max_batch_sizes: 32 },
  constraints: { max_ttft_p95_ms: 2000 },
  simulation: { duration: 20, warmup_duration: 2 },
  prices: { usd_per_gpu_hour: { A100: 1, H100: 9 } },
  overhead: { step_ms: 0 },
  objective: { kind: 'min_cost', target_qps: 10 },
  ...(signal === undefined ? {} : { signal }),
  ...(onProgress === undefined ? {} : { onProgress }),
});
`;

test('search takes every part of a request as a value, tells its progress, and saves every form', async () => {
  const { code, stdout, stderr } = await program(`${SEARCH}
    let told = 0;
    const results = await search(undefined, ({ done, total }) => { if (done <= total) told++; });
    planner.saveReport(results, ${JSON.stringify(path('a/plan.json'))});
    planner.saveReport(results, ${JSON.stringify(path('a/plan.csv'))});
    planner.saveSummary(results, ${JSON.stringify(path('a/plan.txt'))});
    planner.saveSummary(results, ${JSON.stringify(path('a/plan.md'))});
    process.stdout.write(JSON.stringify({ told, results }));
  `);
  expect([code, stderr]).toEqual([0, '']);
  const { told, results } = JSON.parse(stdout) as { told: number; results: ReportJson };
  expect(told).toBeGreaterThan(0);
  expect(results.best_configuration).toMatchObject({ gpu_type: 'a100-80gb', cost: { cost_per_hour: 1 } });
  expect(results.request).toMatchObject({
    objective: { kind: 'min_cost', target_qps: 10 },
    overhead: { step_ms: 0 },
  });
  expect(JSON.parse(readFileSync(path('a/plan.json'), 'utf8'))).toEqual(results);
  expect(readFileSync(path('a/plan.csv'), 'utf8')).toMatch(/^config_id,/);
  expect(readFileSync(path('a/plan.txt'), 'utf8')).toMatch(/^=+\n/);
  expect(readFileSync(path('a/plan.md'), 'utf8')).toMatch(/^# /);
});

test('an aborted search resolves with what is done', async () => {
  const { code, stdout } = await program(`${SEARCH}
    const results = await search(AbortSignal.abort());
    process.stdout.write(JSON.stringify([results.partial, results.summary.num_configs_evaluated]));
  `);
  expect([code, stdout]).toEqual([0, '[true,0]']);
});

const refusal = async (act: () => unknown): Promise<string> => {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('it was accepted');
};

test.each<[string, () => unknown, RegExp]>([
  [
    'an unknown option',
    () => new CapacityPlanner({ profile_path: 'x' } as object),
    /CapacityPlanner: profile_path: .*did you mean profilePath/,
  ],
  [
    'a wrong key',
    () => plan({ arrival_rate_rnge: [1, 2] } as object),
    /workloadConfig: workload\.arrival_rate_rnge: .*did you mean/,
  ],
  ['no model', () => runCapacityPlanning({ workloadConfig: { prompt_length: 1 } }), /model: found nothing/],
  ['a file that is not there', () => plan('none.yaml'), /none\.yaml: found no such file/],
  ['threads', () => plan({}, { threads: 0 }), /threads: found 0/],
  ['an unknown form of output', () => plan({}, { outputPath: 'plan.pdf' }), /outputPath: found "plan\.pdf"/],
  ['a profile that is not there', () => lintProfile('none'), /profile: found "none"/],
  [
    'a foreign report',
    () => new CapacityPlanner().saveReport({} as ReportJson, path('x.json')),
    /saveReport: results/,
  ],
  ['calibration', () => new CapacityPlanner().calibrate({ telemetryPath: 't.json' }), /t\.json: /],
  [
    'a deployment without a workload',
    () => simulateDeployment({ deployment: { profile: 'x' } }),
    /deployment: /,
  ],
])('%s is an InputError that says what to do', async (_, act, message) => {
  expect(await refusal(act)).toMatch(message);
});

function plan(workloadConfig: string | WorkloadConfig, more: object = {}): Promise<ReportJson> {
  return runCapacityPlanning({
    model: 'llama-7b',
    workloadConfig,
    configSpace: { gpu_types: 'A100' },
    ...more,
  });
}

test('simulateDeployment takes a value and returns the metrics of the contract', () => {
  const { metrics, notes } = simulateDeployment({
    deployment: {
      profile: 'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16',
      deployment: { gpu_type: 'A100', tensor_parallel: 1, scheduler: 'vllm' },
      workload: { arrival: { process: 'constant', rate: 2 }, prompt_length: 100, output_length: 10 },
      simulation: { duration: 10, warmup_duration: 1 },
    },
    requestsPath: path('requests.csv'),
  });
  expect(metrics.requests).toMatchObject({ arrived: 20, completed: 20 });
  expect(notes.length).toBeGreaterThan(0);
  expect(readFileSync(path('requests.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(21);
});

test('without a profile it takes the one a plan would, and says which', () => {
  const simulate = (named: object) =>
    simulateDeployment({
      deployment: {
        ...named,
        deployment: { gpu_type: 'A100', tensor_parallel: 1, scheduler: 'vllm' },
        workload: { arrival: { process: 'constant', rate: 2 }, prompt_length: 100, output_length: 10 },
        simulation: { duration: 10, warmup_duration: 1 },
      },
    });
  const profile = 'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16';
  const chosen = simulate({ model: 'llama-7b' });
  expect(chosen.notes[0]).toBe(
    `profile: not given, taken as library profile ${profile}, for this GPU and degree.`,
  );
  const named = simulate({ model: 'llama-7b', profile });
  const { cpuS: _, ...same } = { cpuS: 0, ...chosen.metrics };
  expect(same.ttft_ms).toEqual(named.metrics.ttft_ms);
  expect(() => simulate({ model: 'llama-3.1-8b', profile })).toThrow(
    /model: found llama-3.1-8b; allowed: llama-2-7b, the model of the profile/,
  );
});

const FEW_ROWS = [128, 256].flatMap((tokens) => [
  { type: 'prefill', seq_len: tokens, batch_size: 1, mean_ms: tokens / 10 },
  { type: 'decode', kv_cache: tokens, batch_size: 1, mean_ms: 10 + tokens / 1e3 },
]);

test('profiles can be listed and linted', () => {
  const [first] = listProfiles();
  expect(lintProfile(first?.id ?? '').filter(({ severity }) => severity === 'error')).toEqual([]);
  write('fitted_profile.json', JSON.stringify(FEW_ROWS));
  write('metadata.json', '{"model_name": "llama-7b", "hardware": {"gpu": "A100"}}');
  expect(lintProfile(path('')).map(({ code }) => code)).toContain('too-few-points');
});

// The types of the library spell out the keys that the schemas accept: neither may have a key the other lacks.
type Keys<T> = Record<keyof T, true>;
const WORKLOAD: Keys<WorkloadConfig> = {
  arrival_rate_range: true,
  arrival: true,
  prompt_length: true,
  output_length: true,
  cached_prompt_tokens: true,
  trace: true,
  prefix_caching: true,
};
const SIMULATION: Keys<SimulationConfig> = { duration: true, warmup_duration: true, random_seed: true };
const PRICES: Keys<PricesConfig> = {
  provider: true,
  kind: true,
  whole_instances: true,
  usd_per_gpu_hour: true,
};
const OVERHEAD: Keys<OverheadConfig> = { step_ms: true, request_ms: true, first_token_extra_steps: true };
const REQUEST: Keys<PlanRequestConfig> = {
  ...{ model: true, profile: true, profiles: true, workload: true, constraints: true, config_space: true },
  ...{ simulation: true, objective: true, target_qps: true, prices: true, overhead: true },
};
const CONFIG_SPACE: Keys<ConfigSpaceConfig> = {
  ...{ gpu_types: true, num_gpus: true, tensor_parallel: true, pipeline_parallel: true, num_replicas: true },
  ...{
    schedulers: true,
    max_batch_sizes: true,
    max_batched_tokens: true,
    chunk_size: true,
    block_size: true,
  },
  ...{
    num_gpu_blocks: true,
    gpu_memory_utilization: true,
    watermark: true,
    max_model_len: true,
    routing: true,
  },
};
const CONSTRAINTS: Keys<ConstraintsConfig> = {
  ...{ max_ttft_p50_ms: true, max_ttft_p90_ms: true, max_ttft_p95_ms: true, max_ttft_p99_ms: true },
  ...{ max_tbt_p50_ms: true, max_tbt_p90_ms: true, max_tbt_p95_ms: true, max_tbt_p99_ms: true },
  ...{ max_tpot_p50_ms: true, max_tpot_p90_ms: true, max_tpot_p95_ms: true, max_tpot_p99_ms: true },
  ...{
    max_latency_p50_ms: true,
    max_latency_p90_ms: true,
    max_latency_p95_ms: true,
    max_latency_p99_ms: true,
  },
  ...{ max_cost_per_hour: true, min_qps: true },
};

test.each([
  ['workload', WORKLOAD, SECTION_SHAPES.workload],
  ['constraints', CONSTRAINTS, SECTION_SHAPES.constraints],
  ['config_space', CONFIG_SPACE, SECTION_SHAPES.config_space],
  ['simulation', SIMULATION, SECTION_SHAPES.simulation],
  ['prices', PRICES, SECTION_SHAPES.prices],
  ['overhead', OVERHEAD, SECTION_SHAPES.overhead],
  ['the request', REQUEST, requestSchema.shape],
])('the type of %s has the keys of its schema', (_, typed, shape) => {
  expect(Object.keys(typed).sort()).toEqual(Object.keys(shape).sort());
});
