import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../../core/catalog/catalog';
import { ENGINE_VERSION } from '../../core/engine/version';
import type { RunEvents } from '../ports/events';
import type { FamilyEvaluator } from '../ports/family-evaluator';
import type { Logger } from '../ports/logger';
import {
  type ClaimedTask,
  type EvaluatedTask,
  type RunStore,
  StoreUnavailableError,
} from '../ports/run-store';
import { concludeRun } from './conclude-run';
import { type DoTaskInput, doTask } from './do-task';
import { isGone } from './host-processes';
import { createOpenRuns } from './open-run';

export interface TaskWorkerInput {
  readonly store: RunStore;
  readonly evaluator: FamilyEvaluator;
  readonly events: RunEvents;
  readonly catalog: Catalog;
  readonly logger: Logger;
  /** See `hostIdentity`. */
  readonly host: string;
  readonly pid: number;
  readonly onEvaluated?: (evaluated: EvaluatedTask) => void;
}

export interface TaskWorker {
  readonly id: string;
  /** Takes no more tasks, waits up to `graceMs` for those in hand, and gives the rest back to the queue. */
  stop(graceMs: number): Promise<void>;
}

/** Without a sign of life for this long a worker counts as dead and its tasks go to others. */
const DEAD_AFTER_S = 12;
const HEARTBEAT_MS = 3000;
/** Notifications bring work at once; this is for those that got lost. */
const POLL_MS = 1000;
const RETRY_MS = 500;

/** Takes tasks of all runs from the queue and does them, as many at a time as there are threads, until stopped. */
export function startTaskWorker(input: TaskWorkerInput): TaskWorker {
  const { store, evaluator, events, logger } = input;
  const id = randomUUID();
  const inHand = new Map<ClaimedTask, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  // One more than there are threads, so that a thread need not wait while results are saved.
  const slots = evaluator.threads + 1;
  let stopping = false;
  let closing = false;
  let aliveSinceMs: number | null = null;

  const runs = createOpenRuns(store, input.catalog);
  const doing: DoTaskInput = {
    store: persistent(store, () => closing),
    runs,
    evaluator,
    onEvaluated: (evaluated) => input.onEvaluated?.(evaluated),
  };

  async function handle(task: ClaimedTask, abort: AbortController): Promise<void> {
    try {
      await doTask(doing, task, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      logger.error(
        { runId: task.runId, task: task.position, attempt: task.attempt, err: error },
        'task failed',
      );
      const because = error instanceof StoreUnavailableError ? null : message;
      if ((await tolerate(() => store.release(task, because))) === null) unsure = true;
    } finally {
      inHand.delete(task);
      wake();
    }
  }

  /** A claim or a release failed, and it may have taken effect or not: the database may say of tasks that they are ours. */
  let unsure = false;
  async function giveBackUnknown(): Promise<void> {
    if (!unsure) return;
    unsure = false;
    const given = await tolerate(() => store.releaseUnknown(id, [...inHand.keys()]));
    if (given === null) unsure = true;
  }

  /** Others take the tasks of a worker that the database does not know. */
  let registered = false;
  let claiming = false;
  let again = false;
  let filled: Promise<void> = Promise.resolve();
  /** Fills the free slots. One claim at a time; what wakes it meanwhile makes it look again. */
  function wake(): void {
    again = true;
    if (claiming || !registered) return;
    claiming = true;
    filled = (async () => {
      while (again && !stopping && inHand.size < slots) {
        again = false;
        const free = slots - inHand.size;
        await giveBackUnknown();
        const claimed = await tolerate(() => store.claim(id, free));
        if (claimed === null) unsure = true;
        const tasks = claimed ?? [];
        for (const task of tasks) {
          // Told to stop while the claim was under way.
          if (stopping) {
            await tolerate(() => store.release(task, null));
            continue;
          }
          const abort = new AbortController();
          const ended = handle(task, abort);
          inHand.set(task, { abort, ended });
        }
        if (tasks.length === free) again = true;
      }
      claiming = false;
    })();
  }

  /** The database may be away; the next round of the clock tries again. */
  async function tolerate<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) logger.error({ err: error }, 'worker');
      return null;
    }
  }

  function stopRun(runId: string): void {
    for (const [task, { abort }] of inHand) if (task.runId === runId) abort.abort();
  }

  /** Sign of life; then the tasks of workers that gave none, deadlines, and runs that nobody concludes. */
  async function tend(): Promise<void> {
    const { host, pid } = input;
    const alive = await tolerate(async () => {
      await store.heartbeat({ id, host, pid, threads: evaluator.threads, engineVersion: ENGINE_VERSION });
      return true;
    });
    if (alive === null) {
      aliveSinceMs = null;
      return;
    }
    aliveSinceMs ??= performance.now();
    if (!registered) {
      registered = true;
      wake();
    }
    // Who gives no sign of life may be slow; whose process is gone is dead.
    let taken = (await tolerate(() => store.takeOverGone(host, isGone))) ?? 0;
    // After the database was away everybody looks dead: let them give a sign of life first.
    if (performance.now() - aliveSinceMs > DEAD_AFTER_S * 1000) {
      taken += (await tolerate(() => store.takeOver(DEAD_AFTER_S))) ?? 0;
    }
    if (taken > 0) logger.warn({ tasks: taken }, 'took over tasks of workers that died');
    const overdue = (await tolerate(() => store.stopOverdue())) ?? [];
    const stuck = (await tolerate(() => store.unfinishedStops())) ?? [];
    for (const runId of new Set([...overdue, ...stuck])) {
      stopRun(runId);
      await tolerate(() => concludeRun({ store, runs }, runId, null));
    }
  }

  const unlisten = events.listen((event) => {
    if (event.kind === 'stop') stopRun(event.runId);
    if (event.kind === 'work' || event.kind === 'resync') wake();
  });
  const poll = setInterval(wake, POLL_MS);
  let tending: Promise<void> = tend();
  const heartbeat = setInterval(() => {
    tending = tending.then(tend);
  }, HEARTBEAT_MS);

  return {
    id,
    async stop(graceMs) {
      stopping = true;
      clearInterval(poll);
      await filled;
      const late = new AbortController();
      const all = () => Promise.allSettled([...inHand.values()].map(({ ended }) => ended));
      await Promise.race([
        all().then(() => late.abort()),
        sleep(graceMs, null, { signal: late.signal }).catch(() => {}),
      ]);
      closing = true;
      const left = [...inHand];
      for (const [, { abort }] of left) abort.abort();
      for (const [task] of left) await tolerate(() => store.release(task, null));
      unlisten();
      clearInterval(heartbeat);
      await tending;
      await tolerate(() => store.forgetWorker(id));
    },
  };
}

/** A store whose saves are tried again while the database is away: what they hold took seconds to compute. */
function persistent(store: RunStore, givenUp: () => boolean): RunStore {
  const persist =
    <A extends unknown[], T>(save: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      for (;;) {
        try {
          return await save(...args);
        } catch (error) {
          if (!(error instanceof StoreUnavailableError) || givenUp()) throw error;
          await sleep(RETRY_MS);
        }
      }
    };
  return {
    ...store,
    savePrepared: persist(store.savePrepared),
    saveEvaluated: persist(store.saveEvaluated),
    addRound: persist(store.addRound),
    finish: persist(store.finish),
    fail: persist(store.fail),
  };
}
