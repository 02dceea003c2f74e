import type { PriceBook } from '../cost/price-book';
import type { Objective, PlanRequest, PriceSelection, Target } from '../search/request';

/** What to rank by instead; what is left out stays as the plan has it. */
export interface RerankChanges {
  /** The whole new list. */
  readonly targets?: readonly Target[];
  /** Which prices to use, and the price book to look them up in: the plan's or a newer one. */
  readonly prices?: { readonly selection: PriceSelection; readonly book: PriceBook };
  readonly objective?: Objective;
  /** Null: no budget. */
  readonly maxCostPerHourUsd?: number | null;
  /** Null: no least load. */
  readonly minQps?: number | null;
}

/** The request that the plan would have been, had it been asked for with the changes. */
export function changedRequest(request: PlanRequest, changes: RerankChanges): PlanRequest {
  const { targets, prices, objective, maxCostPerHourUsd, minQps } = changes;
  const { constraints } = request;
  return {
    ...request,
    constraints: {
      targets: targets ?? constraints.targets,
      maxCostPerHourUsd: maxCostPerHourUsd === undefined ? constraints.maxCostPerHourUsd : maxCostPerHourUsd,
      minQps: minQps === undefined ? constraints.minQps : minQps,
    },
    objective: objective ?? request.objective,
    prices: prices?.selection ?? request.prices,
  };
}

const sameTarget = (a: Target, b: Target): boolean =>
  a.metric === b.metric && a.quantile === b.quantile && a.limitMs === b.limitMs;

/** The same targets, in whatever order. */
export const sameTargets = (a: readonly Target[], b: readonly Target[]): boolean =>
  a.length === b.length && a.every((target) => b.some((other) => sameTarget(target, other)));
