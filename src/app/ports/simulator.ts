import type { ActiveCalibration } from '../../core/calibration/active-calibration';
import type { PredictedVsObserved } from '../../core/calibration/predicted-vs-observed';
import type { SimulateRequest } from '../../core/engine/request';
import type { Profile } from '../../core/profile/profile';
import type { Telemetry } from '../../core/telemetry/telemetry';
import type { ReadTelemetry } from '../../formats/read-telemetry';
import type { CalibratedDeployment } from '../calibrate-telemetry';
import type { DeploymentRun } from '../simulate-deployment';

/** The profile of an order; null: the library's for its model. */
export interface OnProfile {
  readonly profile: Profile | null;
  readonly acceptProfileErrors: boolean;
}

/** Points of a comparison that cross threads; for a plot, more is nothing but waiting. */
export const POINTS_MAX = 5_000;

/** At most `POINTS_MAX` points, evenly taken of `pointCount`. */
export type ObservedOnThread = PredictedVsObserved & { readonly pointCount: number };

/** Simulates single deployments, and reads what is compared with them, on threads of its own, so that the caller's stays free. Rejects with an InputError as the use cases do. */
export interface Simulator {
  simulate(
    order: OnProfile & { readonly request: SimulateRequest },
  ): Promise<Omit<DeploymentRun, 'requests'>>;
  calibrate(
    order: OnProfile & {
      readonly telemetry: readonly Telemetry[];
      readonly fitShare: number;
      readonly acceptUnverified: boolean;
    },
  ): Promise<CalibratedDeployment>;
  /** `value`: a telemetry document, which may name no files; `source` names it in errors. */
  readTelemetry(order: {
    readonly source: string;
    readonly value: unknown;
    /** The stored one that it names; null: the library's for its model. */
    readonly profile: Profile | null;
  }): Promise<ReadTelemetry>;
  observe(
    order: OnProfile & { readonly telemetry: Telemetry; readonly calibration: ActiveCalibration | null },
  ): Promise<ObservedOnThread>;
  close(): Promise<void>;
}
