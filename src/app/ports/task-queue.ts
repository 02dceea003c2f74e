import type { PlanPriority } from './records';

/** Runs one SQL statement, in the caller's transaction where there is one. */
export type Execute = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

export interface QueuedTask {
  /** UUID; names the delivery. */
  readonly jobId: string;
  readonly runId: string;
  readonly position: number;
  /** Lower ones are delivered first. */
  readonly queuePosition: number;
}

export interface Delivery {
  readonly jobId: string;
  readonly runId: string;
  readonly position: number;
}

/** Delivers tasks to workers, each once. All calls join the transaction of `execute`: a task is queued with the rows it is about, or not at all. */
export interface TaskQueue {
  send(tasks: readonly QueuedTask[], execute: Execute): Promise<void>;
  fetch(count: number, execute: Execute): Promise<readonly Delivery[]>;
  complete(jobIds: readonly string[], execute: Execute): Promise<void>;
}

/**
 * Plans share the workers by virtual time: a task's place in the queue is that of its run's start plus its number in the
 * run times this step, and a run starts where the furthest-behind active one is. So two plans of one priority alternate, and a
 * plan of high priority gets four tasks for one of a normal one.
 */
export const QUEUE_STEP: Readonly<Record<PlanPriority, number>> = { high: 1, normal: 4, low: 16 };
