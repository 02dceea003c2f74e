import { type Drift, driftOf } from './drift';
import type { PredictedVsObserved } from './predicted-vs-observed';

/** Telemetry beside its predictions, as it is written to a file. Times in ms. */
export interface ObservationJson {
  readonly predictions: string;
  readonly drift: Drift;
  readonly unpredicted_observations: number;
  readonly metrics: readonly {
    readonly metric: string;
    readonly observations: number;
    /** Median of |predicted ÷ observed − 1|. */
    readonly median_absolute_error: number;
    readonly uncalibrated_median_absolute_error: number;
    /** Median of observed ÷ predicted, and the 90% interval that the predictions allow it. */
    readonly ratio: number;
    readonly expected: readonly [number, number];
    readonly outside: boolean;
  }[];
  readonly points: readonly {
    readonly metric: string;
    /** In the telemetry, from 0 to below 1. */
    readonly position: number;
    readonly observed_ms: number;
    readonly predicted_ms: number;
    readonly uncalibrated_ms: number;
  }[];
}

export const observationJson = (observed: PredictedVsObserved, predictions: string): ObservationJson => ({
  predictions,
  drift: driftOf(observed, predictions),
  unpredicted_observations: observed.unpredicted,
  metrics: observed.metrics.map((m) => ({
    metric: m.metric,
    observations: m.observations,
    median_absolute_error: m.medianAbsolute,
    uncalibrated_median_absolute_error: m.medianAbsoluteUncalibrated,
    ratio: m.ratio,
    expected: m.expected,
    outside: m.outside,
  })),
  points: observed.points.map((p) => ({
    metric: p.metric,
    position: p.position,
    observed_ms: p.observedMs,
    predicted_ms: p.predictedMs,
    uncalibrated_ms: p.uncalibratedMs,
  })),
});
