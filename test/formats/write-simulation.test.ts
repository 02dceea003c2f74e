import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestLog } from '../../src/core/engine/request-log';
import type { LatencySummary, SimulationMetrics } from '../../src/core/search/result';
import { parseTrace } from '../../src/formats/read-trace';
import { renderMetrics } from '../../src/formats/write-metrics';
import { renderRequests, saveRequests } from '../../src/formats/write-requests';
import { faultOf } from './support';

const latency = (mean: number): LatencySummary => ({
  mean,
  p50: 2,
  p90: 3,
  p95: 4,
  p99: 5,
  max: Number.POSITIVE_INFINITY,
});
const wire = (mean: number) => ({ mean, p50: 2, p90: 3, p95: 4, p99: 5, max: null });

const METRICS: SimulationMetrics = {
  requests: { arrived: 10, completed: 8, unfinished: 1, rejected: 1 },
  ttftMs: latency(1),
  tbtMs: latency(2),
  tpotMs: latency(3),
  e2eMs: latency(4),
  schedulingDelayMs: latency(5),
  throughput: { requestsPerS: 1.5, outputTokensPerS: 100, promptTokensPerS: Number.NaN },
  iterations: 99,
  preemptions: 3,
  mfu: 0.4,
  memoryUtilization: 0.8,
  kvUtilization: { mean: 0.2, peak: 0.5 },
  meanBatchSize: 12,
  peakBatchSize: 30,
  extrapolatedTimeFraction: 0,
  simulatedS: 60,
};

test('metrics.json has the names of the contract, and null for what is no number', () => {
  expect(JSON.parse(renderMetrics({ metrics: METRICS, cpuS: 0.1, engineVersion: '1.0' }))).toEqual({
    requests: { arrived: 10, completed: 8, unfinished: 1, rejected: 1 },
    ttft_ms: wire(1),
    tbt_ms: wire(2),
    tpot_ms: wire(3),
    e2e_ms: wire(4),
    scheduling_delay_ms: wire(5),
    throughput: { requests_per_s: 1.5, output_tokens_per_s: 100, prompt_tokens_per_s: null },
    iterations: 99,
    preemptions: 3,
    mfu: 0.4,
    memory_utilization: 0.8,
    kv_utilization: { mean: 0.2, peak: 0.5 },
    mean_batch_size: 12,
    peak_batch_size: 30,
    extrapolated_time_fraction: 0,
    simulated_s: 60,
    cpu_s: 0.1,
    engine_version: '1.0',
  });
});

const logOf = (rows: number): RequestLog => ({
  arrivedAtS: Float64Array.from({ length: rows }, (_, i) => i / 4),
  promptTokens: new Int32Array(rows).fill(512),
  outputTokens: new Int32Array(rows).fill(128),
  ttftMs: new Float64Array(rows).fill(12.345678),
  tpotMs: new Float64Array(rows).fill(Number.NaN),
  e2eMs: new Float64Array(rows).fill(1000),
  preemptions: new Int32Array(rows),
});

test('requests.csv', () => {
  expect([...renderRequests(logOf(2))].join('')).toBe(
    'arrived_at_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,preemptions\n' +
      '0,512,128,12.3457,,1000,0\n' +
      '0.25,512,128,12.3457,,1000,0\n',
  );
});

test('requests.csv of many chunks, saved, is a trace again', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'requests-')), 'requests.csv');
  saveRequests(path, logOf(40_000));
  expect(parseTrace({ source: path, text: readFileSync(path, 'utf8') }).arrivedAtS).toEqual(
    logOf(40_000).arrivedAtS,
  );
  expect(faultOf(() => saveRequests(join(path, 'x'), logOf(1))).allowed).toBe('a file that can be written');
});
