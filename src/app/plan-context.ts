import type { ModelSpec } from '../core/catalog/model';
import type { PlanContext } from '../core/search/family';
import type { PlanRequest } from '../core/search/request';

/** What the simulations of a request share. */
export const planContextOf = (request: PlanRequest, model: ModelSpec): PlanContext => ({
  workload: request.workload,
  model,
  targets: request.constraints.targets,
  rateRangeQps: request.rateRangeQps,
  durationS: request.simulation.durationS,
  warmupS: request.simulation.warmupS,
  randomSeed: request.simulation.randomSeed,
});
