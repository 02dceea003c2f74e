import { medianOf } from '../telemetry/quantile';
import type { Evidence, ObservedMetric } from './evidence';
import type { CalibrationParameters } from './parameters';
import { type Prior, parametersAt, priorPoint } from './priors';

/** Observations of one evidence that are fitted on: by index. */
export interface FitPart {
  readonly evidence: Evidence;
  readonly indices: readonly number[];
}

export interface RobustFit {
  readonly parameters: CalibrationParameters;
  /** On each prior's scale: the estimate, and what is left of the prior's spread. */
  readonly point: readonly number[];
  readonly std: readonly number[];
  /** Share of the observations so far off that they had no say. */
  readonly outlierShare: number;
}

/** The telemetry is cut into this many stretches, for the jackknife. */
const STRETCHES = 8;
/** Beyond this many robust standard deviations an observation has no say (Tukey's bisquare, 95% efficient for normal errors). */
const TUKEY = 4.685;
/** Times the median absolute error gives the standard deviation of normal errors. */
const MAD_TO_STD = 1.4826;
/**
 * Steps for the derivatives, as shares of the prior's spread: large against the jumps of a simulation, in which a request
 * that just misses a step changes what comes after.
 */
const STEP_OF_PRIOR = 0.3;
/**
 * The same jumps make the loss a bowl with a rough floor, on which a search that goes only downhill gets stuck. So every
 * Gauss-Newton step is taken, and the last ones are averaged.
 */
const ROUNDS = 12;
const AVERAGED = 5;

/**
 * The most plausible parameters: observed against predicted logarithms, robust against outliers, with the priors.
 * Gauss-Newton with iterated weights; every derivative is a replay.
 */
export function fitRobustly(parts: readonly FitPart[], priors: readonly Prior[]): RobustFit {
  let point = priorPoint(priors);
  const last: number[][] = [];
  let normal: NormalEquations | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    normal = normalEquations(parts, errorsAt(parts, point, priors), point, priors);
    const step = solve(normal.matrix, normal.right);
    point = point.map((value, i) => {
      const { lowest, highest, std } = priors[i]!;
      const by = Math.min(std, Math.max(-std, step[i]!));
      return Math.min(highest, Math.max(lowest, value + by));
    });
    if (round >= ROUNDS - AVERAGED) last.push(point);
  }
  point = point.map((_, i) => last.reduce((sum, p) => sum + p[i]!, 0) / last.length);
  return {
    parameters: parametersAt(point, priors),
    point,
    std: spreadOf(normal!, priors),
    outlierShare: normal!.outlierShare,
  };
}

/**
 * One standard deviation of each parameter: what is left of the prior's, or, where larger, what the estimate moves by when
 * one stretch of the telemetry is left out (jackknife). The latter knows that requests served together err together.
 */
function spreadOf({ matrix, right, stretches }: NormalEquations, priors: readonly Prior[]): number[] {
  const without = stretches.map((stretch) =>
    solve(
      matrix.map((row, a) => row.map((value, b) => value - stretch.matrix[a]![b]!)),
      right.map((value, a) => value - stretch.right[a]!),
    ),
  );
  const left = inverseDiagonal(matrix);
  return priors.map(({ std }, i) => {
    const mean = without.reduce((sum, step) => sum + step[i]!, 0) / without.length;
    const squares = without.reduce((sum, step) => sum + (step[i]! - mean) ** 2, 0);
    const jackknife = ((without.length - 1) / without.length) * squares;
    return Math.min(std, Math.sqrt(Math.max(left[i]!, jackknife)));
  });
}

/** Predicted over observed, logarithms, per part; NaN where nothing was predicted. */
function errorsAt(
  parts: readonly FitPart[],
  point: readonly number[],
  priors: readonly Prior[],
): Float64Array[] {
  const parameters = parametersAt(point, priors);
  return parts.map(({ evidence, indices }) => {
    const predicted = evidence.predictTypicalMs(parameters);
    return Float64Array.from(indices, (i) => Math.log(predicted[i]! / evidence.observedMs[i]!));
  });
}

interface NormalEquations {
  readonly matrix: number[][];
  readonly right: number[];
  /** What each stretch of the telemetry adds to them. */
  readonly stretches: readonly { readonly matrix: number[][]; readonly right: number[] }[];
  readonly outlierShare: number;
}

