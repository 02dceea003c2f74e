import type { ActiveCalibration } from '../core/calibration/active-calibration';
import { type PredictedVsObserved, predictedVsObserved } from '../core/calibration/predicted-vs-observed';
import { crossValidate } from '../core/profile/cross-validate';
import type { Telemetry } from '../core/telemetry/telemetry';
import { residualError, timeErrorOf } from '../core/uncertainty/profile-error';
import { type ObservedInput, servedBy, servingOf } from './calibrate-telemetry';
import { subjectOf } from './check-profile';

/** Compares telemetry with what a plan would say of its deployment, with the calibration or (null) without one. */
export function observeTelemetry(
  telemetry: Telemetry,
  input: ObservedInput & { readonly calibration: ActiveCalibration | null },
): PredictedVsObserved {
  const { calibration, catalog } = input;
  const serving = servingOf(telemetry, input);
  const { named, profile, gpu, model } = serving;
  const { tensorParallel } = serving.deployment;
  const from = { gpu: subjectOf(named, catalog).gpu, tensorParallel: named.tensorParallel };
  return predictedVsObserved({
    served: servedBy(serving),
    telemetry,
    parameters: calibration?.parameters ?? null,
    timeError: timeErrorOf(residualError(crossValidate(profile, { gpu, model })), {
      calibration,
      scaled: profile === named ? null : [from, { gpu, tensorParallel }],
    }),
  });
}
