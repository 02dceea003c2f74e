import type { PlanRequest } from '../search/request';
import type { CandidateResult, PlanResult } from '../search/result';

/** What a run was computed from, besides its request. */
export interface PlanInputs {
  readonly engineVersion: string;
  readonly priceBookVersion: string;
  readonly catalogVersion: string;
  /** The profile behind each GPU type and tensor-parallel degree. */
  readonly profiles: readonly {
    readonly gpuId: string;
    readonly tensorParallel: number;
    readonly profileId: string;
    readonly contentHash: string;
    /** From another GPU or degree. */
    readonly scaled: boolean;
  }[];
  readonly calibrations: readonly {
    readonly gpuId: string;
    readonly tensorParallel: number;
    readonly id: string;
    readonly version: number | string;
  }[];
}

/** One finished run, as comparisons see it. */
export interface PlanSnapshot {
  /** How people call it. */
  readonly label: string;
  readonly request: PlanRequest;
  readonly result: Pick<PlanResult, 'candidates' | 'best' | 'frontier' | 'partial'>;
  readonly inputs: PlanInputs;
}

/** The figures of a candidate that comparisons show. */
export type CandidateFigures = Pick<
  CandidateResult,
  | 'configId'
  | 'deployment'
  | 'status'
  | 'reason'
  | 'maxQps'
  | 'maxQpsInterval'
  | 'samplingInterval'
  | 'binding'
> & {
  readonly costPerHourUsd: number | null;
  readonly qpsPerDollar: number | null;
};

export const figuresOf = (c: CandidateResult): CandidateFigures => ({
  configId: c.configId,
  deployment: c.deployment,
  status: c.status,
  reason: c.reason,
  maxQps: c.maxQps,
  maxQpsInterval: c.maxQpsInterval,
  samplingInterval: c.samplingInterval,
  binding: c.binding,
  costPerHourUsd: c.cost?.costPerHourUsd ?? null,
  qpsPerDollar: c.cost?.qpsPerDollar ?? null,
});

/** to ÷ from; null where one of them is not there, or from is 0. */
export const ratioOf = (from: number | null, to: number | null): number | null =>
  from === null || to === null || from === 0 ? null : to / from;

/** The 90% sampling intervals have no load in common. Errors of the time model are the same in both plans. */
export function beyondIntervals(
  from: Pick<CandidateFigures, 'samplingInterval'>,
  to: Pick<CandidateFigures, 'samplingInterval'>,
): boolean {
  const [a, b] = [from.samplingInterval, to.samplingInterval];
  return a !== null && b !== null && (a[1] < b[0] || b[1] < a[0]);
}
