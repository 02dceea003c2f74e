import { traceArrivals } from '../../src/core/engine/arrivals';
import type { ReplicaConfig, Scheduler } from '../../src/core/engine/replica';
import { createRequestLog, type RequestLog } from '../../src/core/engine/request-log';
import { SCHEDULER_OF } from '../../src/core/engine/schedulers/all';
import { type SimulationInput, type SimulationRun, simulate } from '../../src/core/engine/simulate';
import { IterationTimes } from '../../src/core/profile/iteration-times';
import { createRandomStream } from '../../src/core/workload/random';
import type { EngineCase } from './random-case';

export interface CaseRun {
  readonly run: SimulationRun;
  readonly log: RequestLog;
}

export interface RunOptions {
  readonly plainStepping?: boolean;
  readonly window?: SimulationInput['window'];
  readonly targets?: SimulationInput['targets'];
  /** What looks on: gets the scheduler, returns one that does the same. */
  readonly watch?: (scheduler: Scheduler) => Scheduler;
}

/** Runs a case from its first request to its last. */
export function runCase(c: EngineCase, options: RunOptions = {}): CaseRun {
  const log = createRequestLog(c.trace.promptTokens.length);
  const run = simulate({
    replica: replicaOf(c, options),
    numReplicas: c.numReplicas,
    routing: c.routing,
    arrivals: traceArrivals(c.trace, createRandomStream(7, 'routing').uniform),
    targets: options.targets ?? [],
    window: options.window ?? null,
    stopWhenLost: null,
    log,
  });
  return { run, log };
}

function replicaOf(c: EngineCase, { plainStepping = false, watch = (s) => s }: RunOptions): ReplicaConfig {
  return {
    scheduler: watch(boundBatches(SCHEDULER_OF[c.scheduler])),
    times: timesOf(c),
    overhead: c.overhead,
    pipelineParallel: c.pipelineParallel,
    maxBatchSize: c.maxBatchSize,
    maxBatchedTokens: c.maxBatchedTokens,
    chunkTokens: c.chunkTokens,
    blockTokens: c.blockTokens,
    numBlocks: c.numBlocks,
    watermark: c.watermark,
    maxModelTokens: c.maxModelTokens,
    plainStepping,
  };
}

/** No case here takes more batches than this; a scheduler that goes round in circles fails instead of hanging the test. */
const MOST_BATCHES = 30_000;

function boundBatches(scheduler: Scheduler): Scheduler {
  let batches = 0;
  return {
    ...scheduler,
    schedule(replica, lane) {
      if (++batches > MOST_BATCHES) throw new Error('the replica goes round in circles');
      return scheduler.schedule(replica, lane);
    },
  };
}

export function timesOf({ fit, pipelineParallel, overhead }: EngineCase): IterationTimes {
  const stageFraction = 1 / pipelineParallel;
  const send =
    pipelineParallel > 1 ? { sendMsPerToken: 0.001, sendMs: 0.02 } : { sendMsPerToken: 0, sendMs: 0 };
  return new IterationTimes(fit, { stageFraction, stepMs: overhead.stepMs * stageFraction, ...send });
}
