// A hundred plans at once: `npm run soak` (builds dist/ first). Ends with 1 unless all are completed with the same result and
// the memory of server and workers stays flat. Linux only.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, completed, launch } from './lib/api-client.mjs';
import { connectTo } from './lib/databases.mjs';
import { removeDatabase } from './lib/million.mjs';
import { dist, load, median, residentMiBOf, root, startService } from './lib/processes.mjs';
import { differences, rowsOf } from './lib/results.mjs';

const PLANS = 100;
/** A hundred of them take a minute or two. */
const REQUEST = JSON.stringify({
  model: 'llama-2-7b',
  workload: {
    arrival_rate_range: [0.5, 300],
    prompt_length: { distribution: 'normal', mean: 256, std: 64 },
    output_length: { distribution: 'normal', mean: 32, std: 8 },
  },
  constraints: { max_ttft_p95_ms: 1000, max_latency_p99_ms: 6000 },
  config_space: {
    gpu_types: ['A100', 'H100'],
    tensor_parallel: [1, 2],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'sarathi'],
    max_batch_sizes: [32, 64],
  },
  simulation: { duration: 60, warmup_duration: 5, random_seed: 7 },
});
const SAMPLE_MS = 1000;
/** Of the last quarter's median over the second one's: threads and caches have filled by then; what a leak would add does not end. */
const GROWTH_MAX = 1.15;

if (process.platform !== 'linux') {
  console.error('bench/soak.mjs: reads memory from /proc, so it runs on Linux only');
  process.exit(2);
}
const folder = join(root, '.data', 'soak');
if (existsSync(folder)) removeDatabase(folder);
const database = await dist('adapters/db/embedded/embedded-postgres.js').startEmbeddedPostgres({
  folder,
  database: 'simfaasinfer',
});
const env = {
  DATABASE_URL: database.url,
  NODE_ENV: 'production',
  SIMFAASINFER_THREADS: '1',
  SIMFAASINFER_REQUESTS_PER_MINUTE: '10000000',
};
const server = await startService('serve', {
  env: { ...env, PORT: '0', SIMFAASINFER_WORKER_IN_SERVER: 'off' },
});
const processes = {
  server,
  'worker 1': await startService('worker', { env }),
  'worker 2': await startService('worker', { env }),
};
const faults = [];
const samples = [];

try {
  const reference = await launch(server.url, { yaml: REQUEST, name: 'alone' });
  await completed(server.url, reference.runId);
  const startedAtMs = performance.now();
  const launched = await Promise.all(
    Array.from({ length: PLANS }, (_, i) => launch(server.url, { yaml: REQUEST, name: `soak ${i + 1}` })),
  );
  console.log(`${PLANS} plans launched in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  const over = new AbortController();
  const watching = [sample(over.signal), readOnAndOn(over.signal)];
  await Promise.all(launched.map(({ runId }) => completed(server.url, runId)));
  const seconds = (performance.now() - startedAtMs) / 1000;
  over.abort();
  await Promise.all(watching);
  await compare(
    reference.runId,
    launched.map(({ runId }) => runId),
  );
  console.log(`all completed after ${seconds.toFixed(0)} s [load average ${load()}]\n`);
  tellMemory();
} finally {
  await Promise.all(Object.values(processes).map((one) => one.stop()));
  await database.stop();
}
for (const fault of faults) console.log(`FAULT: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

async function sample(signal) {
  while (!signal.aborted) {
    samples.push(
      Object.fromEntries(Object.entries(processes).map(([name, { pid }]) => [name, residentMiBOf(pid)])),
    );
    await sleep(SAMPLE_MS);
  }
}

/** What a dashboard asks while plans are evaluated. */
async function readOnAndOn(signal) {
  const query = `{ plans(first: 20) { edges { node {
    id name
    latestRun { status evaluatedCount candidateCount }
    candidates(first: 10) { edges { node { configId status performance { maxSustainableQps } } } }
  } } } }`;
  while (!signal.aborted) {
    await ask(server.url, query);
    await sleep(200);
  }
}

async function compare(referenceId, runIds) {
  const sql = connectTo(database.url);
  const rows = await rowsOf(sql, referenceId);
  for (const runId of runIds) {
    for (const [table, count] of Object.entries(await differences(sql, referenceId, runId))) {
      if (count > 0) faults.push(`${count} rows of ${table} of run ${runId} differ from those of the first`);
    }
  }
  await sql.end();
  console.log(
    `each run has ${rows.candidates} candidates and ${rows.load_points} load points, compared with those of one alone`,
  );
}

/** Twenty lines over the time, then the quarters. */
function tellMemory() {
  const names = Object.keys(processes);
  const line = (label, cells) =>
    console.log(label.padEnd(14) + cells.map((cell) => cell.padStart(10)).join(''));
  line('resident MiB', names);
  const step = Math.max(1, Math.ceil(samples.length / 20));
  for (let i = 0; i < samples.length; i += step) {
    line(
      `${(i * SAMPLE_MS) / 1000} s`,
      names.map((name) => samples[i][name].toFixed(0)),
    );
  }
  const quarter = (name, number) =>
    median(
      samples
        .slice(Math.floor(((number - 1) * samples.length) / 4), Math.ceil((number * samples.length) / 4))
        .map((at) => at[name]),
    );
  for (const name of names) {
    const [second, last] = [quarter(name, 2), quarter(name, 4)];
    console.log(
      `${name}: median of the second quarter ${second.toFixed(0)} MiB, of the last ${last.toFixed(0)} MiB`,
    );
    if (!(last <= second * GROWTH_MAX)) faults.push(`the memory of ${name} grows`);
  }
}
