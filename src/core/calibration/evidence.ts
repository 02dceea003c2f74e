import type { ReplicaParts } from '../engine/replica-config';
import type { CalibrationParameters } from './parameters';

export const OBSERVED_METRICS = ['ttft', 'tpot', 'e2e', 'iteration'] as const;
export type ObservedMetric = (typeof OBSERVED_METRICS)[number];

/** Observed times, and what the time model makes of the same requests or steps. Parallel arrays, one entry an observation. */
export interface Evidence {
  readonly metric: readonly ObservedMetric[];
  readonly observedMs: Float64Array;
  /** Position of each observation in its telemetry, in [0, 1): the first part is fitted on, the rest held out. */
  readonly position: Float64Array;
  /**
   * How many independent observations one of these stands for. Requests served together share their steps, so each
   * counts for less than one.
   */
  readonly weight: number;
  /**
   * An error of one observation (relative) never counts as smaller: what cannot be told from the rounding of what was
   * recorded, or, of a mean over many requests, from what no parameters explain.
   */
  readonly leastError: number;
  /** Predicted times, ms; NaN where the deployment would refuse the request. */
  predictMs(parameters: CalibrationParameters): Float64Array;
  /** The same without the accidents of one run: geometric means over runs whose requests arrive slightly apart. */
  predictTypicalMs(parameters: CalibrationParameters): Float64Array;
}

/** The deployment under observation: what one replica needs to be simulated. */
export type Served = Omit<ReplicaParts, 'plainStepping'>;
