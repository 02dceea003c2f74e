// Compares the engine with measured serving runs: `node bench/measured.mjs FOLDER` (after `npm run build`). FOLDER holds
// measured/vllm-0.15.1-h100.json and profiles/; the file has no licence, so it is not part of this repository.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const dist = (path) => require(join(fileURLToPath(import.meta.url), '..', '..', 'dist', path));
const { loadCatalog } = dist('app/load-catalog.js');
const { loadProfile } = dist('formats/read-profile.js');
const { fitProfile } = dist('core/profile/fit-profile.js');
const { resolveOverhead } = dist('core/engine/engine-defaults.js');
const { createReplicaConfig } = dist('core/engine/replica-config.js');
const { generatedArrivals } = dist('core/engine/arrivals.js');
const { simulate } = dist('core/engine/simulate.js');
const { createSamples, WHOLE } = dist('core/workload/samples.js');

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/measured.mjs FOLDER');
  process.exit(2);
}
const catalog = loadCatalog();
const stages = JSON.parse(readFileSync(join(folder, 'measured', 'vllm-0.15.1-h100.json'), 'utf8'));
// Prompts of a run repeat, so all but about this many of their tokens come from the prefix cache.
const UNCACHED_TOKENS = 8;
const WARMUP_MS = 60_000;

function simulateStage(stage) {
  const profile = loadProfile(join(folder, 'profiles', stage.profile), catalog);
  const gpu = catalog.gpus.find(({ id }) => id === profile.gpuId);
  const model = catalog.models.find(({ id }) => id === profile.modelId);
  const prompt = Math.round(stage.prompt_tokens_mean);
  const fixed = (value) => ({ kind: 'fixed', value });
  const lengths = {
    kind: 'drawn',
    prompt: fixed(prompt),
    output: fixed(stage.output_tokens),
    cachedPrompt: fixed(prompt - UNCACHED_TOKENS),
  };
  const deployment = {
    gpuId: gpu.id,
    tensorParallel: stage.tensor_parallel,
    pipelineParallel: 1,
    numReplicas: 1,
    scheduler: 'vllm',
    maxBatchSize: stage.max_num_seqs,
    maxBatchedTokens: stage.max_num_batched_tokens,
    chunkTokens: 512,
    blockTokens: stage.block_size,
    watermark: 0.01,
    gpuMemoryUtilization: stage.gpu_memory_utilization,
    maxModelTokens: 4096,
    routing: 'round_robin',
    numGpuBlocks: stage.kv_blocks,
  };
  const overhead = resolveOverhead(
    { stepMs: null, requestMs: null, firstTokenExtraSteps: null },
    profile,
    model,
  );
  const replica = createReplicaConfig({
    deployment,
    numBlocks: stage.kv_blocks,
    fit: fitProfile(profile, { gpu, model }),
    overhead,
    gpu,
    model,
  });
  const durationMs = stage.duration_s * 1e3;
  const samples = createSamples({ arrival: { kind: 'poisson' }, lengths }, 42, {
    share: WHOLE,
    retain: false,
  });
  const { recorder } = simulate({
    replica,
    numReplicas: 1,
    routing: 'round_robin',
    arrivals: generatedArrivals(samples, stage.rate_rps),
    targets: [],
    window: { startMs: WARMUP_MS, endMs: WARMUP_MS + durationMs, drainMs: durationMs },
    stopWhenLost: null,
    log: null,
  });
  const { ttft, tpot, e2e } = recorder;
  return {
    e2e: e2e.summary().mean,
    tpot: tpot.summary().mean,
    ttft: ttft.summary().mean,
    p99: e2e.summary().p99,
  };
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const percent = (x) => `${x >= 0 ? '+' : ''}${(100 * x).toFixed(1)}%`.padStart(8);
const METRICS = ['e2e', 'tpot', 'ttft', 'p99'];
const good = stages.filter(({ quality }) => quality === 'good');
console.log(
  `${good.length} good stages; (simulated − measured) ÷ measured of mean e2e, mean TPOT, mean TTFT, e2e p99`,
);
const errors = good.map((stage) => {
  const ours = simulateStage(stage);
  const { e2e_ms, tpot_ms, ttft_ms } = stage.measured;
  const theirs = { e2e: e2e_ms.mean, tpot: tpot_ms.mean, ttft: ttft_ms.mean, p99: e2e_ms.p99 };
  const error = Object.fromEntries(METRICS.map((key) => [key, ours[key] / theirs[key] - 1]));
  console.log(`${METRICS.map((key) => percent(error[key])).join('')}  ${stage.id} at ${stage.rate_rps}/s`);
  return error;
});
const medians = METRICS.map(
  (key) => `${key} ${(100 * medianOf(errors.map((e) => Math.abs(e[key])))).toFixed(2)}%`,
);
console.log(`median absolute errors: ${medians.join(', ')}`);
