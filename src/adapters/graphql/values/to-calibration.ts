import type { Observation } from '../../../app/ports/api';
import type { CalibrationJson, MetricErrorJson } from '../../../core/calibration/calibration-json';
import { camel } from '../inputs/to-document';
import type { CalibrationResult, MetricError } from '../types/calibration';

/** A calibration as it is stored, in the words of the API. */
export const toCalibrationResult = (json: CalibrationJson): CalibrationResult => ({
  verdict: json.verdict,
  parameters: {
    stepMs: json.parameters.step_ms,
    requestMs: json.parameters.request_ms,
    denseFactor: json.parameters.dense_factor,
    prefillAttentionFactor: json.parameters.prefill_attention_factor,
    decodeAttentionFactor: json.parameters.decode_attention_factor,
  },
  fitted: json.fitted.map((f) => ({
    ...f,
    name: camel(f.name) as CalibrationResult['fitted'][number]['name'],
  })),
  errorBefore: json.error_before.map(toMetricError),
  errorAfter: json.error_after.map(toMetricError),
  heldOut: json.held_out,
  fittedOn: json.fitted_on,
  heldOutObservations: json.held_out_observations,
  outlierShare: json.outlier_share,
  unpredictedObservations: json.unpredicted_observations,
});

const toMetricError = (error: MetricErrorJson): MetricError => ({
  metric: error.metric as MetricError['metric'],
  observations: error.observations,
  medianAbsoluteError: error.median_absolute_error,
  errorOfMean: error.error_of_mean,
});

/** Keeps the points for the field of that name: `pointCount` counts those that were not kept too. */
export const toPredictedVsObserved = ({ observed, ...of }: Observation) => ({
  ...of,
  metrics: observed.metrics.map(({ expected: [expectedLow, expectedHigh], ...metric }) => ({
    metric: metric.metric,
    observations: metric.observations,
    medianAbsoluteError: metric.medianAbsolute,
    uncalibratedMedianAbsoluteError: metric.medianAbsoluteUncalibrated,
    ratio: metric.ratio,
    expectedLow,
    expectedHigh,
    outside: metric.outside,
  })),
  allPoints: observed.points,
  pointCount: observed.pointCount,
  unpredictedObservations: observed.unpredicted,
});

export type PredictedVsObservedValue = ReturnType<typeof toPredictedVsObserved>;
