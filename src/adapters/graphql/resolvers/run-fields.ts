/** Ranked best first; candidates without a load come last. */
export const DEFAULT_CANDIDATE_ORDER = { field: 'qps_per_dollar', direction: 'desc' };

/** Points of a load curve, as rows of an answer. */
export const CURVE_POINTS = 20;

/** What is made from all candidates of a run, as rows of an answer. */
export const ALL_CANDIDATES = 200;
