import type { Target, TargetMetric } from '../search/request';
import type { CandidateResult, CandidateStatus, TargetOutcome } from '../search/result';
import { isFeasible } from './candidates';

/** Whether targets are met; null: no such target was given, or nothing was simulated. A failed simulation meets nothing. */
export interface SloCompliance {
  /** True only for a candidate that can be recommended: it also is within the budget and above min_qps. */
  readonly meetsAll: boolean | null;
  readonly byMetric: Readonly<Record<TargetMetric, boolean | null>>;
}

export function sloCompliance(candidate: CandidateResult, requested: readonly Target[]): SloCompliance {
  const verdict = (targets: readonly Target[]): boolean | null =>
    NEVER_SIMULATED.includes(candidate.status) ? null : allMet(candidate, targets);
  const ofMetric = (metric: TargetMetric) => verdict(requested.filter((target) => target.metric === metric));
  const all = verdict(requested);
  return {
    meetsAll: all === true ? candidate.meetsAllTargets && isFeasible(candidate) : all,
    byMetric: { ttft: ofMetric('ttft'), tbt: ofMetric('tbt'), tpot: ofMetric('tpot'), e2e: ofMetric('e2e') },
  };
}

/** A value of NaN is a latency nobody had (no gaps between one-token answers): met if the search says so. */
export function isMet({ met, valueMs }: TargetOutcome): boolean {
  return met && valueMs !== Number.POSITIVE_INFINITY;
}

const NEVER_SIMULATED: readonly CandidateStatus[] = ['DOES_NOT_FIT', 'INVALID', 'FAILED', 'NOT_EVALUATED'];

/** One miss decides; without a miss, one target whose outcome is unknown leaves the whole unknown. */
function allMet(candidate: CandidateResult, targets: readonly Target[]): boolean | null {
  if (targets.length === 0) return null;
  const outcomes = targets.map((target) => {
    const outcome = candidate.targets.find(
      (o) => o.target.metric === target.metric && o.target.quantile === target.quantile,
    );
    return outcome === undefined ? null : isMet(outcome);
  });
  if (outcomes.includes(false)) return false;
  return outcomes.includes(null) ? null : true;
}
