import type { PlanContext } from '../../core/search/family';

/** Sent to each thread once, when it starts. */
export interface WorkerInput {
  readonly context: PlanContext;
  /** One Int32, not 0 when the search is to stop: read between candidates, so that a thread need not be killed. */
  readonly stopFlag: SharedArrayBuffer;
}
