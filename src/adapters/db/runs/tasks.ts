import { randomUUID } from 'node:crypto';
import type { PlanPriority } from '../../../app/ports/records';
import type { ClaimedTask, TaskKind, TaskMember } from '../../../app/ports/run-store';
import { QUEUE_STEP, type QueuedTask, type TaskQueue } from '../../../app/ports/task-queue';
import { executeIn, notify, type Tx } from './transact';

/** Before all evaluations: these are short, and whole runs wait for them. */
const FIRST = -1_000_000;

export interface NewTask {
  readonly kind: TaskKind;
  readonly members: readonly TaskMember[] | null;
}

/** Adds tasks to a run, and queues them. */
export async function addTasks(
  tx: Tx,
  queue: TaskQueue,
  run: { readonly id: string; readonly priority: PlanPriority },
  tasks: readonly NewTask[],
): Promise<void> {
  if (tasks.length === 0) return;
  const [{ position: first, start }] = (await tx`
    SELECT (SELECT coalesce(max(position) + 1, 0) FROM plan_tasks WHERE run_id = ${run.id}) AS position,
      coalesce((SELECT min(t.queue_position) FROM plan_tasks t JOIN plan_runs r ON r.id = t.run_id
        WHERE r.status = 'running' AND t.kind = 'evaluate' AND NOT t.done), 0) AS start`) as unknown as [
    { position: number; start: number },
  ];
  const step = QUEUE_STEP[run.priority];
  const queued: (QueuedTask & NewTask)[] = tasks.map((task, i) => ({
    ...task,
    jobId: randomUUID(),
    runId: run.id,
    position: first + i,
    queuePosition: task.kind === 'evaluate' ? start + i * step : FIRST,
  }));
  await tx`
    INSERT INTO plan_tasks (run_id, position, kind, members, job_id, queue_position)
    SELECT ${run.id}, t.position, t.kind::task_kind, t.members, t.job_id, t.queue_position
    FROM jsonb_to_recordset(${tx.json(queued.map(toRow) as never)}) AS t(position int, kind text, members jsonb, job_id uuid, queue_position int)`;
  await tx`UPDATE plan_runs SET task_count = task_count + ${tasks.length} WHERE id = ${run.id}`;
  await queue.send(queued, executeIn(tx));
  await notify(tx, { kind: 'work' });
}

const toRow = ({ position, kind, members, jobId, queuePosition }: QueuedTask & NewTask) => ({
  position,
  kind,
  members,
  job_id: jobId,
  queue_position: queuePosition,
});

/** Marks a task done, unless somebody else has: false then. Its run's row must be locked. */
export async function finishTask(tx: Tx, queue: TaskQueue, task: ClaimedTask): Promise<boolean> {
  const done = await tx`
    UPDATE plan_tasks SET done = true, finished_at = now(), worker_id = NULL
    WHERE run_id = ${task.runId} AND position = ${task.position} AND NOT done RETURNING job_id`;
  await queue.complete([task.jobId], executeIn(tx));
  return done.length > 0;
}

/** Queues tasks again under a new delivery. `rows` are those of tasks not done. */
export async function queueAgain(
  tx: Tx,
  queue: TaskQueue,
  rows: readonly { run_id: string; position: number; job_id: string; queue_position: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  const again = rows.map((row) => ({
    runId: row.run_id,
    position: row.position,
    queuePosition: row.queue_position,
    jobId: randomUUID(),
  }));
  await tx`
    UPDATE plan_tasks t SET worker_id = NULL, job_id = a.job_id
    FROM jsonb_to_recordset(${tx.json(again.map((a) => ({ run_id: a.runId, position: a.position, job_id: a.jobId })))})
      AS a(run_id uuid, position int, job_id uuid)
    WHERE t.run_id = a.run_id AND t.position = a.position`;
  const execute = executeIn(tx);
  await queue.complete(
    rows.map((row) => row.job_id),
    execute,
  );
  await queue.send(again, execute);
  await notify(tx, { kind: 'work' });
}
