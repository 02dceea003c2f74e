import { join } from 'node:path';
import Piscina from 'piscina';
import type { Simulator } from '../../app/ports/simulator';
import { InputError } from '../../core/errors';
import { compileOnTheThread } from './compile-on-the-thread';
import type { Outcome } from './simulate-worker';

/**
 * Works on up to three threads beside those of plans, which end when idle. One is for calibrations alone: they take
 * minutes, and however many wait, a short simulation waits for none.
 */
export function createSimulator(): Simulator {
  compileOnTheThread();
  const calibrations = openThreads(1);
  const others = openThreads(2);
  return {
    simulate: (order) => run(others, 'simulate', order),
    calibrate: (order) => run(calibrations, 'calibrate', order),
    readTelemetry: (order) => run(others, 'readTelemetry', order),
    observe: (order) => run(others, 'observe', order),
    async close() {
      await Promise.all([calibrations.destroy(), others.destroy()]);
    },
  };
}

const openThreads = (maxThreads: number): Piscina =>
  new Piscina({
    filename: join(__dirname, 'simulate-worker.js'),
    minThreads: 0,
    maxThreads,
    idleTimeout: 10_000,
  });

async function run<T>(pool: Piscina, name: Exclude<keyof Simulator, 'close'>, order: unknown): Promise<T> {
  const outcome = (await pool.run(order, { name })) as Outcome<T>;
  if ('fault' in outcome) throw new InputError(outcome.fault);
  return outcome.value;
}
