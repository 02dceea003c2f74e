import type { Overhead } from '../engine/deployment';
import type { FittedProfile } from '../profile/fit-profile';
import { type CalibrationParameters, calibratedFit, calibratedOverhead } from './parameters';

/** A calibration as a plan uses it: for candidates of its GPU and degree whose times come from its profile. */
export interface ActiveCalibration {
  /** File or id, as it was given. */
  readonly name: string;
  /** The same for reports, which say there where it is not verified. */
  readonly id: string;
  readonly gpuId: string;
  readonly tensorParallel: number;
  readonly engineVersion: string;
  readonly profileId: string;
  readonly parameters: CalibrationParameters;
  /** Whether it was judged on held-out observations. Where not, it was used because somebody asked for it. */
  readonly verified: boolean;
  /** Median error of its predictions, 0..1: held out where verified, else of the observations it was fitted on. */
  readonly errorAfter: number;
  /** Uncalibrated predictions over its own: how far it moves them. */
  readonly uncalibratedRatio: number;
}

/** The calibration of a GPU and degree, where there is one for this profile. */
export function calibrationFor(
  calibrations: readonly ActiveCalibration[],
  of: { gpuId: string; tensorParallel: number; profileId: string; scaled: boolean },
): ActiveCalibration | null {
  if (of.scaled) return null;
  return (
    calibrations.find(
      (c) => c.gpuId === of.gpuId && c.tensorParallel === of.tensorParallel && c.profileId === of.profileId,
    ) ?? null
  );
}

/** Times and overhead of a candidate with its calibration; without one as they are. */
export const calibratedTimes = (
  times: { readonly fit: FittedProfile; readonly overhead: Overhead },
  calibration: ActiveCalibration | null,
): { readonly fit: FittedProfile; readonly overhead: Overhead } =>
  calibration === null
    ? times
    : {
        fit: calibratedFit(times.fit, calibration.parameters),
        overhead: calibratedOverhead(times.overhead, calibration.parameters),
      };
