import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { Deployment, Overhead } from '../engine/deployment';
import type { FittedProfile } from '../profile/fit-profile';
import type { Workload } from '../workload/workload';
import type { Target } from './request';
import type { LoadPoint, MemoryPlan, SimulationMetrics, TargetOutcome, UncalibratedOutcome } from './result';

/** What all candidates of a plan share. Plain data: it is sent to each thread once. */
export interface PlanContext {
  readonly workload: Workload;
  readonly model: ModelSpec;
  readonly targets: readonly Target[];
  readonly rateRangeQps: readonly [number, number];
  readonly durationS: number;
  readonly warmupS: number;
  readonly randomSeed: number;
}

/**
 * Candidates that differ only in replicas, batch size and engine settings: they use one fitted profile, and what one
 * of them learns (a probe whose batch never filled, a place to start the search) serves the next. The unit of work of
 * a thread: evaluated in order by one thread, so results do not depend on how many threads there are.
 */
export interface Family {
  readonly gpu: Gpu;
  readonly fit: FittedProfile;
  readonly overhead: Overhead;
  /** With a calibration: what they were before, to be searched too. */
  readonly uncalibrated: { readonly fit: FittedProfile; readonly overhead: Overhead } | null;
  /** 8-bit or 16-bit peak of the GPU, for MFU. */
  readonly peakFlopsPerS: number;
  readonly members: readonly FamilyMember[];
}

export interface FamilyMember {
  readonly configId: number;
  readonly deployment: Deployment;
  readonly memory: MemoryPlan;
}

/** What simulation finds for one member; cost and budget are not its business. */
export interface Evaluation {
  readonly configId: number;
  readonly status: 'FEASIBLE' | 'CAPPED' | 'INFEASIBLE' | 'FAILED';
  readonly reason: string | null;
  readonly maxQps: number | null;
  /** 90%, of sampling noise alone. */
  readonly samplingInterval: readonly [number, number] | null;
  readonly binding: Target | 'queue' | null;
  readonly targets: readonly TargetOutcome[];
  readonly metrics: SimulationMetrics | null;
  readonly loadCurve: readonly LoadPoint[];
  readonly uncalibrated: UncalibratedOutcome | null;
  /** Simulations run for this member (shared ones count for the first). */
  readonly simulations: number;
}
