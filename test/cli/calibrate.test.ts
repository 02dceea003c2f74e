import { readFileSync } from 'node:fs';
import { uncalibrated } from '../../src/core/calibration/parameters';
import { medianOf } from '../../src/core/telemetry/quantile';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';
import { cli, scratchFolder } from './support';

const { path, write } = scratchFolder();
const read = (name: string) => readFileSync(path(name), 'utf8');

const DEPLOYMENT = `
model: llama-3.1-8b
engine: vllm 0.15.1
profile: h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16
deployment:
  {gpu_type: H100, tensor_parallel: 1, scheduler: vllm, max_batch_size: 256, max_batched_tokens: 2048,
   num_gpu_blocks: 30000, max_model_len: 65536}
`;

const PLAN = `
model: llama-3.1-8b
workload: {arrival_rate_range: [1, 60], prompt_length: 512, output_length: 64}
constraints: {max_ttft_p95_ms: 400}
config_space: {gpu_types: [H100], num_gpus: [1], num_replicas: [1], schedulers: [vllm], max_batch_sizes: [64]}
simulation: {duration: 20, warmup_duration: 2}
`;

/** A run of the deployment whose dense times are 15% over the profile's. */
function writeTelemetry(count: number): string {
  const served = servedDeployment();
  const { requests } = telemetryOf(served, randomRequests(count, 11), {
    ...uncalibrated(served.overhead),
    denseFactor: 1.15,
  });
  const rows = Array.from(
    { length: count },
    (_, i) =>
      `${requests!.arrivedAtS[i]},${requests!.promptTokens[i]},${requests!.outputTokens[i]},${requests!.ttftMs[i]},${requests!.tpotMs[i]},${requests!.e2eMs[i]}`,
  );
  write(
    'requests.csv',
    ['arrived_at_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms', ...rows].join('\n'),
  );
  return write('telemetry.yaml', `${DEPLOYMENT}requests: requests.csv\n`);
}

test('calibrate prints what it found and writes it; a plan with the telemetry uses it and says what it changes', async () => {
  const telemetry = writeTelemetry(120);
  const calibrated = await cli(['calibrate', '--telemetry', telemetry, '--output', path('calibration.json')]);
  expect([calibrated.code, calibrated.stdout]).toEqual([0, expect.stringMatching(/helps on \d+ held-out/)]);
  const calibration = JSON.parse(read('calibration.json'));
  expect(calibration).toMatchObject({ applied: true, gpu_type: 'h100-sxm', engine: 'vllm 0.15.1' });
  const { dense_factor: dense, step_ms: step } = calibration.parameters;
  // Dense time and step overhead are told apart only in part by so few requests; together they are known.
  expect(dense * 5.6 + step).toBeGreaterThan(1.08 * 5.6 + 0.99);

  const request = write('request.yaml', PLAN);
  const planned = await cli([
    'plan',
    '--request',
    request,
    '--telemetry',
    telemetry,
    '--output',
    path('plan.json'),
  ]);
  expect(planned.code).toBe(0);
  expect(planned.stdout).toMatch(/Calibrated with .*telemetry\.yaml/);
  const { best_configuration: best } = JSON.parse(read('plan.json'));
  expect(best.uncertainty.calibration).toBe(telemetry);
  expect(best.uncertainty.uncalibrated.max_qps).toBeGreaterThan(best.performance.max_sustainable_qps);
});

test('telemetry too short to judge by is told, and not applied', async () => {
  const { code, stdout } = await cli(['calibrate', '--telemetry', writeTelemetry(6)]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/not applied: \d+ observations are held out/)]);
});

/** The summary that `vllm bench serve` writes of such a run: nothing of single requests. */
function writeSummary(): string {
  const served = servedDeployment();
  const { requests } = telemetryOf(served, randomRequests(200, 11), {
    ...uncalibrated(served.overhead),
    denseFactor: 1.15,
  });
  const { arrivedAtS, promptTokens, outputTokens, ttftMs, tpotMs, e2eMs } = requests!;
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  const mean = (values: ArrayLike<number>) => sum(values) / values.length;
  const bench = {
    completed: 200,
    duration: arrivedAtS[199]! + e2eMs[199]! / 1e3,
    request_rate: 0.5,
    total_input_tokens: sum(promptTokens),
    total_output_tokens: sum(outputTokens),
    mean_ttft_ms: mean(ttftMs),
    median_ttft_ms: medianOf(Array.from(ttftMs)),
    mean_tpot_ms: mean(tpotMs),
    median_tpot_ms: medianOf(Array.from(tpotMs)),
  };
  write('bench.json', JSON.stringify(bench));
  return write('telemetry.yaml', `${DEPLOYMENT}vllm_bench: bench.json\n`);
}

