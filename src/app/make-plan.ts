import type { Catalog } from '../core/catalog/catalog';
import type { Profile } from '../core/profile/profile';
import type { ReportContext } from '../core/report/report-context';
import type { PlanResult } from '../core/search/result';
import type { OpenedPlan } from './open-plan';
import { type PlanInput, planCapacity } from './plan-capacity';

/** A plan and what every form of its report needs. */
export interface PlanReport {
  readonly result: PlanResult;
  readonly context: ReportContext;
}

export interface MakePlanInput extends Pick<PlanInput, 'createRunner' | 'onProgress' | 'signal'> {
  readonly opened: OpenedPlan;
  readonly catalog: Catalog;
  /** When the plan is made. */
  readonly now: Date;
}

/** Evaluates an opened plan and dates it. After `signal` aborts the report is of what was done until then. */
export async function makePlan({ opened, catalog, now, ...rest }: MakePlanInput): Promise<PlanReport> {
  const result = await planCapacity({ ...opened, catalog, ...rest });
  return {
    result,
    context: {
      timestamp: now.toISOString(),
      inputProfile: inputProfileOf(opened.userProfiles, result),
      gpus: catalog.gpus,
    },
  };
}

/** The user's profiles as named; without any, the one behind the recommendation, else behind the first candidate. */
export function inputProfileOf(
  userProfiles: readonly Profile[],
  { best, candidates }: Pick<PlanResult, 'best' | 'candidates'>,
): string {
  if (userProfiles.length > 0) return userProfiles.map(({ id }) => id).join(', ');
  const chosen = candidates.find((c) => c.configId === best) ?? candidates.find((c) => c.profile !== null);
  return chosen?.profile ?? 'none';
}
