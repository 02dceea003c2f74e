/** Quantile of sorted values, linear between them; NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const lower = sorted[low]!;
  if (low === at) return lower;
  return lower + (sorted[low + 1]! - lower) * (at - low);
}

/** Of values in any order, those that are NaN left out; NaN of none. */
export const medianOf = (values: readonly number[]): number =>
  quantile(Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort(), 0.5);
