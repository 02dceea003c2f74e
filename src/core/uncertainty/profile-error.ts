import type { FittedProfile } from '../profile/fit-profile';
import type { Shard } from '../profile/scale-profile';
import { transferError } from '../profile/transfer-error';
import { combineErrors, errorOfStd, NATIVE_ERROR, type TimeError } from './time-error';

/** Of a profile of the very GPU and degree: what runs differ from such profiles by, and its own contradictions. */
export const nativeError = (fit: FittedProfile): TimeError =>
  combineErrors(NATIVE_ERROR, errorOfStd(fit.residual.rms));

/** Of a profile scaled from another GPU or degree: of prefill and decode, the wider end each way. */
export function scaledError(fit: FittedProfile, from: Shard, to: Shard): TimeError {
  const { prefill, decode } = transferError({ from, to });
  return combineErrors(nativeError(fit), {
    lowRatio: Math.min(prefill.lowRatio, decode.lowRatio),
    highRatio: Math.max(prefill.highRatio, decode.highRatio),
  });
}
