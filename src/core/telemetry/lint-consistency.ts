import { countOf, digits, type Sieve } from './findings';
import type { RawRequests } from './raw-telemetry';

/** Clocks that are read one after the other may differ by this, ms. */
const CLOCK_READING_MS = 0.5;

/** Rows that ended before their first token. */
export function excludeSkewed(raw: RawRequests, sieve: Sieve): void {
  sieve.exclude(
    (i) => raw.e2eMs[i]! < raw.ttftMs[i]! - CLOCK_READING_MS,
    (count, i) => ({
      code: 'CLOCK_SKEW',
      severity: 'warning',
      message: `${count} with an e2e below the TTFT (row ${i + 1}: ${digits(raw.e2eMs[i]!)} and ${digits(raw.ttftMs[i]!)} ms)`,
      whatToDo: 'take both times of a request from one clock',
    }),
  );
}

/** A TPOT may differ from (e2e − TTFT) ÷ (output − 1) by this share. */
const TPOT_TOLERANCE = 0.2;
/** With fewer tokens one late packet makes the difference. */
const FEWEST_TOKENS = 5;

/** The TPOT (e2e − TTFT) ÷ (output − 1); NaN where a part is missing. */
const derivedTpotMs = (raw: RawRequests, i: number): number =>
  raw.outputTokens[i]! > 1 ? (raw.e2eMs[i]! - raw.ttftMs[i]!) / (raw.outputTokens[i]! - 1) : Number.NaN;

/**
 * The TPOT to use. Rows whose TPOT contradicts their own TTFT and e2e are left out; when most do, the column means
 * something else, and what TTFT and e2e give stands in its place.
 */
export function judgeTpot(raw: RawRequests, sieve: Sieve): Float64Array {
  const derived = Float64Array.from(raw.tpotMs, (_, i) => derivedTpotMs(raw, i));
  const kept = sieve.kept();
  const derivable = kept.filter((i) => derived[i]! > 0);
  if (derivable.length > 0 && kept.every((i) => Number.isNaN(raw.tpotMs[i]))) {
    sieve.add({
      code: 'TPOT_DERIVED',
      severity: 'info',
      message: `TPOT was not recorded: (e2e − TTFT) ÷ (output tokens − 1) of ${countOf(derivable.length)}`,
      whatToDo: 'nothing',
    });
    return Float64Array.from(derived, (ms) => (ms > 0 ? ms : Number.NaN));
  }
  const comparable = derivable.filter((i) => raw.tpotMs[i]! > 0 && raw.outputTokens[i]! >= FEWEST_TOKENS);
  const contradicts = (i: number) => Math.abs(raw.tpotMs[i]! / derived[i]! - 1) > TPOT_TOLERANCE;
  const contradicting = comparable.filter(contradicts);
  if (contradicting.length === 0) return raw.tpotMs;
  const first = contradicting[0]!;
  const example = `row ${first + 1}: ${digits(raw.tpotMs[first]!)} and ${digits(derived[first]!)} ms`;
  if (contradicting.length * 2 > comparable.length) {
    sieve.add({
      code: 'TPOT_DEFINITION',
      severity: 'warning',
      message: `TPOT is not (e2e − TTFT) ÷ (output tokens − 1) in ${contradicting.length} of ${countOf(comparable.length)} (${example}): it is not used, what TTFT and e2e give is`,
      whatToDo: 'check how TPOT was computed: per chunk, per token including the first, or by another clock',
      rows: contradicting.map((i) => i + 1),
    });
    return Float64Array.from(derived, (ms) => (ms > 0 ? ms : Number.NaN));
  }
  const wrong = new Set(contradicting);
  sieve.exclude(
    (i) => wrong.has(i),
    (count) => ({
      code: 'CLOCK_SKEW',
      severity: 'warning',
      message: `${count} whose TPOT differs from (e2e − TTFT) ÷ (output tokens − 1) by more than a fifth (${example})`,
      whatToDo: 'take all times of a request from one clock',
    }),
  );
  return raw.tpotMs;
}
