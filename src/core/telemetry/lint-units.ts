import { digits, type Sieve } from './findings';
import { medianOf } from './quantile';
import type { RawRequests } from './raw-telemetry';

/**
 * Whether a column is in another unit than it says. True: it is, which makes the file unusable as it is. The bounds are far
 * outside of what any deployment does: a token in 0.3 ms, or one in 10 s.
 */
export function lintUnits(raw: RawRequests, sieve: Sieve): boolean {
  const kept = sieve.kept();
  const found = [...outOfRange(raw, kept), ...byThousand(raw, kept), ...arrivalSpan(raw, kept)];
  for (const message of found) {
    sieve.add({
      code: 'UNITS',
      severity: 'error',
      message,
      whatToDo: 'name the column by its unit: _ms or _s',
    });
  }
  return found.length > 0;
}

/** Medians that are believed, ms. */
export const PLAUSIBLE_MS = {
  ttft: [1, 600_000],
  tpot: [0.3, 10_000],
  e2e: [1, 36_000_000],
} as const;

export const LATENCY_NAMES = { ttft: 'TTFT', tpot: 'TPOT', e2e: 'e2e' } as const;

function outOfRange(raw: RawRequests, kept: readonly number[]): string[] {
  const found: string[] = [];
  for (const key of ['ttft', 'tpot', 'e2e'] as const) {
    const [least, most] = PLAUSIBLE_MS[key];
    const median = medianOf(kept.map((i) => raw[`${key}Ms`][i]!).filter((ms) => ms > 0));
    if (median < least) found.push(below(LATENCY_NAMES[key], median, least));
    if (median > most) found.push(above(LATENCY_NAMES[key], median, most));
  }
  return found;
}

export const below = (name: string, ms: number, least: number): string =>
  `the median ${name} is ${digits(ms)} ms, below ${least} ms: seconds given as ms?`;
export const above = (name: string, ms: number, most: number): string =>
  `the median ${name} is ${digits(ms / 1e3)} s, above ${most / 1e3} s: ms given as seconds?`;

/** e2e against TTFT and TPOT × (output − 1), and against TTFT: a thousand apart is a unit, not a clock. */
function byThousand(raw: RawRequests, kept: readonly number[]): string[] {
  const whole = medianOf(
    kept.map((i) => raw.e2eMs[i]! / (raw.ttftMs[i]! + raw.tpotMs[i]! * (raw.outputTokens[i]! - 1))),
  );
  if (isThousand(whole)) {
    return [
      `e2e is ${digits(whole)} times TTFT + TPOT × (output tokens − 1) (median): ms and seconds mixed?`,
    ];
  }
  // When TTFT alone is wrong by a thousand, decoding may still make up most of e2e.
  const rest = medianOf(kept.map((i) => raw.e2eMs[i]! - raw.tpotMs[i]! * (raw.outputTokens[i]! - 1)));
  const first = medianOf(kept.map((i) => raw.ttftMs[i]!));
  if (rest > 0 && isThousand(rest / first)) {
    return [
      `e2e − TPOT × (output tokens − 1) is ${digits(rest / first)} times TTFT (medians): ms and seconds mixed?`,
    ];
  }
  const decoding = medianOf(
    kept.map((i) => (raw.e2eMs[i]! - raw.ttftMs[i]!) / (raw.tpotMs[i]! * (raw.outputTokens[i]! - 1))),
  );
  if (isThousand(decoding)) {
    return [
      `(e2e − TTFT) ÷ (output tokens − 1) is ${digits(decoding)} times TPOT (median): ms and seconds mixed?`,
    ];
  }
  const shorter = medianOf(kept.map((i) => raw.e2eMs[i]! / raw.ttftMs[i]!));
  if (shorter < 0.3) return [`e2e is ${digits(shorter)} times TTFT (median): seconds given as ms?`];
  return [];
}

const isThousand = (ratio: number): boolean =>
  (ratio > 300 && ratio < 3_000) || (ratio > 1 / 3_000 && ratio < 1 / 300);

/** Three years. */
const LONGEST_SPAN_S = 100_000_000;

function arrivalSpan({ arrivals }: RawRequests, kept: readonly number[]): string[] {
  if (arrivals === null || kept.length === 0) return [];
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const i of kept) {
    first = Math.min(first, arrivals.atS[i]!);
    last = Math.max(last, arrivals.atS[i]!);
  }
  if (last - first <= LONGEST_SPAN_S) return [];
  return [`arrivals span ${digits((last - first) / 86_400)} days: ms given as seconds, or two clocks?`];
}
