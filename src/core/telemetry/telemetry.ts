import type { DeploymentDraft } from '../engine/request';

/** What production, or a benchmark, has seen of one deployment. At least one of the sample kinds is there. */
export interface Telemetry {
  /** The file, or whatever names the set. */
  readonly name: string;
  readonly deployment: TelemetryDeployment;
  readonly requests: RequestSamples | null;
  readonly iterations: IterationSamples | null;
  readonly summary: LatencySummary | null;
}

/** The deployment the samples were taken on: what the engine needs to serve the same requests again. */
export interface TelemetryDeployment {
  /** Library id, directory or file, as written; null: the library's for the model. */
  readonly profile: string | null;
  readonly modelId: string;
  readonly deployment: DeploymentDraft;
  /** As the engine names itself, e.g. `vllm 0.19.0`. */
  readonly engineVersion: string;
}

/** Requests as served, in order of arrival: parallel arrays, one entry a request. What was not recorded is NaN (times) or −1 (tokens). */
export interface RequestSamples {
  /** From the first request's arrival, s. */
  readonly arrivedAtS: Float64Array;
  readonly promptTokens: Int32Array;
  readonly outputTokens: Int32Array;
  /** Prompt tokens found in the prefix cache. */
  readonly cachedPromptTokens: Int32Array;
  readonly ttftMs: Float64Array;
  readonly tpotMs: Float64Array;
  readonly e2eMs: Float64Array;
}

export const ITERATION_TYPES = ['prefill', 'decode', 'mixed'] as const;
export type IterationType = (typeof ITERATION_TYPES)[number];

/** One engine step as served. */
export interface IterationSample {
  readonly type: IterationType;
  /** Sequences in the batch. */
  readonly batchSize: number;
  /** New prompt tokens computed in the step, over all sequences; 0 in a decode step. */
  readonly promptTokens: number;
  /** Cached tokens read by the decoding sequences, over all of them; 0 in a prefill step. */
  readonly contextTokens: number;
  readonly timeMs: number;
}
export type IterationSamples = readonly IterationSample[];

/**
 * Latencies of a run of which only sums are known: a benchmark's summary, or the histograms of a Prometheus scrape.
 * Every figure may be missing (null).
 */
export interface LatencySummary {
  /** Mean arrival rate over the run, requests/s. */
  readonly rateQps: number;
  readonly requests: number;
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  readonly meanCachedPromptTokens: number;
  readonly ttft: LatencyFigures | null;
  readonly tpot: LatencyFigures | null;
  readonly e2e: LatencyFigures | null;
}

/** ms. Quantiles of a histogram are interpolated inside its buckets. */
export interface LatencyFigures {
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
}

export type TelemetrySeverity = 'error' | 'warning' | 'info';

/** One thing found in a telemetry file. */
export interface TelemetryFinding {
  /** e.g. `OUT_OF_ORDER`, `DUPLICATE`, `NEGATIVE`, `CLOCK_SKEW`, `UNITS`, `TOO_FEW`, `NO_VARIATION`. */
  readonly code: string;
  readonly severity: TelemetrySeverity;
  /** One sentence with the numbers. */
  readonly message: string;
  /** Rows (1 is the first sample) it was found in, at most the first 20, and how many in all. */
  readonly rows: readonly number[];
  readonly rowCount: number;
  /** Whether those rows are left out of what calibration reads. */
  readonly excluded: boolean;
  readonly whatToDo: string;
}
