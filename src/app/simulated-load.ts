import { type Arrivals, generatedArrivals, traceArrivals } from '../core/engine/arrivals';
import type { SimulateRequest } from '../core/engine/request';
import { createRequestLog, type RequestLog } from '../core/engine/request-log';
import type { SimulationInput } from '../core/engine/simulate';
import { createRandomStream } from '../core/workload/random';
import { createSamples, WHOLE } from '../core/workload/samples';
import type { Trace } from '../core/workload/workload';

export interface SimulatedLoad {
  readonly arrivals: Arrivals;
  /** Null: all requests are measured, until the last one is done. */
  readonly window: SimulationInput['window'];
  /** To be filled by the simulation, by position in the order of arrival. */
  readonly log: RequestLog | null;
  /** Its measured part, arrival times and lengths filled in. */
  readonly measured: RequestLog | null;
}

/** A simulation is given this long after its window, s, to finish the requests that arrived in it. */
const LEAST_DRAIN_S = 600;

/** The requests of a simulation, and where to log them. */
export function loadOf({ load, simulation }: SimulateRequest, keep: boolean): SimulatedLoad {
  const { durationS, warmupS, randomSeed } = simulation;
  if (load.kind === 'trace') {
    const log = keep ? logOfTrace(load.trace) : null;
    const { uniform } = createRandomStream(randomSeed, 'routing');
    return { arrivals: traceArrivals(load.trace, uniform), window: null, log, measured: log };
  }
  const create = () =>
    generatedArrivals(
      createSamples(load.workload, randomSeed, { share: WHOLE, retain: false }),
      load.rateQps,
    );
  const startMs = warmupS * 1e3;
  const endMs = startMs + durationS * 1e3;
  const window = { startMs, endMs, drainMs: Math.max(durationS, LEAST_DRAIN_S) * 1e3 };
  return {
    arrivals: create(),
    window,
    ...(keep ? logOfWindow(create, window) : { log: null, measured: null }),
  };
}

function logOfTrace(trace: Trace): RequestLog {
  const log = createRequestLog(trace.arrivedAtS.length);
  log.arrivedAtS.set(trace.arrivedAtS);
  log.promptTokens.set(trace.promptTokens);
  log.outputTokens.set(trace.outputTokens);
  return log;
}

/** Arrivals are drawn twice for it, once to count and once to note them: keeping them all would cost more. */
function logOfWindow(create: () => Arrivals, { startMs, endMs }: { startMs: number; endMs: number }) {
  const counted = create();
  let first = 0;
  while (counted.next() && counted.arrivedMs < endMs) if (counted.arrivedMs < startMs) first++;
  const log = createRequestLog(counted.index);
  const noted = create();
  while (noted.next() && noted.index < counted.index) {
    log.arrivedAtS[noted.index] = noted.arrivedMs / 1e3;
    log.promptTokens[noted.index] = noted.promptTokens;
    log.outputTokens[noted.index] = noted.outputTokens;
  }
  return { log, measured: withoutWarmup(log, first) };
}

const withoutWarmup = (log: RequestLog, first: number): RequestLog => ({
  arrivedAtS: log.arrivedAtS.subarray(first),
  promptTokens: log.promptTokens.subarray(first),
  outputTokens: log.outputTokens.subarray(first),
  ttftMs: log.ttftMs.subarray(first),
  tpotMs: log.tpotMs.subarray(first),
  e2eMs: log.e2eMs.subarray(first),
  preemptions: log.preemptions.subarray(first),
});
