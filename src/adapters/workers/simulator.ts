import { join } from 'node:path';
import Piscina from 'piscina';
import type { Simulator } from '../../app/ports/simulator';
import { InputError } from '../../core/errors';
import { compileOnTheThread } from './compile-on-the-thread';
import type { SimulateOutcome } from './simulate-worker';

/** Simulates on one thread beside those of plans, one order after the other; it ends when idle. */
export function createSimulator(): Simulator {
  compileOnTheThread();
  const pool = new Piscina({
    filename: join(__dirname, 'simulate-worker.js'),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 10_000,
  });
  return {
    async simulate(order) {
      const outcome = (await pool.run(order)) as SimulateOutcome;
      if ('fault' in outcome) throw new InputError(outcome.fault);
      return outcome.run;
    },
    close: () => pool.destroy(),
  };
}
