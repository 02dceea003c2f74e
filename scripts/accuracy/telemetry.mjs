// The request-by-request telemetry of two GPUs: what the product predicts of it, before and after calibration.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { meanOf, medianOf } from './figures.mjs';
import { product } from './product.mjs';

const { loadCatalog } = product('app/load-catalog');
const { prepareServing } = product('app/serving');
const { calibrateTelemetry } = product('app/calibrate-telemetry');
const { replayRequests } = product('core/calibration/replay');
const { uncalibrated } = product('core/calibration/parameters');
const { parseTelemetry } = product('formats/read-telemetry');

const RUNS = [
  { folder: 'rtx4090_llama-3.1-8b', name: 'RTX 4090', gpu: 'RTX 4090' },
  { folder: 'rtxpro6000_llama-3.1-8b', name: 'RTX PRO 6000', gpu: 'RTX PRO 6000' },
];

/** The runs of FOLDER/telemetry, with what it takes to replay them. */
export function loadRuns(folder) {
  const catalog = loadCatalog();
  return RUNS.map(({ folder: name, ...run }) => {
    const at = join(folder, 'telemetry', name);
    const { telemetry, findings } = parseTelemetry(
      { source: join(at, 'meta.json'), value: documentOf(at, run.gpu), folder: at },
      catalog,
    );
    const faults = findings.filter(({ severity }) => severity === 'error');
    if (faults.length > 0) throw new Error(`${at}: ${faults.map(({ message }) => message).join('; ')}`);
    return { ...run, catalog, telemetry, served: servedOf(telemetry, catalog) };
  });
}

function documentOf(folder, gpu) {
  const {
    engine_kwargs: engine,
    kv_cache: kv,
    ...meta
  } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  if (!existsSync(join(folder, 'requests.csv'))) throw new Error(`${folder} has no requests.csv`);
  return {
    model: meta.model,
    engine: `vllm ${meta.vllm_version}`,
    deployment: {
      gpu_type: gpu,
      tensor_parallel: engine.tensor_parallel_size,
      scheduler: 'vllm',
      max_batch_size: engine.max_num_seqs,
      max_batched_tokens: engine.max_num_batched_tokens,
      ...(engine.max_model_len === null ? {} : { max_model_len: engine.max_model_len }),
      ...(kv === null ? {} : { num_gpu_blocks: kv.num_gpu_blocks, block_size: kv.block_size }),
    },
    requests: 'requests.csv',
  };
}

function servedOf({ name, deployment: of }, catalog) {
  const serving = prepareServing({
    request: {
      profile: of.profile,
      modelId: of.modelId,
      deployment: of.deployment,
      overhead: { stepMs: null, requestMs: null, firstTokenExtraSteps: null },
    },
    longestRequestTokens: 8192,
    source: name,
    catalog,
    acceptProfileErrors: false,
    acceptOption: '',
  });
  return { ...serving, numBlocks: serving.memory.numGpuBlocks };
}

/** What the product makes of the first `fitShare` of the run; the rest judges. */
export const calibrateRun = (run, fitShare) =>
  calibrateTelemetry({
    telemetry: [run.telemetry],
    catalog: run.catalog,
    fitShare,
    acceptProfileErrors: false,
    acceptOption: '',
  }).calibration;

export const LATENCIES = ['e2e', 'tpot', 'ttft'];

/** Observed latencies of the requests, ms, by metric. */
export const observed = ({ telemetry: { requests } }) => ({
  e2e: requests.e2eMs,
  tpot: requests.tpotMs,
  ttft: requests.ttftMs,
});

/** Predicted ones; `factor`: with steps and gaps that many times as long. */
export function replay(run, { parameters = uncalibrated(run.served.overhead), factor = 1 } = {}) {
  const { requests } = run.telemetry;
  const arrivedAtS = requests.arrivedAtS.map((at) => at / factor);
  const log = replayRequests(run.served, { ...requests, arrivedAtS }, parameters);
  const scaled = (column) => Float64Array.from(column, (ms) => ms * factor);
  return { e2e: scaled(log.e2eMs), tpot: scaled(log.tpotMs), ttft: scaled(log.ttftMs) };
}

/** Errors of mean latencies over a whole run, uncalibrated. */
export function errorsOfMeans(run) {
  const ours = replay(run);
  const theirs = observed(run);
  return Object.fromEntries(
    LATENCIES.map((metric) => [metric, meanOf([...ours[metric]]) / meanOf([...theirs[metric]]) - 1]),
  );
}

/** Medians of stretches of `size` requests from `start` on. */
export function windowMedians(column, start, size) {
  const windows = [];
  for (let at = start; at + size <= column.length; at += size) {
    windows.push(medianOf([...column.slice(at, at + size)].filter((ms) => !Number.isNaN(ms))));
  }
  return windows;
}
