import type { Evaluation, Family, PlanContext } from '../../core/search/family';

/** Simulates families of candidates on threads of this process. */
export interface FamilyEvaluator {
  /** Families evaluated at a time. */
  readonly threads: number;
  /**
   * Rejects when a thread fails, or (at once, the thread is ended) when `signal` aborts. Setting the Int32 of `stopFlag`
   * makes it resolve soon instead, with what is done.
   */
  evaluate(
    task: {
      /** Names the context: the same for all families of a plan. */
      readonly contextKey: string;
      readonly context: PlanContext;
      readonly family: Family;
      readonly stopFlag?: SharedArrayBuffer;
    },
    options?: { readonly onEvaluation?: (evaluation: Evaluation) => void; readonly signal?: AbortSignal },
  ): Promise<{ readonly evaluations: readonly Evaluation[]; readonly busyS: number }>;
  close(): Promise<void>;
}
