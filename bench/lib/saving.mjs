// How long it takes to store what a plan of 1,008 candidates found, with load curves, in the transactions of its tasks.
import { completed, exampleRequest, launch } from './api-client.mjs';
import { emptyDatabase } from './databases.mjs';
import { dist, median, startService } from './processes.mjs';

const ROUNDS = 5;
const WORKER = '00000000-0000-4000-8000-000000000001';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export async function measureSaving({ database, note, report }) {
  const url = await emptyDatabase(database.url, 'bench_saving');
  note('evaluating a plan, to have results to save');
  const { planId, runId } = await evaluateOnce(url);
  const connected = dist('adapters/db/connect.js').connectDatabase(url, { poolSize: 4 });
  const { sql } = connected;
  const queue = await dist('adapters/jobs/task-queue.js').openTaskQueue(
    dist('adapters/db/runs/transact.js').executeAlone(connected.single),
    SILENT,
  );
  const store = dist('adapters/db/run-store.js').createRunStore(
    sql,
    queue,
    dist('adapters/db/read-store.js').createReadStore(connected),
  );
  const { run, request } = await store.open(runId);
  const results = new Map((await store.candidateResults(runId, request)).map((one) => [one.configId, one]));
  await store.heartbeat({
    id: WORKER,
    host: 'bench',
    pid: process.pid,
    threads: 1,
    engineVersion: run.engineVersion,
  });
  const seconds = [];
  for (let round = 0; round < ROUNDS; round++) {
    note(`saving, round ${round + 1} of ${ROUNDS}`);
    await store.rerun(run.workspaceId, planId, run);
    seconds.push(await saveAll(store, results));
  }
  const [{ points }] = await sql`SELECT count(*)::int AS points FROM load_points WHERE run_id = ${runId}`;
  await queue.close();
  await connected.close();
  report(
    `saving ${results.size} candidates with ${points} points of load curves, one task after another: ${median(seconds).toFixed(2)} s (median of ${ROUNDS})`,
  );
}

async function evaluateOnce(url) {
  const server = await startService('serve', { env: { DATABASE_URL: url, PORT: '0' } });
  try {
    const launched = await launch(server.url, { yaml: exampleRequest(), name: 'bench' });
    await completed(server.url, launched.runId);
    return launched;
  } finally {
    await server.stop();
  }
}

/** Does all tasks of the one unfinished run as a worker would, with results known before; the time its saves take, s. */
async function saveAll(store, results) {
  const runs = dist('app/plans/open-run.js').createOpenRuns(store, dist('app/load-catalog.js').loadCatalog());
  const { doTask } = dist('app/plans/do-task.js');
  let savedS = 0;
  const timed = async (call) => {
    const startedAtMs = performance.now();
    const value = await call();
    savedS += (performance.now() - startedAtMs) / 1000;
    return value;
  };
  const timing = { ...store, savePrepared: (...args) => timed(() => store.savePrepared(...args)) };
  for (;;) {
    const tasks = await store.claim(WORKER, 100);
    if (tasks.length === 0) return savedS;
    for (const task of tasks) {
      if (task.kind !== 'evaluate') {
        await doTask(
          { store: timing, runs, evaluator: null, onEvaluated() {} },
          task,
          new AbortController().signal,
        );
        continue;
      }
      const candidates = task.members.map(({ configId }) => results.get(configId));
      await timed(() => store.saveEvaluated(task, { candidates, simulations: 1, simulationS: 1 }));
    }
  }
}
