import type { Deployment, Overhead } from '../engine/deployment';
import type { TimeError } from '../uncertainty/time-error';
import type { PlanRequest, Target } from './request';

export const CANDIDATE_STATUSES = [
  'FEASIBLE',
  /** Feasible and not saturated at the end of the rate range: the true maximum is higher. */
  'CAPPED',
  'INFEASIBLE',
  'DOES_NOT_FIT',
  'OVER_BUDGET',
  'BELOW_MIN_QPS',
  'INVALID',
  'FAILED',
  /** Not reached before the search was stopped. */
  'NOT_EVALUATED',
] as const;
export type CandidateStatus = (typeof CANDIDATE_STATUSES)[number];

/** How the iteration times of a candidate are known, best first. */
export type TimeBasis = 'measured' | 'extrapolated' | 'scaled';

/** Quantiles of one latency over the measured window, ms. Infinity where requests never got there. */
export interface LatencySummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What one simulation measured. */
export interface SimulationMetrics {
  readonly requests: {
    readonly arrived: number;
    readonly completed: number;
    /** Still waiting or running when the simulation ended. */
    readonly unfinished: number;
    /** Refused by the server: longer than it accepts or than its KV cache. */
    readonly rejected: number;
  };
  readonly ttftMs: LatencySummary;
  readonly tbtMs: LatencySummary;
  readonly tpotMs: LatencySummary;
  readonly e2eMs: LatencySummary;
  readonly schedulingDelayMs: LatencySummary;
  readonly throughput: {
    readonly requestsPerS: number;
    readonly outputTokensPerS: number;
    readonly promptTokensPerS: number;
  };
  readonly iterations: number;
  readonly preemptions: number;
  /** 0..1, see the glossary. */
  readonly mfu: number;
  /** Time-weighted mean of (weights + activations + engine reserve + KV in use) ÷ GPU memory, 0..1. */
  readonly memoryUtilization: number;
  readonly kvUtilization: { readonly mean: number; readonly peak: number };
  /** Time-weighted mean number of requests in the running batch of one replica. */
  readonly meanBatchSize: number;
  /** Most requests running at once in one replica. */
  readonly peakBatchSize: number;
  /** Share of busy time spent in iterations outside the profile's measured range, 0..1. */
  readonly extrapolatedTimeFraction: number;
  readonly simulatedS: number;
  /** Share of the prompt tokens, of requests when they first ran, that was in the prefix cache, 0..1. Left out where nothing is cached. */
  readonly prefixCacheHitRate?: number;
}

/** One probe of the search: what happened at one arrival rate. */
export interface LoadPoint {
  readonly rateQps: number;
  readonly verdict: 'pass' | 'fail';
  /** The first target that failed, `queue` when the queue grows, null on a pass. */
  readonly failedOn: Target | 'queue' | null;
  /** True when the probe was stopped as soon as its failure was certain: quantiles are then of the requests so far. */
  readonly stoppedEarly: boolean;
  readonly ttftMs: LatencySummary;
  readonly tbtMs: LatencySummary;
  readonly tpotMs: LatencySummary;
  readonly e2eMs: LatencySummary;
}

/** One target at the candidate's max QPS. */
export interface TargetOutcome {
  readonly target: Target;
  /** The quantile reached, ms. */
  readonly valueMs: number;
  readonly met: boolean;
  /** (limit − value) ÷ limit; negative when missed. */
  readonly slack: number;
}

export interface CandidateCost {
  readonly costPerHourUsd: number;
  /** Null where the candidate sustains no load. */
  readonly costPer1kRequestsUsd: number | null;
  readonly costPerMillionInputTokensUsd: number | null;
  readonly costPerMillionOutputTokensUsd: number | null;
  readonly qpsPerDollar: number | null;
  /** The quote used, in words: provider, product, kind, date. */
  readonly priceSource: string;
}

/** How many KV tokens a replica has, and where its memory goes; bytes are per GPU. */
export interface MemoryPlan {
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly engineReserveBytes: number;
  readonly kvBytesPerToken: number;
  readonly numGpuBlocks: number;
  readonly source: 'computed' | 'profile' | 'request';
}

/** What a candidate would be said to sustain without its calibration. */
export interface UncalibratedOutcome {
  readonly status: 'FEASIBLE' | 'CAPPED' | 'INFEASIBLE' | 'FAILED';
  readonly maxQps: number | null;
  readonly targets: readonly TargetOutcome[];
}

export interface CandidateResult {
  /** 1-based position in the enumeration: stable between runs of one request. */
  readonly configId: number;
  readonly deployment: Deployment;
  readonly status: CandidateStatus;
  /** Why, for every status but FEASIBLE; one sentence with the numbers. Null for FEASIBLE. */
  readonly reason: string | null;
  readonly basis: TimeBasis | null;
  /** Profile the times come from, with what was done to it, e.g. `a100-80gb/llama-2-7b/tp1/… scaled to a10g`. */
  readonly profile: string | null;
  readonly overhead: Overhead | null;
  readonly memory: MemoryPlan | null;
  /** Sustainable QPS over all replicas; null where there is none. */
  readonly maxQps: number | null;
  /** 90% interval of `maxQps`: sampling noise, the error of the time model, and of scaling it. */
  readonly maxQpsInterval: readonly [number, number] | null;
  /** Of that, what comes from sampling alone: what two candidates with the same iteration times differ by. */
  readonly samplingInterval: readonly [number, number] | null;
  /** How far true step times may be from those used; null where nothing was simulated. */
  readonly timeError: TimeError | null;
  /** The calibration its times were corrected by; null: none. */
  readonly calibrationId: string | null;
  /** With a calibration: what the search finds without it. */
  readonly uncalibrated: UncalibratedOutcome | null;
  /** The target that fails first above `maxQps`, or (INFEASIBLE) even at the lowest rate; `queue`: saturation. */
  readonly binding: Target | 'queue' | null;
  /** Outcomes at `maxQps`; for INFEASIBLE at the lowest rate tried. Empty when nothing was simulated. */
  readonly targets: readonly TargetOutcome[];
  readonly meetsAllTargets: boolean;
  /** Metrics at `maxQps`; for INFEASIBLE at the lowest rate tried. */
  readonly metrics: SimulationMetrics | null;
  readonly loadCurve: readonly LoadPoint[];
  /** Null where no price is known or the candidate is INVALID. */
  readonly cost: CandidateCost | null;
}

export interface PlanResult {
  readonly request: PlanRequest;
  /** Every candidate, by configId. */
  readonly candidates: readonly CandidateResult[];
  /** configIds; null when no candidate is feasible. `tied`: within the best one's interval, cheapest first. */
  readonly best: number | null;
  readonly tied: readonly number[];
  /** The cheapest feasible candidate per hour, and the one with the highest QPS. */
  readonly budget: number | null;
  readonly premium: number | null;
  /** configIds not dominated in (cost per hour ↓, max QPS ↑), by cost. */
  readonly frontier: readonly number[];
  /** True when the search was interrupted: some candidates are NOT_EVALUATED. */
  readonly partial: boolean;
  /** Number of simulations run and their CPU time over all threads. */
  readonly simulations: number;
  readonly simulationCpuS: number;
  readonly engineVersion: string;
  /** Version (date) of the price book. */
  readonly priceBookVersion: string;
  /** Defaults taken and things read from the files, one sentence each. */
  readonly notes: readonly string[];
  /** Findings of the lint on the profiles used, one sentence each. */
  readonly warnings: readonly string[];
}
