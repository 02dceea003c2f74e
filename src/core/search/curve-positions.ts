/**
 * Positions on the grid of rates where a load curve has complete probes besides those that the search needs, so that it
 * can be drawn, and ranked anew under other targets. A step is about 1%. On the specification's example (1,008
 * candidates) they add 57% to the work of the search; every 1.4 times, with 5%, 10%, 20% and 40% above, would add 120%.
 */

/** Steps between the rates that all candidates of a plan have in common, about 2 times: siblings share these probes. */
const COMMON_STEPS = 70;
/** The last common rate below the maximum may be half of it, so there is one more at most this far below. */
const NEAR_STEPS = COMMON_STEPS / 2;
/** About 0.9 of the maximum. The search itself mostly probes 0.95 of it. */
const STEPS_BELOW = 11;
/** About 5% and 20% above the maximum. */
const STEPS_ABOVE = [5, 18] as const;

/** Below the maximum, ascending. */
export function positionsBelow(best: number): number[] {
  const positions = new Set([Math.floor((best - 1) / NEAR_STEPS) * NEAR_STEPS, best - STEPS_BELOW]);
  for (let k = COMMON_STEPS; k < best; k += COMMON_STEPS) positions.add(k);
  return [...positions].filter((k) => k > 0).sort((a, b) => a - b);
}

/** Above the maximum, ascending, up to `end`: the last position that is not beyond saturation. */
export const positionsAbove = (best: number, end: number): number[] =>
  STEPS_ABOVE.map((steps) => best + steps).filter((k) => k <= end);
