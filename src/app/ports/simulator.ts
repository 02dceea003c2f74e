import type { SimulateRequest } from '../../core/engine/request';
import type { Profile } from '../../core/profile/profile';
import type { DeploymentRun } from '../simulate-deployment';

/** Simulates one deployment on a thread of its own, so that the caller's stays free. */
export interface Simulator {
  simulate(order: {
    readonly request: SimulateRequest;
    /** Null: the library's for the request's model. */
    readonly profile: Profile | null;
    readonly acceptProfileErrors: boolean;
  }): Promise<Omit<DeploymentRun, 'requests'>>;
  close(): Promise<void>;
}
