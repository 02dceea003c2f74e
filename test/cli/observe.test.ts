import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uncalibrated } from '../../src/core/calibration/parameters';
import { CapacityPlanner } from '../../src/index';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';
import { cli } from './support';

// One folder for the file: its tests use one calibration.
const folder = mkdtempSync(join(tmpdir(), 'simfaasinfer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
function write(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

/** A run of the deployment whose dense times are off the profile's by a factor. */
function writeTelemetry(name: string, seed: number, denseFactor: number, model = 'llama-3.1-8b'): string {
  const served = servedDeployment();
  const { requests } = telemetryOf(served, randomRequests(90, seed), {
    ...uncalibrated(served.overhead),
    denseFactor,
  });
  const rows = [...requests!.arrivedAtS.keys()].map((i) =>
    [
      requests!.arrivedAtS[i],
      requests!.promptTokens[i],
      requests!.outputTokens[i],
      requests!.ttftMs[i],
      requests!.e2eMs[i],
    ].join(','),
  );
  const lines = ['arrived_at_s,prompt_tokens,output_tokens,ttft_ms,e2e_ms', ...rows].map((row) => `  ${row}`);
  return write(
    name,
    `
model: ${model}
engine: vllm 0.15.1
deployment:
  {gpu_type: H100, tensor_parallel: 1, scheduler: vllm, max_batch_size: 256, max_batched_tokens: 2048,
   num_gpu_blocks: 30000, max_model_len: 65536}
requests: |
${lines.join('\n')}
`,
  );
}

test('observe says whether a calibration still holds, writes every observation, and its exit code tells', async () => {
  const calibration = path('calibration.json');
  const before = writeTelemetry('before.yaml', 1, 1.3);
  expect((await cli(['calibrate', '--telemetry', before, '--output', calibration])).code).toBe(0);

  const alike = writeTelemetry('alike.yaml', 2, 1.3);
  const calm = await cli(['observe', '--telemetry', alike, '--calibration', calibration]);
  expect([calm.code, calm.stdout]).toEqual([0, expect.stringContaining('is within what')]);

  const slower = writeTelemetry('slower.yaml', 3, 1.8);
  const output = path('observed.json');
  const args = ['observe', '--telemetry', slower, '--calibration', calibration, '--output', output];
  const alarmed = await cli(args);
  expect([alarmed.code, alarmed.stdout]).toEqual([4, expect.stringContaining('DRIFT:')]);
  const json = JSON.parse(readFileSync(output, 'utf8'));
  expect(json.drift.alarm).toBe(true);
  expect(json.points).toHaveLength(90 * 3);
  expect(
    await new CapacityPlanner().predictedVsObserved({ telemetryPath: slower, calibrationPath: calibration }),
  ).toEqual(json);

  const plain = await cli(['observe', '--telemetry', alike]);
  expect([plain.code, plain.stdout]).toEqual([4, expect.stringContaining('the uncalibrated time model')]);
}, 60_000);

test('plan takes what calibrate wrote, and plans as with its telemetry', async () => {
  const calibration = path('calibration.json');
  const request = write(
    'request.yaml',
    `
model: llama-3.1-8b
workload: {arrival_rate_range: [1, 60], prompt_length: 512, output_length: 64}
constraints: {max_ttft_p95_ms: 400}
config_space: {gpu_types: [H100], num_gpus: [1], num_replicas: [1], schedulers: [vllm], max_batch_sizes: [64]}
simulation: {duration: 20, warmup_duration: 2}
`,
  );
  const planned = async (...args: string[]) => {
    const output = path('plan.json');
    const { code, stderr } = await cli([
      'plan',
      '--request',
      request,
      ...args,
      '--output',
      output,
      '--quiet',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(readFileSync(output, 'utf8')).best_configuration;
  };
  const fromFile = await planned('--calibration', calibration);
  const fromTelemetry = await planned('--telemetry', path('before.yaml'));
  expect(fromFile.uncertainty.calibration).toBe(calibration);
  expect(fromFile.performance).toEqual(fromTelemetry.performance);
  expect(fromFile.uncertainty.uncalibrated).toEqual(fromTelemetry.uncertainty.uncalibrated);
}, 60_000);

test.each([
  [{ simulator_version: '0.9' }, /simulator_version: found "0.9"[\s\S]*calibrate again/],
  [{ kind: 'something' }, /kind: found "something"; allowed: one of simfaasinfer-calibration/],
  [{ parameters: null }, /parameters: found nothing .*; allowed: a mapping with the keys step_ms/],
  [
    { gpu_type: 'a100-80gb' },
    /found a calibration of llama-3.1-8b, a100-80gb, tp1; allowed: one of llama-3.1-8b, h100-sxm, tp1/,
  ],
  [{ surprise: 1 }, /surprise: found an unknown key/],
])('a calibration with %j is refused', async (changed, told) => {
  const good = JSON.parse(readFileSync(path('calibration.json'), 'utf8'));
  const bad = write('bad.json', JSON.stringify({ ...good, ...changed }));
  const { code, stderr } = await cli(['observe', '--telemetry', path('alike.yaml'), '--calibration', bad]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(told)]);
});
