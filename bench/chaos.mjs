// Kills everything while plans are evaluated: `npm run chaos` (builds dist/ first). Ends with 1 unless the plans come out
// exactly as undisturbed. `CHAOS_SEED=7 npm run chaos` repeats the pauses and choices of a seed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { completed, exampleRequest, launch } from './lib/api-client.mjs';
import { connectTo } from './lib/databases.mjs';
import { removeDatabase } from './lib/million.mjs';
import { dist, load, root } from './lib/processes.mjs';
import { watchProgress } from './lib/progress.mjs';
import { differences, rowsOf } from './lib/results.mjs';
import { killDatabase, supervise } from './lib/supervised.mjs';

const CANDIDATES = 1008;
const KILLS = 20;
const IN_TURN = ['worker', 'server', 'database'];
/** Between a kill and the next one: some are shorter than a recovery, so that kills meet. */
const PAUSE_S = { min: 0.5, max: 10 };
/** No kills beyond this: a plan has to have something left that shows that it goes on. */
const EVALUATED_MAX = 900;
const RECOVERY_S_MAX = 30;
/** Until a plan is launched, and until it is finished. */
const PATIENCE_S = 600;

/** Codes of the API while the database is away. */
const AWAY = ['UNAVAILABLE', 'INTERNAL'];

const note = (text) => console.error(text);
const random = dist('core/workload/random.js').createRandomStream(readSeed(), 'chaos');
const folder = join(root, '.data', 'chaos');
if (existsSync(folder)) removeDatabase(folder);
const database = await dist('adapters/db/embedded/embedded-postgres.js').startEmbeddedPostgres({
  folder,
  database: 'simfaasinfer',
});
const env = { DATABASE_URL: database.url, NODE_ENV: 'production', SIMFAASINFER_THREADS: '1' };
const faults = [];
const server = await supervise(
  'serve',
  { env: { ...env, PORT: '0', SIMFAASINFER_WORKER_IN_SERVER: 'off' } },
  faults,
);
const workers = [await supervise('worker', { env }, faults), await supervise('worker', { env }, faults)];
const { url } = await server.current();

try {
  note('the plan undisturbed, for reference');
  const startedAtMs = performance.now();
  const reference = await launch(url, { yaml: exampleRequest(), name: 'undisturbed' });
  await completed(url, reference.runId);
  note(`  ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  const { runs, kills } = await disturb();
  for (const runId of runs) await compare(reference.runId, runId);
  await refuseLeftovers();
  tell(kills, runs.length);
} finally {
  await Promise.all([server, ...workers].map((service) => service.stop()));
  await database.stop();
}
for (const fault of faults) console.log(`FAULT: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Launches plans one after the other until all kills have happened, and waits until the last is finished. */
async function disturb() {
  const progress = watchProgress(database.url);
  const kills = [];
  const runs = [];
  let evaluatedBefore = CANDIDATES;
  while (kills.length < KILLS) {
    note(`plan ${runs.length + 1}, disturbed`);
    const key = `chaos-${runs.length + 1}`;
    const { runId } = await insist(() =>
      launch(url, { yaml: exampleRequest(), name: key, idempotencyKey: key }),
    );
    runs.push(runId);
    let over = false;
    const finished = insist(() => completed(url, runId)).finally(() => {
      over = true;
    });
    // It is waited for below; what it throws before is thrown there.
    finished.catch(() => {});
    while (kills.length < KILLS) {
      await sleep((PAUSE_S.min + random.uniform() * (PAUSE_S.max - PAUSE_S.min)) * 1000);
      if (over || progress.evaluated() - evaluatedBefore > EVALUATED_MAX) break;
      kills.push(await killNext(kills.length, progress));
    }
    await finished;
    evaluatedBefore += CANDIDATES;
  }
  await progress.stop();
  return { runs, kills };
}

async function killNext(count, progress) {
  const what = IN_TURN[count % IN_TURN.length];
  let kill;
  if (what === 'database') {
    await killDatabase(database, () => {
      kill = progress.killed(what);
    });
  } else if (what === 'server') {
    await server.current();
    kill = progress.killed(what);
    await server.kill();
  } else {
    const worker = workers[Math.floor(random.uniform() * workers.length)];
    const { workerId } = await worker.current();
    kill = progress.killed(what, workerId);
    await worker.kill();
  }
  note(`  kill ${count + 1}: ${what}, ${progress.evaluated()} candidates saved`);
  return kill;
}

/** The server and the database are away now and then; anything else than that is final. */
async function insist(call) {
  const untilMs = performance.now() + PATIENCE_S * 1000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      // `fetch` throws TypeErrors where nobody answers.
      const away = error instanceof TypeError || AWAY.includes(error.code);
      if (!away || performance.now() > untilMs) throw error;
      await sleep(100);
    }
  }
}

