import { medianOf } from '../telemetry/quantile';
import type { Telemetry } from '../telemetry/telemetry';
import type { Evidence, ObservedMetric, Served } from './evidence';
import { OBSERVED_METRICS } from './evidence';
import { evidenceOf } from './observations';
import { type CalibrationParameters, type ParameterName, uncalibrated } from './parameters';
import { priorsOf } from './priors';
import { fitRobustly } from './robust-fit';

/** Errors of predictions: |predicted ÷ observed − 1| and its signed mean's sign, by metric. Null: not observed. */
export interface MetricError {
  readonly metric: ObservedMetric;
  readonly observations: number;
  /** Median over the observations. */
  readonly medianAbsolute: number;
  /** Mean prediction ÷ mean observation − 1. */
  readonly ofMean: number;
}

export interface FittedParameter {
  readonly name: ParameterName;
  readonly value: number;
  readonly uncalibrated: number;
  /** One standard deviation either way: ms for overheads, a share of the value for factors. */
  readonly std: number;
  /** Whether the telemetry said more about it than was believed before. */
  readonly identified: boolean;
}

export interface Calibration {
  readonly parameters: CalibrationParameters;
  readonly fitted: readonly FittedParameter[];
  /** On the observations not fitted on; where there are too few, on all of them (`heldOut` false). */
  readonly heldOut: boolean;
  readonly errorBefore: readonly MetricError[];
  readonly errorAfter: readonly MetricError[];
  /** Observations fitted on, and held out. */
  readonly fittedOn: number;
  readonly heldOutCount: number;
  readonly outlierShare: number;
  /** Observations of requests that the deployment as described would refuse: neither fitted on nor judged. */
  readonly unpredicted: number;
  /**
   * Whether plans use it: where it helps on held-out observations; and where there are none, if it helps on those it
   * was fitted on and the caller accepts that.
   */
  readonly applied: boolean;
  /** One sentence. */
  readonly verdict: string;
}

export interface CalibrateInput {
  readonly sets: readonly { readonly served: Served; readonly telemetry: Telemetry }[];
  /** Share of each set, from its start, that is fitted on. */
  readonly fitShare: number;
  /** Use the correction also where nothing is held out to verify it. Default: no. */
  readonly acceptUnverified?: boolean;
}

/** With fewer observations held out their error says nothing. */
const LEAST_HELD_OUT = 10;
/** A parameter is identified when the telemetry leaves less than this share of the prior's spread. */
const IDENTIFIED = 0.5;
/** The correction must take at least this share of the error away to be used. */
const LEAST_GAIN = 0.02;

/** Fits the parameters on the first part of the telemetry and judges them on the rest. */
export function calibrate({ sets, fitShare, acceptUnverified = false }: CalibrateInput): Calibration {
  const { overhead } = sets[0]!.served;
  const priors = priorsOf(overhead);
  const evidence = sets.flatMap(({ served, telemetry }) => evidenceOf(served, telemetry));
  const parts = evidence.map((e) => ({ evidence: e, indices: indicesOf(e, (at) => at < fitShare) }));
  const rest = evidence.map((e) => ({ evidence: e, indices: indicesOf(e, (at) => at >= fitShare) }));
  const fit = fitRobustly(parts, priors);
  const before = uncalibrated(overhead);
  const errorsOfRest = errorsOf(rest, before);
  const heldOutCount = countOf(errorsOfRest);
  const heldOut = heldOutCount >= LEAST_HELD_OUT;
  const judged = heldOut ? rest : parts;
  const unpredicted = evidence.reduce((sum, e) => sum + e.predictMs(before).filter(Number.isNaN).length, 0);
  const errorBefore = heldOut ? errorsOfRest : errorsOf(judged, before);
  const errorAfter = errorsOf(judged, fit.parameters);
  const gain = 1 - overall(errorAfter) / overall(errorBefore);
  const applied = gain >= LEAST_GAIN && (heldOut || acceptUnverified);
  return {
    parameters: fit.parameters,
    fitted: priors.map(({ name, std }, i) => ({
      name,
      value: fit.parameters[name],
      uncalibrated: before[name],
      std: fit.std[i]!,
      identified: fit.std[i]! < IDENTIFIED * std,
    })),
    heldOut,
    errorBefore,
    errorAfter,
    fittedOn: parts.reduce((sum, { indices }) => sum + indices.length, 0),
    heldOutCount,
    outlierShare: fit.outlierShare,
    unpredicted,
    applied,
    verdict: verdictOf({
      nothing: errorBefore.length === 0,
      heldOut,
      heldOutCount,
      applied,
      acceptUnverified,
      before: overall(errorBefore),
      after: overall(errorAfter),
    }),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

function verdictOf(of: {
  nothing: boolean;
  heldOut: boolean;
  heldOutCount: number;
  applied: boolean;
  acceptUnverified: boolean;
  before: number;
  after: number;
}): string {
  if (of.nothing)
    return 'not applied: the deployment as described would refuse every request (max_model_len, KV cache), so there is nothing to compare';
  const change = `median error ${percent(of.before)} before and ${percent(of.after)} after`;
  if (!of.heldOut) {
    const why = `${of.heldOutCount} observations are held out, ${LEAST_HELD_OUT} are needed to judge it (on those it was fitted on: ${change})`;
    if (of.applied) return `not verified on held-out observations, applied as asked: ${why}`;
    return of.acceptUnverified
      ? `not applied, as it does not even help where it was fitted: ${why}`
      : `not applied: ${why}`;
  }
  const on = `on ${of.heldOutCount} held-out observations: ${change}`;
  return of.applied ? `helps ${on}` : `does not help ${on}; not applied`;
}

function indicesOf(evidence: Evidence, wanted: (position: number) => boolean): number[] {
  const indices: number[] = [];
  for (const [i, at] of evidence.position.entries()) if (wanted(at)) indices.push(i);
  return indices;
}

type Part = { readonly evidence: Evidence; readonly indices: readonly number[] };

/** Errors over all parts together, by metric. */
function errorsOf(parts: readonly Part[], parameters: CalibrationParameters): MetricError[] {
  const gathered = new Map<ObservedMetric, { absolute: number[]; predicted: number; observed: number }>();
  for (const { evidence, indices } of parts) {
    const predicted = evidence.predictMs(parameters);
    for (const i of indices) {
      const ours = predicted[i]!;
      const theirs = evidence.observedMs[i]!;
      if (!Number.isFinite(ours)) continue;
      const metric = evidence.metric[i]!;
      const known = gathered.get(metric) ?? { absolute: [], predicted: 0, observed: 0 };
      gathered.set(metric, known);
      known.absolute.push(Math.abs(ours / theirs - 1));
      known.predicted += ours;
      known.observed += theirs;
    }
  }
  return OBSERVED_METRICS.flatMap((metric) => {
    const of = gathered.get(metric);
    if (of === undefined) return [];
    return {
      metric,
      observations: of.absolute.length,
      medianAbsolute: medianOf(of.absolute),
      ofMean: of.predicted / of.observed - 1,
    };
  });
}

const countOf = (errors: readonly MetricError[]): number =>
  errors.reduce((sum, { observations }) => sum + observations, 0);

/** One figure for all metrics: the mean of their medians. */
const overall = (errors: readonly MetricError[]): number =>
  errors.reduce((sum, { medianAbsolute }) => sum + medianAbsolute, 0) / Math.max(1, errors.length);
