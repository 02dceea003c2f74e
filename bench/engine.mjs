// How fast the engine simulates, on this machine: `npm run bench` (builds dist/ first). Prints medians of CPU seconds;
// nothing here passes or fails. BENCH_MOST=6 leaves the run of ten million requests out.
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(fileURLToPath(import.meta.url), '..', '..');
const dist = (path) => require(join(root, 'dist', path));
const { loadCatalog } = dist('app/load-catalog.js');
const { loadLibraryProfile } = dist('app/library.js');
const { fitProfile } = dist('core/profile/fit-profile.js');
const { createReplicaConfig } = dist('core/engine/replica-config.js');
const { generatedArrivals, traceArrivals } = dist('core/engine/arrivals.js');
const { simulate } = dist('core/engine/simulate.js');
const { createSamples, WHOLE } = dist('core/workload/samples.js');
const { loadTrace } = dist('formats/read-trace.js');

const catalog = loadCatalog();
const gpu = catalog.gpus.find(({ id }) => id === 'a100-80gb');
const model = catalog.models.find(({ id }) => id === 'codellama-34b');
const fit = fitProfile(loadLibraryProfile('a100-80gb/codellama-34b/tp2/vidur-fp16', catalog), { gpu, model });
const workload = {
  arrival: { kind: 'poisson' },
  lengths: {
    kind: 'drawn',
    prompt: { kind: 'fixed', value: 512 },
    output: { kind: 'fixed', value: 128 },
    cachedPrompt: null,
  },
};
const azure = loadTrace(join(root, 'data', 'traces', 'azure2023_conv.csv'));

/** CodeLlama-34B on two A100s, vllm-v0, 27,904 KV blocks, batches of 128. */
function replica({ maxTokens, plainStepping = false }) {
  const deployment = {
    gpuId: gpu.id,
    tensorParallel: 2,
    pipelineParallel: 1,
    numReplicas: 1,
    scheduler: 'vllm-v0',
    maxBatchSize: 128,
    maxBatchedTokens: maxTokens,
    chunkTokens: 512,
    blockTokens: 16,
    watermark: 0.01,
    gpuMemoryUtilization: 0.9,
    maxModelTokens: maxTokens,
    routing: 'round_robin',
    numGpuBlocks: 27_904,
  };
  const overhead = { stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 };
  return createReplicaConfig({ deployment, numBlocks: 27_904, fit, overhead, gpu, model, plainStepping });
}

/** Generated requests end after `count`, so that the run is whole. */
function poisson(count) {
  const arrivals = generatedArrivals(createSamples(workload, 42, { share: WHOLE, retain: false }), 3);
  const next = arrivals.next.bind(arrivals);
  arrivals.next = () => arrivals.index + 1 < count && next();
  return arrivals;
}

function run(config, arrivals) {
  const before = process.cpuUsage();
  const { totals, recorder } = simulate({
    replica: config,
    numReplicas: 1,
    routing: 'round_robin',
    arrivals,
    targets: [],
    window: null,
    stopWhenLost: null,
    log: null,
  });
  const { user, system } = process.cpuUsage(before);
  return {
    cpuS: (user + system) / 1e6,
    tokens: totals.finishedOutputTokens,
    iterations: totals.iterations,
    completed: recorder.completed,
  };
}

const byCpu = (a, b) => a.cpuS - b.cpuS;

/** Medians of five rounds, each contender once a round: what disturbs the machine disturbs all of them. */
function mediansOf5(...contenders) {
  const runs = contenders.map(() => []);
  for (let round = 0; round < 5; round++)
    for (const [i, makeRun] of contenders.entries()) runs[i].push(makeRun());
  return runs.map((all) => all.sort(byCpu)[2]);
}

const million = (x) => (x / 1e6).toFixed(2);
function report(name, { cpuS, tokens, iterations, completed }) {
  console.log(
    `${name}: ${completed} requests, ${million(iterations)} M iterations, ${million(tokens)} M output tokens, ` +
      `${cpuS.toFixed(3)} CPU s, ${million(tokens / cpuS)} M tokens per CPU s`,
  );
}

console.log(`${cpus()[0].model.trim()} × ${cpus().length}, node ${process.version}; medians of 5 runs`);
const [fixed, plain] = mediansOf5(
  () => run(replica({ maxTokens: 4096 }), poisson(200_000)),
  () => run(replica({ maxTokens: 4096, plainStepping: true }), poisson(200_000)),
);
const [conversations, conversationsPlain] = mediansOf5(
  () =>
    run(
      replica({ maxTokens: 16_384 }),
      traceArrivals(azure, () => 0),
    ),
  () =>
    run(
      replica({ maxTokens: 16_384, plainStepping: true }),
      traceArrivals(azure, () => 0),
    ),
);
report('512/128 tokens, Poisson 3/s, vllm-v0', fixed);
report('  the same, one step at a time', plain);
console.log(`  closed form is ${(plain.cpuS / fixed.cpuS).toFixed(2)} times as fast`);
report('Azure conversations 2023, vllm-v0', conversations);
report('  the same, one step at a time', conversationsPlain);
console.log(`  closed form is ${(conversationsPlain.cpuS / conversations.cpuS).toFixed(2)} times as fast`);

console.log('one simulation of n requests (512/128 tokens, Poisson 3/s, one run each):');
for (let exponent = 4; exponent <= Number(process.env.BENCH_MOST ?? 7); exponent++) {
  const { cpuS, completed } = run(replica({ maxTokens: 4096 }), poisson(10 ** exponent));
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `  ${String(completed).padStart(9)}: ${((cpuS * 1e6) / completed).toFixed(2)} µs CPU per request, ${rss} MiB resident`,
  );
}
