import type { Gpu } from '../catalog/gpu';
import type { PlanResult } from '../search/result';
import type { Advice } from './advice';
import { adviseFasterGpu, adviseMoreMemory } from './advise-hardware';
import { adviseBudget, adviseMinQps, adviseSaturation, adviseTargetQps } from './advise-limits';
import { adviseTargets } from './advise-targets';

export type { Advice } from './advice';

/**
 * What to change when no candidate is feasible, derived from the candidates themselves: every relaxed limit is rounded
 * to a value a person would write that still admits the candidates it is said to. Smallest relative change first;
 * changes without a size (another GPU) last. Empty when there is a recommendation.
 *
 * @param gpus catalogue entries: needed for advice on memory and on GPUs outside the search
 */
export function adviseWhenNothingFits(result: PlanResult, gpus: readonly Gpu[] = []): Advice[] {
  if (result.best !== null) return [];
  const advice = [
    ...adviseTargets(result),
    ...adviseBudget(result),
    ...adviseMinQps(result),
    ...adviseTargetQps(result),
    ...adviseSaturation(result),
    ...adviseMoreMemory(result, gpus),
    ...adviseFasterGpu(result, gpus),
  ];
  return advice.sort((a, b) => size(a) - size(b) || b.admits - a.admits);
}

/** Finite, so that the difference of two advices without a size is 0 and not NaN. */
function size(advice: Advice): number {
  return advice.relativeChange ?? Number.MAX_VALUE;
}