test('a summary is applied only on request, marked wherever it shows, with wider intervals', async () => {
  const telemetry = writeSummary();
  const accepted = await cli(['calibrate', '--telemetry', telemetry, '--accept-unverified']);
  expect(accepted.stdout).toMatch(/not verified on held-out observations, applied as asked/);

  const plan = ['plan', '--request', write('request.yaml', PLAN), '--output', path('plan.json')];
  const uncertaintyOf = async (...more: string[]) => {
    const { code, stdout } = await cli([...plan, ...more]);
    expect(code).toBe(0);
    const report = JSON.parse(read('plan.json'));
    return {
      text: stdout.replace(/\s+/g, ' '),
      warnings: report.warnings,
      ...report.best_configuration.uncertainty,
    };
  };
  const plain = await uncertaintyOf('--telemetry', telemetry);
  expect(plain.calibration).toBeNull();
  expect(plain.text).toMatch(/not applied: 0 observations are held out/);
  expect(plain.text).toMatch(/--accept-unverified/);
  const asked = await uncertaintyOf('--telemetry', telemetry, '--accept-unverified');
  const mark = 'telemetry.yaml (not verified on held-out observations)';
  expect(asked.calibration).toContain(mark);
  expect(asked.text).toContain(mark);
  expect(asked.warnings.join()).toContain(mark);
  expect(asked.step_time_ratio[0]).toBeLessThan(plain.step_time_ratio[0]);
  expect(asked.step_time_ratio[1]).toBeGreaterThan(plain.step_time_ratio[1]);
});

test.each([
  ['an empty file', '', /EMPTY: no request at all/],
  [
    'one row',
    'arrived_at_s,prompt_tokens,output_tokens,ttft_ms\n0,100,10,50\n',
    /requests\.csv|telemetry\.yaml/,
  ],
  [
    'all samples alike',
    `arrived_at_s,prompt_tokens,output_tokens,ttft_ms\n${'0,100,10,50\n'.repeat(40)}`,
    /telemetry\.yaml|requests\.csv/,
  ],
])('%s ends in one clear error', async (_, csv, where) => {
  write('requests.csv', csv);
  const telemetry = write('telemetry.yaml', `${DEPLOYMENT}requests: requests.csv\n`);
  const { code, stderr } = await cli(['calibrate', '--telemetry', telemetry]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toMatch(where);
});

test.each([
  ['two calibrations of one deployment', PLAN, 2, /a second calibration of h100-sxm at tensor-parallel 1/],
  [
    'an overhead beside the calibration',
    `${PLAN}overhead: {step_ms: 1}\n`,
    1,
    /overhead: found step_ms beside/,
  ],
])('%s are refused, not chosen among', async (_, text, times, message) => {
  const telemetry = writeTelemetry(120);
  const given = Array.from({ length: times }, () => ['--telemetry', telemetry]).flat();
  const { code, stderr } = await cli(['plan', '--request', write('request.yaml', text), ...given]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test('a calibration that no candidate uses is told of', async () => {
  const request = write('request.yaml', PLAN.replace('[H100]', '[A100]'));
  const { stdout } = await cli(['plan', '--request', request, '--telemetry', writeTelemetry(120)]);
  expect(stdout.replace(/\s+/g, ' ')).toMatch(/The calibration with .*telemetry\.yaml is not used/);
});

test('requests that the deployment would refuse are counted', async () => {
  writeTelemetry(120);
  const telemetry = write(
    'telemetry.yaml',
    `${DEPLOYMENT.replace('max_model_len: 65536', 'max_model_len: 16384')}requests: requests.csv\n`,
  );
  const { stdout } = await cli(['calibrate', '--telemetry', telemetry]);
  expect(stdout).toMatch(/\d+ observations are of requests that this deployment would refuse/);
});
