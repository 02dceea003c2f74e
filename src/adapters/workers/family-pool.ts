import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Piscina from 'piscina';
import type { FamilyEvaluator } from '../../app/ports/family-evaluator';
import type { PlanContext } from '../../core/search/family';
import { compileOnTheThread } from './compile-on-the-thread';
import type { FamilyMessage, FamilyOutcome, FamilyTask } from './family-task';
import { shareTrace } from './share-trace';

export interface FamilyPoolOptions {
  /** Default: one per processor. */
  readonly threads?: number | undefined;
  /** After this long without work a thread ends and gives back its memory, ms; default never. */
  readonly idleTimeoutMs?: number;
}

/** Evaluates families on threads, for any number of plans. */
export function createFamilyPool({ threads, idleTimeoutMs }: FamilyPoolOptions = {}): FamilyEvaluator {
  compileOnTheThread();
  const pool = new Piscina({
    filename: join(__dirname, 'family-worker.js'),
    minThreads: 0,
    maxThreads: threads ?? availableParallelism(),
    idleTimeout: idleTimeoutMs ?? Number.POSITIVE_INFINITY,
  });
  // One listener for each family in flight is intended.
  pool.setMaxListeners(0);
  const shared = new WeakMap<PlanContext, PlanContext>();
  const sharedOf = (context: PlanContext): PlanContext => {
    const known = shared.get(context) ?? shareTrace(context);
    shared.set(context, known);
    return known;
  };
  return {
    threads: pool.maxThreads,
    async evaluate({ contextKey, context, family, stopFlag = null }, { onEvaluation, signal } = {}) {
      const members = new Set(family.members.map((m) => m.configId));
      // A thread tells of each candidate as it is done; what its result brings first is told then.
      const tell = (message: FamilyMessage) => {
        if (message.contextKey !== contextKey || !members.delete(message.evaluation.configId)) return;
        onEvaluation?.(message.evaluation);
      };
      pool.on('message', tell);
      try {
        const task: FamilyTask = { contextKey, context: sharedOf(context), family, stopFlag };
        const outcome: FamilyOutcome = await pool.run(task, signal === undefined ? {} : { signal });
        for (const evaluation of outcome.evaluations) tell({ contextKey, evaluation });
        return outcome;
      } finally {
        pool.off('message', tell);
      }
    },
    close: () => pool.destroy(),
  };
}
