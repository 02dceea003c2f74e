import type { ClaimedTask, RunStore, TaskKind } from '../../../app/ports/run-store';
import type { TaskQueue } from '../../../app/ports/task-queue';
import { queueAgain } from './tasks';
import { executeIn, type Sql, type Tx, transact } from './transact';
import { stopIn } from './work';

/** A worker that gave no sign of life for this long is forgotten: its row is only there for its tasks. */
const FORGET_AFTER_S = 3600;

/** Who does what: taking tasks, giving them back, taking them over. */
export function claimer(
  sql: Sql,
  queue: TaskQueue,
): Pick<
  RunStore,
  | 'claim'
  | 'release'
  | 'releaseUnknown'
  | 'heartbeat'
  | 'forgetWorker'
  | 'takeOver'
  | 'takeOverGone'
  | 'stopOverdue'
  | 'unfinishedStops'
  | 'stop'
> {
  return {
    // Fetching the job and noting down who has it is one transaction: a worker killed in between has taken nothing.
    claim: (workerId, count) =>
      transact(sql, async (tx) => {
        const claimed: ClaimedTask[] = [];
        // A cancelled run leaves jobs by the hundred that are of no use: they must not cost a claim each.
        for (let found = true; found && claimed.length < count; ) {
          const wanted = count - claimed.length;
          const { jobs, tasks } = await deliver(tx, queue, workerId, wanted);
          claimed.push(...tasks);
          found = jobs === wanted;
        }
        return claimed;
      }),

    release: ({ runId, position, jobId }, error) =>
      transact(sql, async (tx) => {
        const rows = await tx<AgainRow[]>`
          UPDATE plan_tasks t SET last_error = coalesce(${error}, last_error), attempts = attempts - ${error === null ? 1 : 0}
          FROM plan_runs r
          WHERE t.run_id = ${runId} AND t.position = ${position} AND t.job_id = ${jobId} AND NOT t.done
            AND r.id = t.run_id AND r.finished_at IS NULL
          RETURNING t.run_id, t.position, t.job_id, t.queue_position`;
        await queueAgain(tx, queue, rows);
      }),

    releaseUnknown: (workerId, held) =>
      transact(sql, async (tx) => {
        const rows = await tx<AgainRow[]>`
          UPDATE plan_tasks t SET attempts = attempts - 1
          FROM plan_runs r
          WHERE t.worker_id = ${workerId} AND NOT t.done AND t.job_id <> ALL(${held.map((task) => task.jobId)}::uuid[])
            AND r.id = t.run_id AND r.finished_at IS NULL
          RETURNING t.run_id, t.position, t.job_id, t.queue_position`;
        await queueAgain(tx, queue, rows);
        return rows.length;
      }),

    heartbeat: ({ id, host, pid, threads, engineVersion }) =>
      transact(sql, async (tx) => {
        await tx`
          INSERT INTO workers (id, host, pid, threads, engine_version, last_seen_at)
          VALUES (${id}, ${host}, ${pid}, ${threads}, ${engineVersion}, now())
          ON CONFLICT (id) DO UPDATE SET last_seen_at = now()`;
      }),

    forgetWorker: (id) =>
      transact(sql, async (tx) => {
        await tx`DELETE FROM workers WHERE id = ${id}`;
      }),

    takeOver: (deadAfterS) =>
      transact(sql, async (tx) => {
        const rows = await tx<AgainRow[]>`
          SELECT t.run_id, t.position, t.job_id, t.queue_position
          FROM plan_tasks t JOIN plan_runs r ON r.id = t.run_id LEFT JOIN workers w ON w.id = t.worker_id
          WHERE t.worker_id IS NOT NULL AND NOT t.done AND r.finished_at IS NULL
            AND coalesce(w.last_seen_at, '-infinity') < now() - make_interval(secs => ${deadAfterS})
          FOR UPDATE OF t SKIP LOCKED`;
        await queueAgain(tx, queue, rows);
        await tx`DELETE FROM workers WHERE last_seen_at < now() - make_interval(secs => ${FORGET_AFTER_S})`;
        return rows.length;
      }),

    takeOverGone: (host, isGone) =>
      transact(sql, async (tx) => {
        const here = await tx<
          { id: string; pid: number }[]
        >`SELECT id, pid FROM workers WHERE host = ${host}`;
        const gone = here.filter(({ pid }) => isGone(pid)).map(({ id }) => id);
        if (gone.length === 0) return 0;
        const rows = await tx<AgainRow[]>`
          SELECT t.run_id, t.position, t.job_id, t.queue_position
          FROM plan_tasks t JOIN plan_runs r ON r.id = t.run_id
          WHERE t.worker_id = ANY(${gone}::uuid[]) AND NOT t.done AND r.finished_at IS NULL
          FOR UPDATE OF t SKIP LOCKED`;
        await queueAgain(tx, queue, rows);
        // Tasks that were locked just now belong to no worker then: the next take-over finds them.
        await tx`DELETE FROM workers WHERE id = ANY(${gone}::uuid[])`;
        return rows.length;
      }),

    stop: (runId, reason) => transact(sql, (tx) => stopIn(tx, queue, runId, reason)),

    stopOverdue: () =>
      transact(sql, async (tx) => {
        const overdue = await tx<{ id: string }[]>`
          SELECT id FROM plan_runs WHERE status IN ('queued', 'running') AND deadline_at < now()`;
        for (const { id } of overdue) await stopIn(tx, queue, id, 'deadline');
        return overdue.map(({ id }) => id);
      }),

    unfinishedStops: () =>
      transact(sql, async (tx) => {
        const stuck = await tx<{ id: string }[]>`SELECT id FROM plan_runs WHERE status = 'stopping'`;
        return stuck.map(({ id }) => id);
      }),
  };
}

