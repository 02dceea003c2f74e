import type { LatencySummary } from '../search/result';

/**
 * Quantiles of a stream of latencies in constant memory.
 *
 * A value's bin is the top of its IEEE 754 bits: the exponent and 9 bits of the mantissa, so a bin is at most 0.2%
 * wide and needs no logarithm to find. A quantile is reported as the upper edge of its bin (never optimistic), by
 * nearest rank: the smallest bin edge that at least ⌈q·n⌉ values do not exceed.
 */
export class LatencySketch {
  private readonly counts = new Float64Array(BINS);
  /** Values so far; infinite ones included. */
  count = 0;
  private infinite = 0;
  private sum = 0;
  private largest = 0;

  add(value: number): void {
    this.addMany(value, 1);
  }

  /** The same value `times` times. */
  addMany(value: number, times: number): void {
    if (times === 0) return;
    this.counts[binOf(value)]! += times;
    this.count += times;
    this.sum += value * times;
    if (value > this.largest) this.largest = value;
  }

  /** The `steps` values `first`, `first + slope`, …, each `times` times; slope ≥ 0. */
  addSeries(first: number, slope: number, steps: number, times: number): void {
    if (times === 0 || steps === 0) return;
    const last = first + slope * (steps - 1);
    const lastBin = binOf(last);
    let bin = binOf(first);
    let done = 0;
    while (bin < lastBin) {
      // Values below the bin's upper edge: i < (edge − first) ÷ slope.
      const until = Math.min(steps, Math.ceil((edgeOf(bin) - first) / slope));
      if (until > done) {
        this.counts[bin]! += (until - done) * times;
        done = until;
      }
      bin++;
    }
    this.counts[lastBin]! += (steps - done) * times;
    this.count += steps * times;
    this.sum += (steps * first + (slope * steps * (steps - 1)) / 2) * times;
    if (last > this.largest) this.largest = last;
  }

  /** Values that never came: requests still waiting when the simulation ended. */
  addInfinite(times: number): void {
    this.infinite += times;
    this.count += times;
  }

  /** One quantile; NaN when empty, Infinity when the rank falls on a value that never came. */
  quantile(q: number): number {
    return this.quantiles([q])[0]!;
  }

  /** Mean, the usual quantiles and the maximum; all NaN when empty. */
  summary(): LatencySummary {
    const [p50, p90, p95, p99] = this.quantiles([0.5, 0.9, 0.95, 0.99]) as [number, number, number, number];
    const never = this.infinite > 0;
    const mean = never ? Number.POSITIVE_INFINITY : this.sum / this.count;
    const max = this.count === 0 ? Number.NaN : never ? Number.POSITIVE_INFINITY : this.largest;
    return { mean, p50, p90, p95, p99, max };
  }

  /** `qs` ascending: one pass over the bins. */
  private quantiles(qs: readonly number[]): number[] {
    if (this.count === 0) return qs.map(() => Number.NaN);
    const lastBin = binOf(this.largest);
    let bin = -1;
    let seen = 0;
    return qs.map((q) => {
      // The tolerance keeps a q·n that is whole in exact arithmetic from rounding up to the next rank.
      const rank = Math.max(1, Math.ceil(q * this.count - 1e-6));
      while (seen < rank && bin < lastBin) seen += this.counts[++bin]!;
      return seen < rank ? Number.POSITIVE_INFINITY : Math.min(edgeOf(bin), this.largest);
    });
  }
}

const MANTISSA_BITS = 9;
const SHIFT = 20 - MANTISSA_BITS;
// 2^-10 ms (a microsecond) to 2^30 ms (twelve days); smaller values share the first bin, larger ones the last.
const FIRST = (1023 - 10) << MANTISSA_BITS;
const BINS = 40 << MANTISSA_BITS;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
// Which half of a double holds the exponent depends on the machine's byte order.
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

function binOf(value: number): number {
  float[0] = value;
  const bin = (words[HIGH]! >>> SHIFT) - FIRST;
  return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
}

function edgeOf(bin: number): number {
  words[HIGH] = (bin + FIRST + 1) << SHIFT;
  words[1 - HIGH] = 0;
  return float[0]!;
}
