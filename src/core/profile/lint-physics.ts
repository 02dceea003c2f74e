import type { LintFinding } from './lint-finding';
import type { DecodeRow, PrefillRow } from './profile';
import { decodeWork, floorMs, kvBytesRead, peakFlops, prefillWork, type Subject } from './roofline';

/**
 * Measured times are 1 to 12 times the roofline in the median row, over all 211 profiles collected for the library
 * (small models on many GPUs reach 200 in single rows). A median a thousand times off is a wrong unit.
 */
const UNIT_SUSPICION = { below: 0.02, above: 100, plausible: [0.5, 100] } as const;

/** Seconds or microseconds in the millisecond columns. */
export function lintUnits(subject: Subject): LintFinding[] {
  const { profile } = subject;
  const ratios = timesOverFloor(subject).sort((a, b) => a - b);
  const median = ratios[ratios.length >> 1];
  if (median === undefined) return [];
  const [low, high] = UNIT_SUSPICION.plausible;
  const finding = (unit: string, factor: string): LintFinding => ({
    code: 'units',
    severity: 'error',
    message: `the median row of ${profile.id} takes ${show(median)} times the shortest time physics allows; in ${unit} it would be plausible`,
    fix: `write times in milliseconds: ${factor}`,
  });
  const inSeconds = median * 1e3;
  if (median < UNIT_SUSPICION.below && inSeconds >= low && inSeconds <= high)
    return [finding('seconds', 'multiply every mean, median and std by 1000')];
  const inMicroseconds = median / 1e3;
  if (median > UNIT_SUSPICION.above && inMicroseconds >= low && inMicroseconds <= high) {
    return [finding('microseconds', 'divide every mean, median and std by 1000')];
  }
  return [];
}

function timesOverFloor(subject: Subject): number[] {
  const { prefill, decode } = subject.profile;
  return [
    ...prefill.map((row) => row.meanMs / floorMs(prefillWork(row, subject), subject)),
    ...decode.map((row) => row.meanMs / floorMs(decodeWork(row, subject), subject)),
  ];
}

/** Boost clocks and the output layer (counted for every token, computed for the last) allow a little over the peak. */
const FLOPS_ERROR = 1.15;
const FLOPS_WARNING = 1.05;
/** The last-level cache may hold a few per cent of what is read. */
const BYTES_ERROR = 1.1;
/** The best row of the slowest profile of the library takes 3.7 times the roofline. */
const SLOW_BEST_ROW = 8;

/** Rates that the GPU does not have, and a whole profile far below what it has. */
export function lintRates(subject: Subject): LintFinding[] {
  const best = Math.min(...timesOverFloor(subject));
  const slow: LintFinding[] = [
    {
      code: 'implausibly-slow',
      severity: 'warning',
      message: `even the best row takes ${show(best)} times the roofline of ${subject.gpu.id} for ${subject.model.id}`,
      fix: 'check the GPU, the model and the tensor-parallel degree, and that the kernels are not eager float32',
    },
  ];
  return [...lintPrefillFlops(subject), ...lintDecodeBytes(subject), ...(best > SLOW_BEST_ROW ? slow : [])];
}

function lintPrefillFlops(subject: Subject): LintFinding[] {
  const { gpu, model, profile } = subject;
  const peak = peakFlops(subject);
  const rate = (row: PrefillRow) => prefillWork(row, subject).flops / (row.meanMs / 1e3);
  const above = profile.prefill.filter((row) => rate(row) > FLOPS_WARNING * peak);
  const worst = maxBy(above, rate);
  if (worst === null) return [];
  return [
    {
      code: 'flops-above-peak',
      severity: rate(worst) > FLOPS_ERROR * peak ? 'error' : 'warning',
      message: `${above.length} of ${profile.prefill.length} prefill rows are faster than ${gpu.id} can compute ${model.id}: ${worst.batchSize} × ${worst.promptTokens} tokens in ${show(worst.meanMs)} ms need ${show(rate(worst) / 1e12)} TFLOP/s per GPU, the dense peak is ${show(peak / 1e12)}`,
      fix: 'check which model really ran, the GPU, the tensor-parallel degree and that the whole batch was processed; profile again',
    },
  ];
}