/** The next `count` jobs of the queue, and the tasks among them that are still to be done. */
async function deliver(
  tx: Tx,
  queue: TaskQueue,
  workerId: string,
  count: number,
): Promise<{ readonly jobs: number; readonly tasks: readonly ClaimedTask[] }> {
  const execute = executeIn(tx);
  const jobs = await queue.fetch(count, execute);
  if (jobs.length === 0) return { jobs: 0, tasks: [] };
  const ids = jobs.map((job) => job.jobId);
  const rows = await tx<TaskRow[]>`
    UPDATE plan_tasks t SET worker_id = ${workerId}, attempts = t.attempts + 1, started_at = now()
    FROM plan_runs r
    WHERE t.job_id = ANY(${ids}::uuid[]) AND NOT t.done AND r.id = t.run_id AND (
      (t.kind = 'prepare' AND r.status = 'queued') OR (t.kind = 'evaluate' AND r.status = 'running')
      OR (t.kind = 'conclude' AND r.status IN ('running', 'stopping')))
    RETURNING t.run_id, t.position, t.job_id, t.kind, t.members, t.attempts, t.last_error`;
  const taken = new Set(rows.map((row) => row.job_id));
  // Of a run that has ended or stops meanwhile, or delivered twice.
  await queue.complete(
    ids.filter((id) => !taken.has(id)),
    execute,
  );
  return { jobs: jobs.length, tasks: rows.map(toClaimedTask) };
}

interface AgainRow {
  readonly run_id: string;
  readonly position: number;
  readonly job_id: string;
  readonly queue_position: number;
}

interface TaskRow {
  readonly run_id: string;
  readonly position: number;
  readonly job_id: string;
  readonly kind: TaskKind;
  readonly members: unknown;
  readonly attempts: number;
  readonly last_error: string | null;
}

const toClaimedTask = (row: TaskRow): ClaimedTask => ({
  runId: row.run_id,
  position: row.position,
  jobId: row.job_id,
  kind: row.kind,
  members: row.members,
  attempt: row.attempts,
  lastError: row.last_error,
});
