// Watches from outside, on a connection of its own, what workers save: how long after a kill it goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import { dist } from './processes.mjs';

const POLL_MS = 50;

/** Until `stop()`. The database may go away and come back meanwhile. */
export function watchProgress(databaseUrl) {
  const { driver } = dist('adapters/db/driver.js');
  const sql = driver(databaseUrl, { max: 1, connect_timeout: 2, backoff: () => 0.1, onnotice: () => {} });
  /** Kills after which no candidate was saved yet, or whose tasks nobody has taken over yet. */
  const waiting = new Set();
  let evaluated = 0;
  let databaseStart = null;
  let stopped = false;

  async function look() {
    const beganMs = performance.now();
    const [now] = await sql`
      SELECT pg_postmaster_start_time()::text AS "databaseStart", (SELECT coalesce(sum(evaluated_count), 0)::int FROM plan_runs) AS evaluated,
        ARRAY(SELECT worker_id::text FROM plan_tasks WHERE worker_id IS NOT NULL AND NOT done) AS holders`;
    const atMs = performance.now();
    const restarted = databaseStart !== null && now.databaseStart !== databaseStart;
    evaluated = now.evaluated;
    databaseStart = now.databaseStart;
    for (const kill of waiting) {
      // What was saved before this is no sign that it goes on: the killed one may have done so in its last moment.
      if (kill.evaluated === null && beganMs > kill.atMs && (kill.what !== 'database' || restarted))
        kill.evaluated = evaluated;
      if (kill.evaluated !== null) settle(kill, now, atMs);
    }
  }

  function settle(kill, { evaluated, holders }, atMs) {
    const elapsedS = (atMs - kill.atMs) / 1000;
    if (kill.nextCandidateS === null && evaluated > kill.evaluated) kill.nextCandidateS = elapsedS;
    if (kill.workerId !== null) {
      const held = holders.filter((id) => id === kill.workerId).length;
      kill.tasks ??= held;
      if (held === 0) kill.takenOverS ??= elapsedS;
    }
    if (kill.nextCandidateS !== null && (kill.workerId === null || kill.takenOverS !== null))
      waiting.delete(kill);
  }

  const watching = (async () => {
    while (!stopped) {
      await look().catch(() => {});
      await sleep(POLL_MS);
    }
    await look();
    await sql.end({ timeout: 1 });
  })();

  return {
    evaluated: () => evaluated,
    /** Note down a kill as it happens: of a worker with its id. The record is completed as things go on. */
    killed(what, workerId = null) {
      const kill = {
        what,
        workerId,
        atMs: performance.now(),
        /** At the first look after it. */
        evaluated: null,
        nextCandidateS: null,
        tasks: null,
        takenOverS: null,
      };
      waiting.add(kill);
      return kill;
    },
    async stop() {
      stopped = true;
      await watching;
    },
  };
}
