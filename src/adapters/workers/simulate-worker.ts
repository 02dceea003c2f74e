import { calibrateTelemetry, servingOf } from '../../app/calibrate-telemetry';
import { loadCatalog } from '../../app/load-catalog';
import { observeTelemetry } from '../../app/observe-telemetry';
import { type ObservedOnThread, POINTS_MAX, type Simulator } from '../../app/ports/simulator';
import { simulateDeployment } from '../../app/simulate-deployment';
import { evenly } from '../../core/calibration/evenly';
import { InputError, type InputFault } from '../../core/errors';
import { parseTelemetry } from '../../formats/read-telemetry';

/** An error that crosses threads loses its class, so the fault goes as a value. */
export type Outcome<T> = { readonly value: T } | { readonly fault: InputFault };

const SHARED = { catalog: loadCatalog(), acceptOption: 'acceptProfileErrors: true' };

// Piscina tasks, one a method of Simulator.

export const simulate = taskOf((order: OrderOf<'simulate'>) => {
  const { requests: _, ...run } = simulateDeployment({
    ...order,
    ...SHARED,
    source: 'deployment',
    keepRequests: false,
  });
  return run;
});

export const calibrate = taskOf((order: OrderOf<'calibrate'>) => calibrateTelemetry({ ...order, ...SHARED }));

export const readTelemetry = taskOf(({ profile, ...order }: OrderOf<'readTelemetry'>) => {
  const read = parseTelemetry({ ...order, folder: null }, SHARED.catalog);
  // A deployment that no engine would start is told now, not when it is calibrated with.
  servingOf(read.telemetry, { profile, acceptProfileErrors: true, ...SHARED });
  return read;
});

export const observe = taskOf(({ telemetry, ...order }: OrderOf<'observe'>): ObservedOnThread => {
  const observed = observeTelemetry(telemetry, { ...order, ...SHARED });
  const { points } = observed;
  return { ...observed, points: evenly(points, POINTS_MAX), pointCount: points.length };
});

type OrderOf<Method extends Exclude<keyof Simulator, 'close'>> = Parameters<Simulator[Method]>[0];

function taskOf<Order, T>(work: (order: Order) => T): (order: Order) => Outcome<T> {
  return (order) => {
    try {
      return { value: work(order) };
    } catch (error) {
      if (error instanceof InputError) return { fault: error.fault };
      throw error;
    }
  };
}
