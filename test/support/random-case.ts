import fc from 'fast-check';
import { ROUTINGS, type Routing, type SchedulerName } from '../../src/core/engine/deployment';
import type { FittedProfile } from '../../src/core/profile/fit-profile';
import type { Trace } from '../../src/core/workload/workload';
import { randomFit } from './random-fit';

/** One deployment and the requests it gets: everything a simulation depends on. */
export interface EngineCase {
  readonly scheduler: SchedulerName;
  readonly fit: FittedProfile;
  readonly pipelineParallel: number;
  readonly numReplicas: number;
  readonly routing: Routing;
  readonly maxBatchSize: number;
  readonly maxBatchedTokens: number;
  readonly chunkTokens: number;
  readonly blockTokens: number;
  readonly numBlocks: number;
  readonly watermark: number;
  readonly maxModelTokens: number;
  readonly overhead: {
    readonly stepMs: number;
    readonly requestMs: number;
    readonly firstTokenExtraSteps: number;
  };
  readonly trace: Trace;
}

/** Small replicas under loads from idle to hopeless, so that queues, preemptions and refusals are common. */
export function randomCase(
  scheduler: SchedulerName,
  fits: fc.Arbitrary<FittedProfile> = randomFit(),
): fc.Arbitrary<EngineCase> {
  return fc
    .record({
      fit: fits,
      pipelineParallel: fc.constantFrom(1, 1, 1, 2),
      numReplicas: fc.constantFrom(1, 1, 2, 3),
      routing: fc.constantFrom(...ROUTINGS),
      maxBatchSize: fc.integer({ min: 1, max: 24 }),
      maxBatchedTokens: fc.integer({ min: 32, max: 600 }),
      chunkTokens: fc.integer({ min: 24, max: 128 }),
      blockTokens: fc.constantFrom(1, 4, 16),
      kvRequests: fc.constantFrom(1.05, 1.05, 1.3, 1.3, 2, 100),
      watermark: fc.constantFrom(0, 0.01, 0.1),
      maxModelTokens: fc.integer({ min: 200, max: 400 }),
      overhead: fc.record({
        stepMs: fc.constantFrom(0, 0.7),
        requestMs: fc.constantFrom(0, 9.3),
        firstTokenExtraSteps: fc.constantFrom(0, 1),
      }),
      trace: randomTrace(),
    })
    .map(({ kvRequests, ...parts }) => ({
      ...parts,
      scheduler,
      numBlocks: Math.ceil((parts.maxModelTokens * kvRequests) / parts.blockTokens),
    }));
}

/** Requests with prompts up to 300 tokens and outputs up to 100; bursts, cached prompts and one-token outputs among them. */
function randomTrace(): fc.Arbitrary<Trace> {
  const request = fc.record({
    gap: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 100 }) },
    ),
    prompt: fc.integer({ min: 1, max: 300 }),
    output: fc.oneof(
      { weight: 1, arbitrary: fc.constant(1) },
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 100 }) },
    ),
    cachedShare: fc.constantFrom(0, 0, 0, 0.5, 1),
  });
  return fc
    .record({
      // From all at once to one at a time.
      msPerGap: fc.constantFrom(0.1, 1, 5, 30),
      requests: fc.array(request, { minLength: 1, maxLength: 60, size: 'max' }),
    })
    .map(({ msPerGap, requests }) => traceOf(msPerGap, requests));
}

function traceOf(
  msPerGap: number,
  requests: readonly { gap: number; prompt: number; output: number; cachedShare: number }[],
): Trace {
  let gaps = 0;
  return {
    name: 'random',
    // An irrational factor keeps arrivals off the ends of steps, where rounding would decide which comes first.
    arrivedAtS: Float64Array.from(requests, ({ gap }) => {
      gaps += gap;
      return (gaps * msPerGap * Math.SQRT2) / 1e3;
    }),
    promptTokens: Int32Array.from(requests, (r) => r.prompt),
    outputTokens: Int32Array.from(requests, (r) => r.output),
    cachedPromptTokens: Int32Array.from(requests, (r) => Math.floor(r.cachedShare * r.prompt)),
  };
}