/** Weighted normal equations of one Gauss-Newton step, priors added. */
function normalEquations(
  parts: readonly FitPart[],
  errors: readonly Float64Array[],
  point: readonly number[],
  priors: readonly Prior[],
): NormalEquations {
  const n = priors.length;
  const matrix = priors.map((p, i) => priors.map((_, j) => (i === j ? 1 / p.std ** 2 : 0)));
  const right = priors.map((p, i) => (p.mean - point[i]!) / p.std ** 2);
  const derivatives = derivativesAt(parts, point, priors, STEP_OF_PRIOR);
  const scales = scalesOf(parts, errors);
  const stretches = Array.from({ length: STRETCHES }, () => ({
    matrix: priors.map(() => priors.map(() => 0)),
    right: priors.map(() => 0),
  }));
  let outliers = 0;
  let seen = 0;
  for (const [k, { evidence, indices }] of parts.entries()) {
    const end = indices.reduce((most, i) => Math.max(most, evidence.position[i]!), 0) + 1e-9;
    for (const [j, index] of indices.entries()) {
      const stretch = stretches[Math.floor((evidence.position[index]! / end) * STRETCHES)]!;
      const error = errors[k]![j]!;
      const row = derivatives.map((d) => d[k]![j]!);
      if (!Number.isFinite(error) || !row.every(Number.isFinite)) continue;
      const scale = scales[k]![j]!;
      const u = error / scale / TUKEY;
      seen++;
      if (Math.abs(u) >= 1) {
        outliers++;
        continue;
      }
      const weight = ((1 - u * u) ** 2 * evidence.weight) / scale ** 2;
      for (let a = 0; a < n; a++) {
        stretch.right[a]! -= weight * row[a]! * error;
        for (let b = 0; b < n; b++) stretch.matrix[a]![b]! += weight * row[a]! * row[b]!;
      }
    }
  }
  for (const stretch of stretches) {
    for (let a = 0; a < n; a++) {
      right[a]! += stretch.right[a]!;
      for (let b = 0; b < n; b++) matrix[a]![b]! += stretch.matrix[a]![b]!;
    }
  }
  return { matrix, right, stretches, outlierShare: seen === 0 ? 0 : outliers / seen };
}

/** Change of the errors per unit of each parameter, from differences of `share` of its prior's spread either way. */
function derivativesAt(
  parts: readonly FitPart[],
  point: readonly number[],
  priors: readonly Prior[],
  share: number,
): Float64Array[][] {
  return priors.map((prior, i) => {
    const above = shifted(point, i, prior.std * share, prior);
    const below = shifted(point, i, -prior.std * share, prior);
    const up = errorsAt(parts, above, priors);
    const down = errorsAt(parts, below, priors);
    const span = above[i]! - below[i]!;
    return up.map((values, k) => values.map((value, j) => (value - down[k]![j]!) / span));
  });
}

function shifted(point: readonly number[], i: number, by: number, { lowest, highest }: Prior): number[] {
  const next = [...point];
  next[i] = Math.min(highest, Math.max(lowest, next[i]! + by));
  return next;
}

/** Observations of one metric are judged in groups of similar size, of at least as many. */
const GROUP_SIZE = 40;
const MOST_GROUPS = 8;

/**
 * Robust spread of the error of each observation: that of its metric among those of similar size. A request that just
 * misses a step is late by one step, which is much of a short TTFT and little of a long one.
 */
function scalesOf(parts: readonly FitPart[], errors: readonly Float64Array[]): Float64Array[] {
  return parts.map(({ evidence, indices }, k) => {
    const scales = new Float64Array(indices.length);
    const byMetric = new Map<ObservedMetric, number[]>();
    for (const [j, index] of indices.entries()) {
      const metric = evidence.metric[index]!;
      const list = byMetric.get(metric);
      if (list === undefined) byMetric.set(metric, [j]);
      else list.push(j);
    }
    for (const list of byMetric.values()) {
      const bySize = list.sort(
        (a, b) => evidence.observedMs[indices[a]!]! - evidence.observedMs[indices[b]!]!,
      );
      const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(list.length / GROUP_SIZE)));
      for (let g = 0; g < groups; g++) {
        const from = Math.floor((g * list.length) / groups);
        const group = bySize.slice(from, Math.floor(((g + 1) * list.length) / groups));
        const sizes = group.map((j) => Math.abs(errors[k]![j]!)).filter(Number.isFinite);
        const scale = Math.max(evidence.leastError, MAD_TO_STD * (sizes.length === 0 ? 1 : medianOf(sizes)));
        for (const j of group) scales[j] = scale;
      }
    }
    return scales;
  });
}

/** Gauss-Jordan with pivoting; the priors keep the matrix positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const top = rows[column]!;
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / top[column]!;
      for (let j = column; j <= n; j++) rows[i]![j]! -= factor * top[j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

function inverseDiagonal(matrix: readonly (readonly number[])[]): number[] {
  return matrix.map(
    (_, i) =>
      solve(
        matrix,
        matrix.map((__, j) => (i === j ? 1 : 0)),
      )[i]!,
  );
}