function lintDecodeBytes(subject: Subject): LintFinding[] {
  const { gpu, model, profile } = subject;
  const bandwidth = gpu.memoryBandwidthBytesPerS;
  const rate = (row: DecodeRow) => decodeWork(row, subject).bytes / (row.meanMs / 1e3);
  const above = profile.decode.filter((row) => rate(row) > BYTES_ERROR * bandwidth);
  const describe = (rows: readonly DecodeRow[], worst: DecodeRow) =>
    `${rows.length} of ${profile.decode.length} decode rows read memory faster than ${gpu.id} can: ${worst.batchSize} requests of ${worst.contextTokens} tokens in ${show(worst.meanMs)} ms need ${show(rate(worst) / 1e9)} GB/s per GPU for the weights and KV cache of ${model.id}, it has ${show(bandwidth / 1e9)}`;
  const findings: LintFinding[] = [];
  const reachable = above.filter((row) => fits(row, subject));
  const worst = maxBy(reachable, rate);
  if (worst !== null) {
    findings.push({
      code: 'bytes-above-bandwidth',
      severity: 'error',
      message: describe(reachable, worst),
      fix: 'check which model really ran, its weight type, the GPU and that the KV cache was really that long; profile again',
    });
  }
  const unreachable = above.filter((row) => !fits(row, subject));
  const worstBeyond = maxBy(unreachable, rate);
  if (worstBeyond !== null) {
    findings.push({
      code: 'beyond-memory',
      severity: 'warning',
      message: `${describe(unreachable, worstBeyond)}; these batches do not fit its memory either, so they cannot have been measured`,
      fix: 'delete these rows: no plan on this GPU reaches them, but they bend the fit towards them',
    });
  }
  return findings;
}

function fits(row: DecodeRow, { gpu, model, profile, ...rest }: Subject): boolean {
  const weights =
    (model.paramsTotal * (profile.weightBytesPerParam ?? model.weightBytesPerParam)) / profile.tensorParallel;
  return weights + kvBytesRead(row, { gpu, model, profile, ...rest }) <= gpu.memoryBytes;
}

/** Where prefill already takes this much longer than its shortest prompt, decode of the same length must not. */
const COMPUTE_BOUND_GROWTH = 1.3;
const SAME_AS_PREFILL = [0.75, 1.35] as const;

/**
 * A decode step computes one token per request, a prefill all of them. When decode takes as long as the prefill of the
 * same context, where prefill is bound by compute, the whole context was computed again: no KV cache was used.
 */
export function lintDecodeWithoutCache({ profile }: Subject): LintFinding[] {
  const shortest = Math.min(...profile.prefill.map((row) => row.meanMs));
  const pairs = profile.decode.flatMap((decode) => {
    const prefillMs = prefillMsAt(profile.prefill, decode.contextTokens, decode.batchSize);
    if (prefillMs === null || prefillMs < COMPUTE_BOUND_GROWTH * shortest) return [];
    return [{ decode, prefillMs, ratio: decode.meanMs / prefillMs }];
  });
  const [low, high] = SAME_AS_PREFILL;
  const alike = pairs.filter(({ ratio }) => ratio >= low && ratio <= high);
  const clearest = maxBy(alike, ({ prefillMs }) => prefillMs);
  if (clearest === null || alike.length * 2 < pairs.length) return [];
  const { decode, prefillMs } = clearest;
  return [
    {
      code: 'decode-without-kv-cache',
      severity: 'error',
      message: `${alike.length} of ${pairs.length} comparable decode rows take as long as the prefill of their whole context: decode of ${decode.batchSize} × ${decode.contextTokens} tokens ${show(decode.meanMs)} ms, prefill ${show(prefillMs)} ms`,
      fix: 'measure decode with the KV cache on (use_cache, past_key_values): one new token per request after a prefill that is not timed',
    },
  ];
}

/** Prefill time of `batchSize` prompts of this length, interpolated between measured lengths; without that batch size, of one prompt as long as all. */
function prefillMsAt(rows: readonly PrefillRow[], promptTokens: number, batchSize: number): number | null {
  const same = interpolate(
    rows.filter((row) => row.batchSize === batchSize),
    promptTokens,
  );
  return (
    same ??
    interpolate(
      rows.filter((row) => row.batchSize === 1),
      promptTokens * batchSize,
    )
  );
}

function interpolate(rows: readonly PrefillRow[], promptTokens: number): number | null {
  const below = maxBy(
    rows.filter((row) => row.promptTokens <= promptTokens),
    (row) => row.promptTokens,
  );
  const above = maxBy(
    rows.filter((row) => row.promptTokens >= promptTokens),
    (row) => -row.promptTokens,
  );
  if (below === null || above === null) return null;
  if (below.promptTokens === above.promptTokens) return below.meanMs;
  const share = (promptTokens - below.promptTokens) / (above.promptTokens - below.promptTokens);
  return below.meanMs + share * (above.meanMs - below.meanMs);
}

export function maxBy<T>(items: readonly T[], value: (item: T) => number): T | null {
  let best: T | null = null;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const itemValue = value(item);
    if (itemValue > bestValue) {
      best = item;
      bestValue = itemValue;
    }
  }
  return best;
}

/** Three significant digits, no exponent in the usual range. */
export const show = (value: number): string => String(Number(value.toPrecision(3)));
