import type { CandidateDetail, CandidateRecord } from '../../../app/ports/records';
import { isMet } from '../../../core/report/slo-compliance';
import type { TargetMetric } from '../../../core/search/request';
import type { SloCompliance } from '../types/candidate';

/** Which targets of a stored candidate hold; null for those that were not given or never simulated. */
export function toSloCompliance(
  { status, meetsAllTargets }: Pick<CandidateRecord, 'status' | 'meetsAllTargets'>,
  { targets }: Pick<CandidateDetail, 'targets'>,
): SloCompliance {
  const ofMetric = (metric: TargetMetric): boolean | null => {
    const outcomes = targets.filter(({ target }) => target.metric === metric);
    return outcomes.length === 0 ? null : outcomes.every(isMet);
  };
  const feasible = status === 'FEASIBLE' || status === 'CAPPED';
  return {
    meetsAllSlos: targets.length === 0 ? null : targets.every(isMet) && meetsAllTargets && feasible,
    ttftSloMet: ofMetric('ttft'),
    tbtSloMet: ofMetric('tbt'),
    tpotSloMet: ofMetric('tpot'),
    latencySloMet: ofMetric('e2e'),
  };
}
