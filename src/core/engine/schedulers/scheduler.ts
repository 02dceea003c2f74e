import type { Lane } from '../lane';
import type { Replica } from '../replica';

/** What goes into a lane's next iteration. */
export interface Scheduler {
  /** Prompts are computed in one iteration, never in chunks. */
  readonly wholePrompts: boolean;
  /** KV for the longest request the server accepts is reserved at admission. */
  readonly reservesMaximum: boolean;
  /** A share of the KV blocks stays free when a request is admitted. */
  readonly usesWatermark: boolean;
  /** Admit requests, plan prefill chunks (`replica.planChunk`); true: the lane's decodes run in this iteration. */
  schedule(replica: Replica, lane: Lane): boolean;
}
