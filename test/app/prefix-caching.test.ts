import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../src/app/load-catalog';
import { simulateDeployment } from '../../src/app/simulate-deployment';
import type { SimulationMetrics } from '../../src/core/search/result';
import { loadDeployment } from '../../src/formats/read-deployment';

const TRACE = join(__dirname, 'mooncake', 'conversations.csv');
const folder = mkdtempSync(join(tmpdir(), 'prefix-caching-'));

function simulated(workload: string, deployment = ''): SimulationMetrics {
  const file = join(folder, 'deployment.yaml');
  writeFileSync(
    file,
    `profile: h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16
deployment: {gpu_type: H100, tensor_parallel: 1, scheduler: vllm${deployment}}
workload: {${workload.replace('TRACE', JSON.stringify(TRACE))}}
simulation: {duration: 200, warmup_duration: 0, random_seed: 1}
`,
  );
  const catalog = loadCatalog();
  const { request } = loadDeployment(file, catalog);
  const run = simulateDeployment({
    request,
    source: file,
    catalog,
    keepRequests: false,
    acceptProfileErrors: false,
    acceptOption: '',
  });
  expect(run.metrics.requests.rejected + run.metrics.requests.unfinished).toBe(0);
  return run.metrics;
}

const SIMULATE = 'trace: TRACE, prefix_caching: {simulate: true}';
/** KV of 480,000 tokens: all that differs in the prompts, and the outputs. */
const ROOMY = ', num_gpu_blocks: 30000';
const hitRate = (metrics: SimulationMetrics): number => metrics.prefixCacheHitRate!;

test('with room for all, the hits are those that the order of the requests allows; requests at once cost some', () => {
  const ideal = idealHitRate();
  expect(ideal).toBeGreaterThan(0.1);
  const roomy = hitRate(simulated(SIMULATE, ROOMY));
  expect(roomy).toBeLessThanOrEqual(ideal);
  expect(roomy).toBeGreaterThan(0.98 * ideal);
});

test('less KV and more replicas that share the traffic mean fewer hits', () => {
  const roomy = hitRate(simulated(SIMULATE, ROOMY));
  const real = hitRate(simulated(SIMULATE, ', num_gpu_blocks: 10000'));
  const small = hitRate(simulated(SIMULATE, ', num_gpu_blocks: 3000'));
  const replicas = hitRate(simulated(SIMULATE, `${ROOMY}, num_replicas: 4`));
  expect(real).toBeLessThan(roomy);
  expect(small).toBeLessThan(real);
  expect(replicas).toBeLessThan(0.9 * roomy);
});

test('hits save prefill, so the first token comes earlier', () => {
  const without = simulated('trace: TRACE', ROOMY);
  expect(without.prefixCacheHitRate).toBeUndefined();
  const cached = simulated(SIMULATE, ROOMY);
  expect(cached.ttftMs.mean).toBeLessThan(0.9 * without.ttftMs.mean);
  const half = simulated('trace: TRACE, prefix_caching: {hit_rate: 0.5}', ROOMY);
  expect(hitRate(half)).toBeCloseTo(0.5, 3);
  expect(half.ttftMs.mean).toBeLessThan(without.ttftMs.mean);
});

test('at another rate the requests and their prompts are the same', () => {
  const scaled = simulated(`arrival: {process: trace, rate: 1}, ${SIMULATE}`, ROOMY);
  expect(hitRate(scaled)).toBeGreaterThan(0.8 * idealHitRate());
});

test('drawn lengths with a hit rate', () => {
  const drawn = 'arrival: {process: poisson, rate: 4}, prompt_length: 1000, output_length: 20';
  expect(hitRate(simulated(`${drawn}, prefix_caching: {hit_rate: 0.25}`))).toBe(0.25);
});

/** Share of the prompt tokens that an earlier prompt has at its start, in KV blocks of 16 and but for the last token. */
function idealHitRate(): number {
  const seen = new Map<string, number>();
  let hits = 0;
  let all = 0;
  for (const line of readFileSync(TRACE, 'utf8').trim().split('\n').slice(1)) {
    const [, prompt, , hashes] = line.split(',');
    const tokens = Number(prompt);
    let shared = 0;
    hashes!.split(' ').forEach((hash, i, list) => {
      const end = i === list.length - 1 ? tokens : (i + 1) * 512;
      // The trace's hashes tell a block apart by all before it, too.
      if (shared === i * 512 && seen.has(hash)) shared = Math.min(end, seen.get(hash)!);
      seen.set(hash, end);
    });
    hits += Math.floor(Math.min(shared, tokens - 1) / 16) * 16;
    all += tokens;
  }
  return hits / all;
}
