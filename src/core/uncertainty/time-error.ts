/** True step times over predicted ones: with 90% probability between the two. */
export interface TimeError {
  readonly lowRatio: number;
  readonly highRatio: number;
}

/**
 * What measured runs differ from predictions by though the profile is of their GPU, degree and engine: the factor on step
 * times that would have made the predicted mean latency the measured one (a latency's own error is larger, since a longer
 * step lets the batch grow), its 5% and 95% quantiles over the runs of docs/accuracy.md, widened to two digits.
 * `npm run accuracy -- FOLDER` makes it again, and measures what it covers of models and GPUs left out.
 */
export const NATIVE_ERROR: TimeError = { lowRatio: 0.94, highRatio: 1.07 };

/** Two-sided 90% of a normal distribution, in standard deviations, and in median absolute deviations. */
const Z90 = 1.645;
const Z90_OF_MEDIAN = Z90 / 0.6745;

/** An error of `std` (relative, one standard deviation) either way. */
export const errorOfStd = (std: number): TimeError => ({
  lowRatio: Math.exp(-Z90 * std),
  highRatio: Math.exp(Z90 * std),
});

/** An error whose median absolute size was seen to be `median` (relative). */
export const errorOfMedian = (median: number): TimeError => ({
  lowRatio: Math.exp(-Z90_OF_MEDIAN * median),
  highRatio: Math.exp(Z90_OF_MEDIAN * median),
});

/** Independent errors together: each end's distances, as logarithms, add up in squares. */
export function combineErrors(...errors: readonly TimeError[]): TimeError {
  const end = (of: (error: TimeError) => number) =>
    Math.sqrt(errors.reduce((sum, error) => sum + Math.log(of(error)) ** 2, 0));
  return { lowRatio: Math.exp(-end((e) => e.lowRatio)), highRatio: Math.exp(end((e) => e.highRatio)) };
}
