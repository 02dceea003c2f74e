import { quantile } from './quantile';
import type { LatencyFigures, LatencySummary, RequestSamples } from './telemetry';

/** The sums of requests whose arrivals are not known, so that they cannot be replayed one by one. `rateQps`: of the run. */
export function summarizeRequests(samples: RequestSamples, rateQps: number): LatencySummary {
  return {
    rateQps,
    requests: samples.promptTokens.length,
    meanPromptTokens: meanOf(samples.promptTokens),
    meanOutputTokens: meanOf(samples.outputTokens),
    meanCachedPromptTokens: meanOf(samples.cachedPromptTokens.map((tokens) => Math.max(0, tokens))),
    ttft: figuresOf(samples.ttftMs),
    tpot: figuresOf(samples.tpotMs),
    e2e: figuresOf(samples.e2eMs),
  };
}

function figuresOf(values: Float64Array): LatencyFigures | null {
  const sorted = values.filter((ms) => !Number.isNaN(ms)).sort();
  if (sorted.length === 0) return null;
  return {
    meanMs: meanOf(sorted),
    p50Ms: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
    p99Ms: quantile(sorted, 0.99),
  };
}

const meanOf = (values: Float64Array | Int32Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
};
