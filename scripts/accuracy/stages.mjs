// The measured serving runs on H100: what was seen of each stage, and what the product predicts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { product } from './product.mjs';

const { loadCatalog } = product('app/load-catalog');
const { prepareServing } = product('app/serving');
const { replaySummary } = product('core/calibration/replay');
const { uncalibrated } = product('core/calibration/parameters');

/** Prompts of a run repeat, so all but about this many of their tokens come from the prefix cache. */
const UNCACHED_TOKENS = 8;

/** The stages of FOLDER/measured that are not saturated, each ready to be predicted. */
export function loadStages(folder) {
  const catalog = loadCatalog();
  return JSON.parse(readFileSync(join(folder, 'measured', 'vllm-0.15.1-h100.json'), 'utf8'))
    .filter(({ quality }) => quality === 'good')
    .map((stage) => stageOf(stage, catalog));
}

function stageOf(stage, catalog) {
  const [, run, number] = /\/(.*)\/stage(\d)$/.exec(stage.id);
  const { measured } = stage;
  const inFlight = (stage.rate_rps * measured.e2e_ms.mean) / 1e3;
  const contextTokens = stage.prompt_tokens_mean + stage.output_tokens / 2;
  return {
    run,
    number: Number(number),
    model: stage.model,
    workload: run.split('-').at(-1),
    tensorParallel: stage.tensor_parallel,
    rateQps: stage.rate_rps,
    requests: measured.n,
    /** The larger share in use, on average, of the batch limit and the KV cache. */
    load: Math.max(
      inFlight / stage.max_num_seqs,
      (inFlight * contextTokens) / (stage.kv_blocks * stage.block_size),
    ),
    measured: {
      e2e: measured.e2e_ms.mean,
      tpot: measured.tpot_ms.mean,
      ttft: measured.ttft_ms.mean,
      p99: measured.e2e_ms.p99,
    },
    slowest: {
      ttftMs: measured.ttft_ms.max,
      ttftP95Ms: measured.ttft_ms.p95,
      e2eP50Ms: measured.e2e_ms.p50,
      e2eP95Ms: measured.e2e_ms.p95,
    },
    served: servedOf(stage, catalog),
    summary: summaryOf(stage),
  };
}

const NOT_GIVEN = { stepMs: null, requestMs: null, firstTokenExtraSteps: null };

function servedOf(stage, catalog) {
  const serving = prepareServing({
    request: {
      profile: stage.profile,
      modelId: null,
      overhead: NOT_GIVEN,
      deployment: {
        gpuId: stage.gpu,
        tensorParallel: stage.tensor_parallel,
        pipelineParallel: 1,
        numReplicas: 1,
        scheduler: 'vllm',
        maxBatchSize: stage.max_num_seqs,
        maxBatchedTokens: stage.max_num_batched_tokens,
        chunkTokens: null,
        blockTokens: stage.block_size,
        watermark: null,
        gpuMemoryUtilization: stage.gpu_memory_utilization,
        maxModelTokens: 4096,
        routing: null,
        numGpuBlocks: stage.kv_blocks,
      },
    },
    longestRequestTokens: 2048,
    source: stage.id,
    catalog,
    acceptProfileErrors: false,
    acceptOption: '',
  });
  return { ...serving, numBlocks: serving.memory.numGpuBlocks };
}

function summaryOf(stage) {
  const { measured } = stage;
  const figures = ({ mean, p50 = null, p90 = null }) => ({
    meanMs: mean,
    p50Ms: p50,
    p90Ms: p90,
    p99Ms: null,
  });
  const prompt = Math.round(stage.prompt_tokens_mean);
  return {
    rateQps: stage.rate_rps,
    requests: measured.n,
    meanPromptTokens: prompt,
    meanOutputTokens: stage.output_tokens,
    meanCachedPromptTokens: prompt - UNCACHED_TOKENS,
    ttft: figures(measured.ttft_ms),
    tpot: figures(measured.tpot_ms),
    e2e: figures(measured.e2e_ms),
  };
}

export const METRICS = ['e2e', 'tpot', 'ttft', 'p99'];
/** Means, of which intervals are formed. */
export const MEANS = ['e2e', 'tpot', 'ttft'];

/** Predicted latencies, ms. `factor`: with steps and gaps that many times as long. */
export function predict(stage, { parameters = uncalibrated(stage.served.overhead), factor = 1, noise } = {}) {
  const summary = { ...stage.summary, rateQps: stage.rateQps * factor };
  const { recorder } = replaySummary(stage.served, summary, parameters, noise);
  const e2e = recorder.e2e.summary();
  const latencies = {
    e2e: e2e.mean,
    tpot: recorder.tpot.summary().mean,
    ttft: recorder.ttft.summary().mean,
    p99: e2e.p99,
  };
  for (const metric of METRICS) latencies[metric] *= factor;
  return latencies;
}

export const errorsOf = (predicted, { measured }) =>
  Object.fromEntries(METRICS.map((metric) => [metric, predicted[metric] / measured[metric] - 1]));
