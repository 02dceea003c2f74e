import type { SimulationSpan } from '../search/request';
import type { Trace, Workload } from '../workload/workload';
import type { Deployment, EngineSettings, Overhead } from './deployment';

/** A deployment as a person wrote it: engine settings not given are null and get the scheduler's defaults. */
export type DeploymentDraft = Omit<Deployment, keyof EngineSettings> & {
  readonly [K in keyof EngineSettings]: EngineSettings[K] | null;
};

/** One deployment under one load: what `simulate` runs. */
export interface SimulateRequest {
  /** Library id, directory or file, as written (relative paths resolved against the request's folder); null: the library's for the model. */
  readonly profile: string | null;
  /** Catalogue id; null: the profile's. */
  readonly modelId: string | null;
  readonly deployment: DeploymentDraft;
  readonly overhead: { readonly [K in keyof Overhead]: Overhead[K] | null };
  readonly load: /** A trace runs whole, at its own times, until its last request is done. */
    | { readonly kind: 'trace'; readonly trace: Trace }
    | { readonly kind: 'generated'; readonly workload: Workload; readonly rateQps: number };
  readonly simulation: SimulationSpan;
}
