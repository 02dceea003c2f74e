import { readFileSync } from 'node:fs';
import type { WireMetrics } from '../../src/formats/write-metrics';
import { cli, cliHere, scratchFolder } from './support';

const { path, write } = scratchFolder();
const metricsOf = (name = 'metrics.json'): WireMetrics =>
  JSON.parse(readFileSync(path(name), 'utf8')) as WireMetrics;

const TRACE = `arrived_at_s,prompt_tokens,output_tokens
10,100,20
10.5,2000,1
11,300,40
`;

const deployment = (change: { deployment?: string; workload?: string; profile?: string } = {}): string => `
profile: ${change.profile ?? 'a100-80gb/codellama-34b/tp2/vidur-fp16'}
deployment: ${change.deployment ?? '{gpu_type: a100-80gb, tensor_parallel: 2, scheduler: vllm-v0, max_batch_size: 64, max_model_len: 4096}'}
workload: ${change.workload ?? '{trace: trace.csv}'}
simulation: {duration: 30, warmup_duration: 5, random_seed: 1}
`;

const POISSON = '{arrival: {process: poisson, rate: 4}, prompt_length: 128, output_length: 16}';

test('a trace runs whole: the contract of metrics.json and requests.csv', async () => {
  write('trace.csv', TRACE);
  const file = write('d.yaml', deployment());
  const { code, stdout, stderr } = await cli([
    ...[
      'simulate',
      '--deployment',
      file,
      '--output',
      path('out/metrics.json'),
      '--requests',
      path('out/requests.csv'),
    ],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('3 of 3 requests completed');
  expect(stderr).toContain(`wrote ${path('out/requests.csv')}\n`);
  const metrics = metricsOf('out/metrics.json');
  expect(Object.keys(metrics)).toEqual(
    expect.arrayContaining([
      ...[
        'requests',
        'ttft_ms',
        'tbt_ms',
        'tpot_ms',
        'e2e_ms',
        'scheduling_delay_ms',
        'throughput',
        'iterations',
      ],
      ...[
        'preemptions',
        'mfu',
        'memory_utilization',
        'kv_utilization',
        'mean_batch_size',
        'simulated_s',
        'cpu_s',
      ],
      'engine_version',
    ]),
  );
  expect(metrics.requests).toMatchObject({ arrived: 3, completed: 3, unfinished: 0 });
  expect(Object.keys(metrics.e2e_ms)).toEqual(['mean', 'p50', 'p90', 'p95', 'p99', 'max']);
  const [head, ...rows] = readFileSync(path('out/requests.csv'), 'utf8').trimEnd().split('\n');
  expect(head).toBe('arrived_at_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,preemptions');
  expect(rows.map((row) => row.split(',').slice(0, 3).join())).toEqual(TRACE.trimEnd().split('\n').slice(1));
  const cells = rows.map((row) => row.split(','));
  // One output token has no time per token after the first.
  expect(cells.map((row) => row[4] === '')).toEqual([false, true, false]);
  const mean = cells.reduce((sum, row) => sum + Number(row[5]), 0) / cells.length;
  expect(metrics.e2e_ms.mean).toBeCloseTo(mean, 2);
});

test('without --output the metrics are printed, and nothing else', async () => {
  const file = write('d.yaml', deployment({ workload: POISSON }));
  const { code, stdout } = await cli(['simulate', '--deployment', file]);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as WireMetrics).requests.arrived).toBeGreaterThan(50);
});

test('generated arrivals: deterministic, and a log of the requests changes nothing', async () => {
  const file = write('d.yaml', deployment({ workload: POISSON }));
  const run = (name: string, more: string[]) =>
    cli(['simulate', '--quiet', '--deployment', file, '--output', path(name), ...more]);
  const runs = [run('a.json', []), run('b.json', ['--requests', path('requests.csv')])];
  expect(await Promise.all(runs)).toEqual([0, 0].map((code) => ({ code, stdout: '', stderr: '' })));
  const [a, b] = [metricsOf('a.json'), metricsOf('b.json')];
  expect({ ...b, cpu_s: 0 }).toEqual({ ...a, cpu_s: 0 });
  const rows = readFileSync(path('requests.csv'), 'utf8').trimEnd().split('\n').slice(1);
  expect(rows).toHaveLength(a.requests.arrived);
  for (const row of rows) {
    const arrivedAtS = Number(row.split(',')[0]);
    expect(arrivedAtS >= 5 && arrivedAtS < 35).toBe(true);
  }
});

test('a profile of another GPU or degree is scaled, and that is said', async () => {
  const other = '{gpu_type: H100, tensor_parallel: 4, scheduler: vllm}';
  const file = write('d.yaml', deployment({ deployment: other, workload: POISSON }));
  const { code, stderr } = await cli(['simulate', '--deployment', file, '--output', path('metrics.json')]);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/note: the profile is of a100-80gb .* scaled to h100-sxm/),
  ]);
});

test('a folder and a file are profiles too, relative to the deployment file', async () => {
  write(
    'fitted_profile.json',
    readFileSync('data/profiles/a100-80gb/llama-2-7b/tp1/kernel-sum-bf16/fitted_profile.json', 'utf8'),
  );
  write('metadata.json', '{"model_name": "llama-7b", "hardware": {"gpu": "A100", "tensor_parallel": 1}}');
  const one = '{gpu_type: A100, tensor_parallel: 1, scheduler: vllm}';
  for (const profile of ['.', './fitted_profile.json']) {
    const file = write('d.yaml', deployment({ profile, deployment: one, workload: POISSON }));
    expect((await cliHere(['simulate', '--deployment', file])).code).toBe(0);
  }
});

test.each([
  [
    'a model that does not fit',
    { deployment: '{gpu_type: A10G, tensor_parallel: 1, scheduler: vllm}' },
    /GB missing/,
  ],
  [
    'heads that the degree does not divide',
    { deployment: '{gpu_type: A100, tensor_parallel: 3, scheduler: vllm}' },
    /does not divide/,
  ],
  ['an unknown profile', { profile: 'a100-80gb/codellama-34b/tp2/vidur' }, /did you mean .*vidur-fp16/],
  [
    'an unknown GPU',
    { deployment: '{gpu_type: A1000, tensor_parallel: 1, scheduler: vllm}' },
    /deployment\.gpu_type: found "A1000"/,
  ],
  ['a trace that is not there', { workload: '{trace: nowhere.csv}' }, /no such file/],
  [
    'a rate left out',
    { workload: '{arrival: {process: poisson}, prompt_length: 1, output_length: 1}' },
    /workload\.arrival\.rate/,
  ],
])('%s: exit code 2 and one line', async (_, change, message) => {
  write('trace.csv', TRACE);
  const { code, stdout, stderr } = await cli([
    'simulate',
    '--deployment',
    write('d.yaml', deployment(change)),
  ]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: [^\n]*\n$/);
  expect(stderr).toMatch(message);
});
