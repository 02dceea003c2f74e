/** Ranked best first; candidates without a load come last. */
export const DEFAULT_CANDIDATE_ORDER = { field: 'qps_per_dollar', direction: 'desc' };

/** Points of a load curve, as rows of an answer. */
export const CURVE_POINTS = 20;

/** A report is made from all candidates. */
export const REPORT_ROWS = 200;
