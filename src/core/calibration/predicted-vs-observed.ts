import { medianOf } from '../telemetry/quantile';
import type { Telemetry } from '../telemetry/telemetry';
import { combineErrors, errorOfStd, type TimeError } from '../uncertainty/time-error';
import type { Evidence, ObservedMetric, Served } from './evidence';
import { OBSERVED_METRICS } from './evidence';
import { evidenceOf } from './observations';
import { type CalibrationParameters, uncalibrated } from './parameters';

/** What telemetry shows beside what the time model, corrected or not, says of the same requests and steps. */
export interface PredictedVsObserved {
  readonly metrics: readonly MetricComparison[];
  readonly points: readonly ObservedPoint[];
  /** Observations of requests that the deployment as described would refuse: not compared. */
  readonly unpredicted: number;
}

export interface MetricComparison {
  readonly metric: ObservedMetric;
  readonly observations: number;
  /** Median of |predicted ÷ observed − 1|. */
  readonly medianAbsolute: number;
  /** The same without the calibration; equal where there is none. */
  readonly medianAbsoluteUncalibrated: number;
  /** Median of observed ÷ predicted. */
  readonly ratio: number;
  /** The same of step times that the predictions allow for, and the noise of as many observations: 90%. */
  readonly expected: readonly [number, number];
  /** The ratio is not in the expected interval. */
  readonly outside: boolean;
}

export interface ObservedPoint {
  readonly metric: ObservedMetric;
  /** In its telemetry, in [0, 1). */
  readonly position: number;
  readonly observedMs: number;
  readonly predictedMs: number;
  readonly uncalibratedMs: number;
}

/**
 * Serves the telemetry's requests again and compares. `parameters` null: without a calibration. `timeError`: what is
 * believed of the step times; latencies are predicted at both its ends, so that under load, where a small error of the
 * times makes a long queue, as much is allowed for.
 */
export function predictedVsObserved(of: {
  readonly served: Served;
  readonly telemetry: Telemetry;
  readonly parameters: CalibrationParameters | null;
  readonly timeError: TimeError;
}): PredictedVsObserved {
  const { served, telemetry, timeError } = of;
  const plain = uncalibrated(served.overhead);
  const used = of.parameters ?? plain;
  const compared = evidenceOf(served, telemetry).map((evidence): Compared => {
    const predictedMs = evidence.predictMs(used);
    return {
      evidence,
      predictedMs,
      uncalibratedMs: of.parameters === null ? predictedMs : evidence.predictMs(plain),
      fastMs: evidence.predictMs(withTimes(used, timeError.lowRatio)),
      slowMs: evidence.predictMs(withTimes(used, timeError.highRatio)),
    };
  });
  const points = compared.flatMap(pointsOf);
  const total = compared.reduce((sum, { evidence }) => sum + evidence.metric.length, 0);
  return {
    metrics: OBSERVED_METRICS.flatMap((metric) => comparisonOf(metric, compared) ?? []),
    points,
    unpredicted: total - points.length,
  };
}

interface Compared {
  readonly evidence: Evidence;
  readonly predictedMs: Float64Array;
  readonly uncalibratedMs: Float64Array;
  readonly fastMs: Float64Array;
  readonly slowMs: Float64Array;
}

/** Every time `factor` times as long. */
const withTimes = (p: CalibrationParameters, factor: number): CalibrationParameters => ({
  stepMs: p.stepMs * factor,
  requestMs: p.requestMs * factor,
  denseFactor: p.denseFactor * factor,
  prefillAttentionFactor: p.prefillAttentionFactor * factor,
  decodeAttentionFactor: p.decodeAttentionFactor * factor,
});

/** Times the median absolute deviation gives the standard deviation of normal errors, and that the one of their median. */
const MAD_TO_STD = 1.4826;
const STD_OF_MEDIAN = 1.2533;

function comparisonOf(metric: ObservedMetric, compared: readonly Compared[]): MetricComparison | null {
  const seen = compared.flatMap(({ evidence, ...predicted }) =>
    [...evidence.metric.keys()]
      .filter((i) => evidence.metric[i] === metric && Number.isFinite(predicted.predictedMs[i]))
      .map((i) => {
        const observedMs = evidence.observedMs[i]!;
        const predictedMs = predicted.predictedMs[i]!;
        return {
          weight: evidence.weight,
          ratio: observedMs / predictedMs,
          error: Math.abs(predictedMs / observedMs - 1),
          uncalibratedError: Math.abs(predicted.uncalibratedMs[i]! / observedMs - 1),
          fast: predicted.fastMs[i]! / predictedMs,
          slow: predicted.slowMs[i]! / predictedMs,
        };
      }),
  );
  if (seen.length === 0) return null;
  const median = (value: (of: (typeof seen)[number]) => number) => medianOf(seen.map(value));
  const ratio = median((s) => s.ratio);
  const independent = Math.max(
    1,
    seen.reduce((sum, { weight }) => sum + Math.min(1, weight), 0),
  );
  const spread = MAD_TO_STD * median((s) => Math.abs(Math.log(s.ratio / ratio)));
  const noise = errorOfStd((STD_OF_MEDIAN * spread) / Math.sqrt(independent));
  const { lowRatio, highRatio } = combineErrors(
    {
      lowRatio: Math.min(
        1,
        median((s) => s.fast),
      ),
      highRatio: Math.max(
        1,
        median((s) => s.slow),
      ),
    },
    noise,
  );
  return {
    metric,
    observations: seen.length,
    medianAbsolute: median((s) => s.error),
    medianAbsoluteUncalibrated: median((s) => s.uncalibratedError),
    ratio,
    expected: [lowRatio, highRatio],
    outside: ratio < lowRatio || ratio > highRatio,
  };
}

const pointsOf = ({ evidence, predictedMs, uncalibratedMs }: Compared): ObservedPoint[] =>
  [...evidence.metric.entries()].flatMap(([i, metric]) =>
    Number.isFinite(predictedMs[i])
      ? {
          metric,
          position: evidence.position[i]!,
          observedMs: evidence.observedMs[i]!,
          predictedMs: predictedMs[i]!,
          uncalibratedMs: uncalibratedMs[i]!,
        }
      : [],
  );
