import type { ActiveCalibration } from '../calibration/active-calibration';
import type { CrossValidation } from '../profile/cross-validate';
import type { Shard } from '../profile/scale-profile';
import { transferError } from '../profile/transfer-error';
import { combineErrors, errorOfMedian, errorOfStd, NATIVE_ERROR, type TimeError } from './time-error';

/**
 * Standard deviation of a profile too small to leave rows out of: as of the small ones among those that are not. Of the
 * library's ten profiles with under 60 rows it is the median, of prefill and decode the worse
 * (`node scripts/accuracy-residuals.mjs`).
 */
const TOO_SMALL_STD = 0.045;

/**
 * What a profile says of steps between its rows, by cross-validation; of prefill and decode the worse, since the mix of
 * the two is the workload's.
 */
export function residualError({ prefill, decode }: CrossValidation): TimeError {
  return errorOfStd(Math.max(prefill ?? TOO_SMALL_STD, decode ?? TOO_SMALL_STD));
}

/** Of the times a deployment is given: calibrated, scaled from another GPU or degree (`scaled`: from and to), or neither. */
export function timeErrorOf(
  residual: TimeError,
  of: { readonly calibration: ActiveCalibration | null; readonly scaled: readonly [Shard, Shard] | null },
): TimeError {
  if (of.calibration !== null) return calibratedError(residual, of.calibration);
  return of.scaled === null ? nativeError(residual) : scaledError(residual, ...of.scaled);
}

/**
 * Of a profile of the very GPU and degree: what runs differ from such profiles by, and its own residual. The former was
 * measured with profiles that have residuals too, so the two together are on the wide side.
 */
export const nativeError = (residual: TimeError): TimeError => combineErrors(NATIVE_ERROR, residual);

/** Of a profile scaled from another GPU or degree: of prefill and decode, the wider end each way. */
export function scaledError(residual: TimeError, from: Shard, to: Shard): TimeError {
  const { prefill, decode } = transferError({ from, to });
  return combineErrors(nativeError(residual), {
    lowRatio: Math.min(prefill.lowRatio, decode.lowRatio),
    highRatio: Math.max(prefill.highRatio, decode.highRatio),
  });
}

/**
 * Of calibrated times: the error held out, and the profile's residual, since a plan meets other batches and contexts than
 * the telemetry did.
 *
 * A calibration that was not verified on held-out observations may help or harm. So its times count as no better known
 * than those without any, and the interval also reaches back to the uncalibrated times.
 */
export function calibratedError(residual: TimeError, calibration: ActiveCalibration): TimeError {
  const { errorAfter, verified, uncalibratedRatio } = calibration;
  const fitted = combineErrors(errorOfMedian(errorAfter), residual);
  if (verified) return fitted;
  return combineErrors(fitted, NATIVE_ERROR, {
    lowRatio: Math.min(1, uncalibratedRatio),
    highRatio: Math.max(1, uncalibratedRatio),
  });
}
