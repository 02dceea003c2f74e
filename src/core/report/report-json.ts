import { CANDIDATE_STATUSES, type CandidateStatus, type PlanResult } from '../search/result';
import { adviseWhenNothingFits } from './advise';
import { bestConfigurationJson, candidateJson, frontierEntryJson } from './candidate-json';
import { candidateOf, countWithStatus, isFeasible } from './candidates';
import { recommendationLine } from './recommendation';
import type { ReportContext } from './report-context';
import type { FrontierEntryJson, ReportJson, SummaryJson } from './report-json-types';
import { requestJson } from './request-json';
import { planAssumptions, planWarnings } from './trust';

export type { ReportJson } from './report-json-types';

/** The whole plan as a plain object: every field of the spec's report in its names and nesting, and ours beside them. */
export function reportJson(result: PlanResult, context: ReportContext): ReportJson {
  const best = candidateOf(result, result.best);
  const short = (configId: number | null): FrontierEntryJson | null => {
    const candidate = candidateOf(result, configId);
    return candidate && frontierEntryJson(candidate, context);
  };
  const shorts = (ids: readonly number[]) => ids.map(short).filter((entry) => entry !== null);
  return {
    timestamp: context.timestamp,
    input_profile: context.inputProfile,
    model: result.request.modelId,
    outcome: best === null ? 'nothing_fits' : 'recommended',
    partial: result.partial,
    best_configuration: best && bestConfigurationJson(best, result, context),
    pareto_frontier: shorts(result.frontier),
    alternatives: { budget: short(result.budget), premium: short(result.premium) },
    tied: shorts(result.tied.filter((id) => id !== result.best)),
    all_candidates: result.candidates.map((candidate) => candidateJson(candidate, result, context)),
    summary: summaryJson(result, context),
    advice: adviseWhenNothingFits(result, context.gpus).map(({ changes, admits, certain, sentence }) => {
      return { changes, admits, certain, sentence };
    }),
    assumptions: planAssumptions(result),
    warnings: planWarnings(result),
    request: requestJson(result.request),
    engine_version: result.engineVersion,
    price_book_version: result.priceBookVersion,
  };
}

function summaryJson(result: PlanResult, context: ReportContext): SummaryJson {
  const byStatus = Object.fromEntries(
    CANDIDATE_STATUSES.map((status) => [status, countWithStatus(result, status)]),
  ) as Record<CandidateStatus, number>;
  return {
    num_configs: result.candidates.length,
    num_configs_evaluated: result.candidates.length - byStatus.NOT_EVALUATED - byStatus.FAILED,
    num_configs_meeting_slos: result.candidates.filter(isFeasible).length,
    num_configs_by_status: byStatus,
    num_simulations: result.simulations,
    total_simulation_time_s: Number.isFinite(result.simulationCpuS)
      ? Number(result.simulationCpuS.toFixed(1))
      : null,
    recommendation: recommendationLine(result, context),
  };
}
