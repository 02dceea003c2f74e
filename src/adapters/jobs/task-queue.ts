import PgBoss from 'pg-boss';
import type { Logger } from '../../app/ports/logger';
import type { Delivery, Execute, TaskQueue } from '../../app/ports/task-queue';

const QUEUE = 'plan-tasks';

/**
 * Delivery is once: whether a task is tried again is decided by its own row (`plan_tasks`) and its worker's sign of
 * life, since an expiry counted from the start would end long tasks and keep those of dead workers waiting.
 */
const ONCE = { retryLimit: 0, expireInHours: 23 } as const;

/** pg-boss delivers lower numbers last; ours are places in a queue. */
const priorityOf = (queuePosition: number): number => 1_000_000_000 - queuePosition;

/** The queue of tasks, on pg-boss in the database's schema `pgboss`, which is made and migrated here. */
export async function openTaskQueue(
  execute: Execute,
  logger: Logger,
): Promise<TaskQueue & { close(): Promise<void> }> {
  const boss = new PgBoss({
    db: { executeSql: execute as (text: string, values: unknown[]) => Promise<{ rows: unknown[] }> },
    schedule: false,
    archiveCompletedAfterSeconds: 3600,
    deleteAfterDays: 1,
  });
  boss.on('error', (error) => logger.warn({ err: error }, 'queue maintenance failed; it is tried again'));
  const close = () => boss.stop({ graceful: false, close: false });
  try {
    await boss.start();
    await boss.createQueue(QUEUE);
  } catch (error) {
    // Half started, its timers would keep the process alive.
    await close().catch(() => {});
    throw error;
  }
  return {
    async send(tasks, execute) {
      const db = { executeSql: execute };
      await Promise.all(
        tasks.map(({ jobId, runId, position, queuePosition }) =>
          boss.send(
            QUEUE,
            { runId, position },
            { ...ONCE, id: jobId, priority: priorityOf(queuePosition), db },
          ),
        ),
      );
    },
    async fetch(count, execute) {
      const jobs = await boss.fetch<Omit<Delivery, 'jobId'>>(QUEUE, {
        batchSize: count,
        db: { executeSql: execute },
      });
      return jobs.map(({ id, data }) => ({ jobId: id, ...data }));
    },
    async complete(jobIds, execute) {
      if (jobIds.length === 0) return;
      // Takes a list of ids too; its types know of one only.
      const ids = [...jobIds] as unknown as string;
      await boss.complete(QUEUE, ids, {}, { db: { executeSql: execute } });
    },
    close,
  };
}
