import type { ReadStore } from '../../app/ports/read-store';
import type { RunStore } from '../../app/ports/run-store';
import type { TaskQueue } from '../../app/ports/task-queue';
import { claimer } from './runs/claim';
import { launcher } from './runs/launch';
import { opener } from './runs/open';
import type { Sql } from './runs/transact';
import { worker } from './runs/work';

export const createRunStore = (sql: Sql, queue: TaskQueue, reads: ReadStore): RunStore => ({
  ...launcher(sql, queue),
  ...claimer(sql, queue),
  ...opener(sql, reads),
  ...worker(sql, queue),
});
