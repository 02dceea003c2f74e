import type { FamilyRunner } from '../../app/plan-capacity';
import type { PlanContext } from '../../core/search/family';
import { createFamilyPool } from './family-pool';

/** Evaluates the families of one plan on a pool of threads. Results do not depend on how many. */
export function createPiscinaRunner(context: PlanContext, threads?: number): FamilyRunner {
  const stopFlag = new SharedArrayBuffer(4);
  const pool = createFamilyPool({ threads });
  return {
    async run(families, onEvaluation, signal) {
      const stop = () => void Atomics.store(new Int32Array(stopFlag), 0, 1);
      signal?.addEventListener('abort', stop);
      if (signal?.aborted === true) stop();
      try {
        const outcomes = await Promise.all(
          families.map((family) =>
            pool.evaluate({ contextKey: 'plan', context, family, stopFlag }, { onEvaluation }),
          ),
        );
        return outcomes.flatMap(({ evaluations }) => evaluations);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
    close: pool.close,
  };
}