/** Every row of a run, against those of the undisturbed one. */
async function compare(referenceId, runId) {
  const sql = connectTo(database.url);
  const rows = await rowsOf(sql, referenceId);
  const different = await differences(sql, referenceId, runId);
  const [{ each }] = await sql`
    SELECT count(*)::int || ' candidates, numbered ' || min(config_id) || ' to ' || max(config_id) AS each
    FROM candidates WHERE run_id = ${runId}`;
  await sql.end();
  if (each !== `${CANDIDATES} candidates, numbered 1 to ${CANDIDATES}`)
    faults.push(`run ${runId} has ${each}`);
  for (const [table, count] of Object.entries(different)) {
    if (count > 0) faults.push(`${count} rows of ${table} of run ${runId} differ from the undisturbed one`);
  }
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  console.log(`run ${runId}: ${each}; ${total} rows compared in ${Object.keys(rows).length} tables`);
}

/** Tasks or deliveries that nobody would ever do. */
async function refuseLeftovers() {
  const sql = connectTo(database.url);
  const left = async () => {
    const [{ tasks, jobs }] = await sql`
      SELECT (SELECT count(*)::int FROM plan_tasks WHERE NOT done) AS tasks,
        (SELECT count(*)::int FROM pgboss.job WHERE name = 'plan-tasks' AND state IN ('created', 'active')) AS jobs`;
    return { tasks, jobs };
  };
  let { tasks, jobs } = await left();
  // A task saved by one who was thought dead leaves a delivery, which the next claim throws away.
  for (let second = 0; tasks + jobs > 0 && second < 10; second++) {
    await sleep(1000);
    ({ tasks, jobs } = await left());
  }
  await sql.end();
  if (tasks + jobs > 0) faults.push(`${tasks} tasks and ${jobs} deliveries are left over`);
}

function tell(kills, plans) {
  const inTime = (value) => value !== null && value <= RECOVERY_S_MAX;
  const seconds = (value) => (value === null ? '–' : value.toFixed(1)).padStart(9);
  console.log('\nkill  what      candidates saved   next one after s   its tasks   others have them after s');
  for (const [i, { what, evaluated, nextCandidateS, tasks, takenOverS }] of kills.entries()) {
    const cells = [String(i + 1).padStart(4), what.padEnd(8), String(evaluated ?? '–').padStart(17)];
    console.log(
      `${cells.join('  ')}  ${seconds(nextCandidateS)}          ${String(tasks ?? '–').padStart(9)}   ${seconds(takenOverS)}`,
    );
    if (!inTime(nextCandidateS)) faults.push(`kill ${i + 1}: no candidate within ${RECOVERY_S_MAX} s`);
    if (what === 'worker' && !inTime(takenOverS))
      faults.push(`kill ${i + 1}: its tasks were not taken over within ${RECOVERY_S_MAX} s`);
  }
  const most = (key) => Math.max(...kills.map((kill) => kill[key] ?? 0)).toFixed(1);
  console.log(
    `\n${kills.length} kills in ${plans} plan${plans > 1 ? 's' : ''}; the next candidate after ${most('nextCandidateS')} s at most, a dead worker's tasks with others after ${most('takenOverS')} s at most [load average ${load()}]`,
  );
}

function readSeed() {
  const given = process.env.CHAOS_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 1e9) : Number(given);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    console.error(
      `bench/chaos.mjs: CHAOS_SEED is '${given}'; it is a whole number from 0 to 9007199254740991`,
    );
    process.exit(2);
  }
  console.log(`CHAOS_SEED=${seed}`);
  return seed;
}
