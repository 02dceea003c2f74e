export type LintSeverity = 'error' | 'warning' | 'info';

export const LINT_CODES = [
  'units',
  'flops-above-peak',
  'bytes-above-bandwidth',
  'beyond-memory',
  'decode-without-kv-cache',
  'implausibly-slow',
  'non-monotone',
  'parameter-count',
  'weight-bytes',
  'kv-bytes',
  'float32-weights',
  'coverage',
  'std-above-mean',
  'too-few-points',
  'duplicate-rows',
] as const;
export type LintCode = (typeof LINT_CODES)[number];

/** Something about a profile that a person should know before trusting a plan made with it. */
export interface LintFinding {
  readonly code: LintCode;
  /** `error`: the profile contradicts physics or itself. `warning`: a plan may be off. `info`: good to know. */
  readonly severity: LintSeverity;
  /** What was found, with the numbers. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** The largest decode batch, context and prompt a plan will ask the profile for. */
export interface NeededCoverage {
  readonly batch: number;
  readonly context: number;
  readonly prompt: number;
}
