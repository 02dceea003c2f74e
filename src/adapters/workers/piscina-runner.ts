import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Piscina from 'piscina';
import type { FamilyRunner } from '../../app/plan-capacity';
import type { Evaluation, Family, PlanContext } from '../../core/search/family';
import type { WorkerInput } from './worker-input';

/** Evaluates families on a pool of threads, one per processor unless told otherwise. Results do not depend on how many. */
export function createPiscinaRunner(
  context: PlanContext,
  threads: number = availableParallelism(),
): FamilyRunner {
  const stopFlag = new SharedArrayBuffer(4);
  const pool = new Piscina({
    filename: join(__dirname, 'family-worker.js'),
    minThreads: 1,
    maxThreads: threads,
    workerData: { context, stopFlag } satisfies WorkerInput,
    // A thread that starts is kept until the plan is done.
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  return {
    async run(families, onEvaluation, signal) {
      const stop = () => void Atomics.store(new Int32Array(stopFlag), 0, 1);
      const heard = new Set<number>();
      // A thread tells of each candidate as it is done; what its result brings first is told then.
      const tell = (evaluation: Evaluation) => {
        if (heard.has(evaluation.configId)) return;
        heard.add(evaluation.configId);
        onEvaluation(evaluation);
      };
      const evaluate = async (family: Family) => {
        const evaluations: Evaluation[] = await pool.run(family);
        evaluations.forEach(tell);
        return evaluations;
      };
      pool.on('message', tell);
      signal?.addEventListener('abort', stop);
      if (signal?.aborted === true) stop();
      try {
        return (await Promise.all(families.map(evaluate))).flat();
      } finally {
        pool.off('message', tell);
        signal?.removeEventListener('abort', stop);
      }
    },
    close: () => pool.destroy(),
  };
}
