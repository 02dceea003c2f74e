// One worker process of one thread against two, on the same plan, by turns.
import { completed, exampleRequest, launch } from './api-client.mjs';
import { emptyDatabase } from './databases.mjs';
import { median, startService } from './processes.mjs';

const ROUNDS = 3;

export async function measureWorkers({ database, note, report }) {
  const url = await emptyDatabase(database.url, 'bench_workers');
  const env = { DATABASE_URL: url, NODE_ENV: 'production', SIMFAASINFER_THREADS: '1' };
  const server = await startService('serve', {
    env: { ...env, PORT: '0', SIMFAASINFER_WORKER_IN_SERVER: 'off' },
  });
  const perSecond = { 1: [], 2: [] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const count of [1, 2]) {
        note(`the example plan on ${count} worker${count > 1 ? 's' : ''}`);
        perSecond[count].push(await candidatesPerSecond(server, env, count));
      }
    }
  } finally {
    await server.stop();
  }
  const [one, two] = [perSecond[1], perSecond[2]].map(median);
  const ratios = perSecond[2].map((value, round) => value / perSecond[1][round]);
  report(
    `one worker of one thread ${one.toFixed(1)} candidates/s, two ${two.toFixed(1)}: ${median(ratios).toFixed(2)} times as many (${ratios.map((r) => r.toFixed(2)).join(', ')})`,
  );
}

async function candidatesPerSecond(server, env, count) {
  const workers = await Promise.all(Array.from({ length: count }, () => startService('worker', { env })));
  try {
    const { runId } = await launch(server.url, { yaml: exampleRequest(), name: 'bench' });
    const run = await completed(server.url, runId);
    return (run.candidateCount / (Date.parse(run.finishedAt) - Date.parse(run.startedAt))) * 1000;
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
