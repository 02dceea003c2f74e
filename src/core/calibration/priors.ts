import type { Overhead } from '../engine/deployment';
import { type CalibrationParameters, type ParameterName, uncalibrated } from './parameters';

/**
 * What is believed of a parameter before any telemetry: normal around the uncalibrated value, in ms for overheads, in
 * the logarithm for factors.
 */
export interface Prior {
  readonly name: ParameterName;
  readonly scale: 'linear' | 'log';
  /** On that scale. */
  readonly mean: number;
  readonly std: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Spread of the factors: what kernels of one engine version differ from the next and from a server's (dense) and what
 * the library's attention times differ between sources. Overheads: half of the default, and at least half a
 * millisecond per step; several milliseconds per request, since API servers differ that much.
 */
const STD = { factor: { dense: 0.1, attention: 0.25 }, stepMs: { relative: 0.5, least: 0.5 }, requestMs: 5 };

/** Factors are kept within 4 times either way: beyond it the profile is of something else. */
const FACTOR_BOUND = Math.log(4);

export function priorsOf(overhead: Overhead): readonly Prior[] {
  const factor = (name: ParameterName, std: number): Prior => ({
    name,
    scale: 'log',
    mean: 0,
    std,
    lowest: -FACTOR_BOUND,
    highest: FACTOR_BOUND,
  });
  const overheadOf = (name: ParameterName, mean: number, std: number): Prior => ({
    name,
    scale: 'linear',
    mean,
    std,
    lowest: 0,
    highest: Number.POSITIVE_INFINITY,
  });
  const { stepMs, requestMs } = overhead;
  return [
    overheadOf('stepMs', stepMs, Math.max(STD.stepMs.least, stepMs * STD.stepMs.relative)),
    overheadOf('requestMs', requestMs, STD.requestMs),
    factor('denseFactor', STD.factor.dense),
    factor('prefillAttentionFactor', STD.factor.attention),
    factor('decodeAttentionFactor', STD.factor.attention),
  ];
}

/** A point of the fit's space as parameters. */
export function parametersAt(point: readonly number[], priors: readonly Prior[]): CalibrationParameters {
  const parameters: Record<ParameterName, number> = {
    ...uncalibrated({ stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 }),
  };
  for (const [i, { name, scale }] of priors.entries())
    parameters[name] = scale === 'log' ? Math.exp(point[i]!) : point[i]!;
  return parameters;
}

export const priorPoint = (priors: readonly Prior[]): number[] => priors.map(({ mean }) => mean);
