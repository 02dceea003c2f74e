import type { Evaluation, Family, PlanContext } from '../../core/search/family';

/** What a thread is given. */
export interface FamilyTask {
  /** Names the context: tasks of one plan have one, and a thread keeps what it made for it. */
  readonly contextKey: string;
  readonly context: PlanContext;
  readonly family: Family;
  /** One Int32, not 0 when the search is to stop: read between candidates, so that a thread need not be killed. */
  readonly stopFlag: SharedArrayBuffer | null;
}

/** What it gives back. */
export interface FamilyOutcome {
  readonly evaluations: readonly Evaluation[];
  /** Time it was busy, s. */
  readonly busyS: number;
}

/** Told as each candidate is done. */
export interface FamilyMessage {
  readonly contextKey: string;
  readonly evaluation: Evaluation;
}
