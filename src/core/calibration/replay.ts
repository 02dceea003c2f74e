import { generatedArrivals, traceArrivals } from '../engine/arrivals';
import { createReplicaConfig, type ReplicaParts } from '../engine/replica-config';
import { createRequestLog, type RequestLog } from '../engine/request-log';
import { type SimulationRun, simulate } from '../engine/simulate';
import type { LatencySummary, RequestSamples } from '../telemetry/telemetry';
import { createRandomStream } from '../workload/random';
import { createSamples, WHOLE } from '../workload/samples';
import type { LengthDistribution } from '../workload/workload';
import type { Served } from './evidence';
import { type CalibrationParameters, calibratedFit, calibratedOverhead } from './parameters';

/** The deployment as the parameters say it is. */
export function servedParts(served: Served, parameters: CalibrationParameters): ReplicaParts {
  return {
    ...served,
    fit: calibratedFit(served.fit, parameters),
    overhead: calibratedOverhead(served.overhead, parameters),
  };
}

/** Serves the requests of the telemetry again, at their own arrival times. */
export function replayRequests(
  served: Served,
  samples: RequestSamples,
  parameters: CalibrationParameters,
): RequestLog {
  const { deployment } = served;
  const log = createRequestLog(samples.arrivedAtS.length);
  const trace = {
    name: 'telemetry',
    arrivedAtS: samples.arrivedAtS,
    promptTokens: samples.promptTokens,
    outputTokens: samples.outputTokens,
    cachedPromptTokens: samples.cachedPromptTokens.map((tokens) => Math.max(0, tokens)),
  };
  simulate({
    replica: createReplicaConfig(servedParts(served, parameters)),
    numReplicas: deployment.numReplicas,
    routing: deployment.routing,
    arrivals: traceArrivals(trace, createRandomStream(REPLAY_SEED, 'routing').uniform),
    targets: [],
    window: null,
    stopWhenLost: null,
    log,
  });
  return log;
}

/** One seed for all replays: their differences are then the parameters' alone. */
const REPLAY_SEED = 42;
const WARMUP_MS = 60_000;
/** At rates of thousands of requests/s a minute of them would take longer than all that is measured. */
const WARMUP_REQUESTS = 100_000;
/** Requests of a summary's replay, at least: with a quarter of them the noise of the replay itself is in the fit. */
const LEAST_REQUESTS = 12_000;
/** And at most: a scrape may be of millions, and a fit makes hundreds of replays. */
const MOST_REQUESTS = 20_000;

/** Serves Poisson traffic of the summary's rate and mean lengths; other seeds and fewer requests show the noise of a run. */
export function replaySummary(
  served: Served,
  summary: LatencySummary,
  parameters: CalibrationParameters,
  { seed, leastRequests } = { seed: REPLAY_SEED, leastRequests: LEAST_REQUESTS },
): SimulationRun {
  const { deployment } = served;
  const fixed = (tokens: number): LengthDistribution => ({
    kind: 'fixed',
    value: Math.max(1, Math.round(tokens)),
  });
  const cached = Math.round(summary.meanCachedPromptTokens);
  const lengths = {
    kind: 'drawn' as const,
    prompt: fixed(summary.meanPromptTokens),
    output: fixed(summary.meanOutputTokens),
    cachedPrompt: cached > 0 ? fixed(cached) : null,
  };
  const samples = createSamples({ arrival: { kind: 'poisson' }, lengths }, seed, {
    share: WHOLE,
    retain: false,
  });
  const warmupMs = Math.min(WARMUP_MS, (WARMUP_REQUESTS / summary.rateQps) * 1e3);
  const durationMs =
    (Math.max(Math.min(summary.requests, MOST_REQUESTS), leastRequests) / summary.rateQps) * 1e3;
  return simulate({
    replica: createReplicaConfig(servedParts(served, parameters)),
    numReplicas: deployment.numReplicas,
    routing: deployment.routing,
    arrivals: generatedArrivals(samples, summary.rateQps),
    targets: [],
    window: { startMs: warmupMs, endMs: warmupMs + durationMs, drainMs: durationMs },
    stopWhenLost: null,
    log: null,
  });
}
