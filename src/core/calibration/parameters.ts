import type { Overhead } from '../engine/deployment';
import type { FittedProfile } from '../profile/fit-profile';
import { evaluate, type Surface } from '../profile/monotone-surface';

/** What a calibration corrects: the overheads, and a factor on each part of a step's time. */
export interface CalibrationParameters {
  /** Added to every engine step, ms: replaces the overhead of the same name. */
  readonly stepMs: number;
  /** API server work of one request, ms: replaces the overhead of the same name. */
  readonly requestMs: number;
  /** Times everything but attention. */
  readonly denseFactor: number;
  /** Times the attention of prefill chunks. */
  readonly prefillAttentionFactor: number;
  /** Times the attention of decodes. */
  readonly decodeAttentionFactor: number;
}

export const PARAMETER_NAMES = [
  'stepMs',
  'requestMs',
  'denseFactor',
  'prefillAttentionFactor',
  'decodeAttentionFactor',
] as const satisfies readonly (keyof CalibrationParameters)[];
export type ParameterName = (typeof PARAMETER_NAMES)[number];

/** The parameters that leave predictions as they are. */
export const uncalibrated = (overhead: Overhead): CalibrationParameters => ({
  stepMs: overhead.stepMs,
  requestMs: overhead.requestMs,
  denseFactor: 1,
  prefillAttentionFactor: 1,
  decodeAttentionFactor: 1,
});

export const calibratedOverhead = (overhead: Overhead, parameters: CalibrationParameters): Overhead => ({
  ...overhead,
  stepMs: parameters.stepMs,
  requestMs: parameters.requestMs,
});

/** The fitted profile with its parts scaled. With factors of 1 the same to the last bit. */
export function calibratedFit(fit: FittedProfile, parameters: CalibrationParameters): FittedProfile {
  const { denseFactor, prefillAttentionFactor, decodeAttentionFactor } = parameters;
  const { prefill, decode, decodeAttention } = fit;
  return {
    ...fit,
    prefill: scaleParts(prefill, {
      part: (i, value) => value - evaluate(prefill, prefill.xs[i]!, 0),
      rest: denseFactor,
      factor: prefillAttentionFactor,
      slopeX: denseFactor,
      slopeY: prefillAttentionFactor,
    }),
    decode: scaleParts(decode, {
      // Noise may leave more attention than there is time.
      part: (_, value, at) => Math.min(value, decodeAttention.values[at]!),
      rest: denseFactor,
      factor: decodeAttentionFactor,
      slopeX: denseFactor,
      slopeY: decodeAttentionFactor,
    }),
    decodeAttention: scaleParts(decodeAttention, {
      part: (_, value) => value,
      rest: 1,
      factor: decodeAttentionFactor,
      slopeX: decodeAttentionFactor,
      slopeY: decodeAttentionFactor,
    }),
  };
}

/** Splits every value into a part and the rest, scales both, and keeps the surface from falling. */
function scaleParts(
  surface: Surface,
  by: {
    part: (row: number, value: number, at: number) => number;
    rest: number;
    factor: number;
    slopeX: number;
    slopeY: number;
  },
): Surface {
  const width = surface.ys.length;
  const values = new Float64Array(surface.values.length);
  for (let at = 0; at < values.length; at++) {
    const row = Math.floor(at / width);
    const value = surface.values[at]!;
    const part = by.part(row, value, at);
    let scaled = value * by.rest + part * (by.factor - by.rest);
    if (row > 0) scaled = Math.max(scaled, values[at - width]!);
    if (at % width > 0) scaled = Math.max(scaled, values[at - 1]!);
    values[at] = scaled;
  }
  return {
    ...surface,
    values,
    slopeX: surface.slopeX * by.slopeX,
    slopeY: surface.slopeY * by.slopeY,
  };
}
