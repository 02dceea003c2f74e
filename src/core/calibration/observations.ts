import { createReplicaConfig } from '../engine/replica-config';
import type { IterationSamples, LatencySummary, RequestSamples, Telemetry } from '../telemetry/telemetry';
import { createRandomStream } from '../workload/random';
import type { Evidence, ObservedMetric, Served } from './evidence';
import type { CalibrationParameters } from './parameters';
import { replayRequests, replaySummary, servedParts } from './replay';

/** Everything the telemetry lets one compare. */
export function evidenceOf(served: Served, telemetry: Telemetry): readonly Evidence[] {
  const { requests, iterations, summary } = telemetry;
  return [
    ...(requests === null ? [] : [requestEvidence(served, requests)]),
    ...(iterations === null ? [] : [iterationEvidence(served, iterations)]),
    ...(summary === null ? [] : [summaryEvidence(served, summary)]),
  ].filter(({ metric }) => metric.length > 0);
}

/** Requests in flight together see the same steps: ten of them tell about as much as one alone would. */
const REQUEST_WEIGHT = 0.1;

function requestEvidence(served: Served, samples: RequestSamples): Evidence {
  const columns = [
    ['ttft', samples.ttftMs],
    ['tpot', samples.tpotMs],
    ['e2e', samples.e2eMs],
  ] as const;
  const metric: ObservedMetric[] = [];
  const observed: number[] = [];
  const index: number[] = [];
  for (const [name, values] of columns) {
    for (const [i, ms] of values.entries()) {
      if (!(ms > 0)) continue;
      metric.push(name);
      observed.push(ms);
      index.push(i);
    }
  }
  const count = samples.arrivedAtS.length;
  const predict = (of: RequestSamples, parameters: CalibrationParameters): Float64Array => {
    const log = replayRequests(served, of, parameters);
    const latencies = { ttft: log.ttftMs, tpot: log.tpotMs, e2e: log.e2eMs };
    return Float64Array.from(index, (i, at) => latencies[metric[at] as 'ttft' | 'tpot' | 'e2e'][i]!);
  };
  const jittered = Array.from({ length: RUNS }, (_, run) => jitter(samples, run));
  return {
    metric,
    observedMs: Float64Array.from(observed),
    position: Float64Array.from(index, (i) => i / count),
    weight: REQUEST_WEIGHT,
    leastError: ROUNDING,
    predictMs: (parameters) => predict(samples, parameters),
    predictTypicalMs(parameters) {
      const runs = jittered.map((moved) => predict(moved, parameters));
      return runs[0]!.map((_, at) =>
        Math.exp(runs.reduce((sum, run) => sum + Math.log(run[at]!), 0) / runs.length),
      );
    },
  };
}

/** Runs that a typical prediction is the mean of, and how far apart their requests arrive, s: about a step. */
const RUNS = 4;
const JITTER_S = 0.02;

/** Requests in the same order, each a little later. */
function jitter(samples: RequestSamples, run: number): RequestSamples {
  const { uniform } = createRandomStream(run, 'jitter');
  const arrivedAtS = samples.arrivedAtS.map((at) => at + uniform() * JITTER_S);
  for (let i = 1; i < arrivedAtS.length; i++) arrivedAtS[i] = Math.max(arrivedAtS[i]!, arrivedAtS[i - 1]!);
  return { ...samples, arrivedAtS };
}

/** Steps one after the other are much alike. */
const ITERATION_WEIGHT = 0.1;

function iterationEvidence(served: Served, samples: IterationSamples): Evidence {
  return {
    metric: samples.map(() => 'iteration'),
    observedMs: Float64Array.from(samples, ({ timeMs }) => timeMs),
    position: Float64Array.from(samples, (_, i) => i / samples.length),
    weight: ITERATION_WEIGHT,
    leastError: ROUNDING,
    ...both((parameters) => {
      const { times } = createReplicaConfig(servedParts(served, parameters));
      return Float64Array.from(samples, (s) => {
        if (s.type === 'decode') return times.decodeMs(s.batchSize, s.contextTokens);
        const decodes = s.type === 'mixed' ? s.batchSize - 1 : 0;
        // Prompts of one step are taken as equally long and computed from their start.
        const prompts = s.type === 'mixed' ? 1 : s.batchSize;
        const work = (s.promptTokens * s.promptTokens) / prompts / 2;
        return times.mixedMs(s.promptTokens, work, decodes, s.contextTokens);
      });
    }),
  };
}

function summaryEvidence(served: Served, summary: LatencySummary): Evidence {
  const metric: ObservedMetric[] = [];
  const observed: number[] = [];
  const figure: ('mean' | 'p50' | 'p90' | 'p99')[] = [];
  for (const name of ['ttft', 'tpot', 'e2e'] as const) {
    const figures = summary[name];
    if (figures === null) continue;
    const given = { mean: figures.meanMs, p50: figures.p50Ms, p90: figures.p90Ms, p99: figures.p99Ms };
    for (const key of ['mean', 'p50', 'p90', 'p99'] as const) {
      const ms = given[key];
      // Means and medians say how long steps take; tails depend on the arrivals, which are not known here.
      if (ms === null || ms <= 0 || key === 'p99') continue;
      metric.push(name);
      observed.push(ms);
      figure.push(key);
    }
  }
  return {
    metric,
    observedMs: Float64Array.from(observed),
    // Sums cannot be split: all of them are fitted on.
    position: new Float64Array(metric.length),
    weight: 1,
    leastError: OF_MEANS,
    ...both((parameters) => {
      const { recorder } = replaySummary(served, summary, parameters);
      const of = {
        ttft: recorder.ttft.summary(),
        tpot: recorder.tpot.summary(),
        e2e: recorder.e2e.summary(),
      };
      return Float64Array.from(metric, (name, i) => of[name as 'ttft' | 'tpot' | 'e2e'][figure[i]!]);
    }),
  };
}

/** What has no accidents is typical. */
const both = (predictMs: Evidence['predictMs']) => ({ predictMs, predictTypicalMs: predictMs });

/** Of single latencies. */
const ROUNDING = 0.001;
/**
 * Of figures over a whole run. Its chance errors average out, the model's own do not: fitted closer than this, the parameters
 * follow a difference of 0.1% between two profiles far from where they belong.
 */
const OF_MEANS = 0.01;
