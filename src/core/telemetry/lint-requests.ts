import { digits, Sieve } from './findings';
import { excludeDuplicates, excludeFaultyCells, excludeMixed } from './lint-cells';
import { excludeSkewed, judgeTpot } from './lint-consistency';
import { lintCount } from './lint-count';
import { lintOrder } from './lint-order';
import { lintUnits } from './lint-units';
import type { RawRequests } from './raw-telemetry';
import type { RequestSamples, TelemetryFinding } from './telemetry';

export interface LintedRequests {
  /** What is left, by arrival. Not to be used when a finding is an error. */
  readonly samples: RequestSamples;
  readonly findings: readonly TelemetryFinding[];
}

/**
 * Judges request samples. A row that cannot be right is left out and reported. Whatever makes the file as a whole
 * unusable (units, another deployment, nothing left) is a finding of severity `error`; what would follow from it is not
 * looked for.
 */
export function lintRequests(raw: RawRequests): LintedRequests {
  const sieve = new Sieve(raw.failed.length);
  const done = (tpotMs: Float64Array = raw.tpotMs): LintedRequests => ({
    samples: toSamples(raw, tpotMs, sortedByArrival(raw, sieve.kept())),
    findings: sieve.findings,
  });
  if (sieve.total === 0) {
    lintCount(sieve, 'request');
    return done();
  }
  if (excludeMixed(raw.labels, sieve)) return done();
  excludeFaultyCells(raw, sieve);
  if (lintUnits(raw, sieve)) return done();
  excludeDuplicates(raw, sieve);
  excludeSkewed(raw, sieve);
  const tpotMs = judgeTpot(raw, sieve);
  lintOrder(raw.arrivals, sieve);
  lintLatencies(raw, sieve);
  lintCount(sieve, 'request');
  lintVariation(raw, sieve);
  return done(tpotMs);
}

function lintLatencies(raw: RawRequests, sieve: Sieve): void {
  const kept = sieve.kept();
  const bare = kept.filter(
    (i) => Number.isNaN(raw.ttftMs[i]) && Number.isNaN(raw.tpotMs[i]) && Number.isNaN(raw.e2eMs[i]),
  );
  if (bare.length === 0) return;
  const all = bare.length === kept.length;
  sieve.add({
    code: 'NO_LATENCY',
    severity: all ? 'error' : 'info',
    message: all ? 'no row has a latency' : `${bare.length} of ${kept.length} requests have no latency`,
    whatToDo: all
      ? 'record TTFT, TPOT or the end-to-end latency of each request'
      : 'nothing: they count as load only',
    rows: bare.map((i) => i + 1),
  });
}

/** Real requests never take the same time to the last digit. */
function lintVariation(raw: RawRequests, sieve: Sieve): void {
  const kept = sieve.kept();
  if (kept.length < 2) return;
  const latencies = [raw.ttftMs, raw.tpotMs, raw.e2eMs];
  const measured = latencies.some((values) => !Number.isNaN(values[kept[0]!]));
  const alike = [...latencies, raw.promptTokens, raw.outputTokens].every((values) =>
    isConstant(values, kept),
  );
  if (!measured || !alike) {
    lintLengths(raw, sieve, kept);
    return;
  }
  sieve.add({
    code: 'NO_VARIATION',
    severity: 'error',
    message: `all ${kept.length} requests have the same lengths and the same latencies`,
    whatToDo: 'give what each request measured, not one average repeated',
    rows: kept.map((i) => i + 1),
  });
}

function lintLengths(raw: RawRequests, sieve: Sieve, kept: readonly number[]): void {
  if (!isConstant(raw.promptTokens, kept) || !isConstant(raw.outputTokens, kept)) return;
  const first = kept[0]!;
  sieve.add({
    code: 'NO_VARIATION',
    severity: 'info',
    message: `all requests have ${digits(raw.promptTokens[first]!)} prompt and ${digits(raw.outputTokens[first]!)} output tokens`,
    whatToDo: 'add requests of other lengths: one length cannot tell what depends on it',
  });
}

const isConstant = (values: Float64Array, kept: readonly number[]): boolean =>
  kept.every((i) => Object.is(values[i], values[kept[0]!]));

/** Rows that arrive together stay in the order of the file. */
function sortedByArrival({ arrivals }: RawRequests, kept: readonly number[]): readonly number[] {
  return arrivals === null ? kept : kept.toSorted((a, b) => arrivals.atS[a]! - arrivals.atS[b]!);
}

function toSamples(raw: RawRequests, tpotMs: Float64Array, order: readonly number[]): RequestSamples {
  const first = order[0] === undefined ? 0 : (raw.arrivals?.atS[order[0]] ?? 0);
  const times = (values: Float64Array) => Float64Array.from(order, (i) => values[i]!);
  const tokens = (values: Float64Array) =>
    Int32Array.from(order, (i) => (Number.isFinite(values[i]) ? values[i]! : -1));
  return {
    arrivedAtS: Float64Array.from(order, (i) => (raw.arrivals?.atS[i] ?? Number.NaN) - first),
    promptTokens: tokens(raw.promptTokens),
    outputTokens: tokens(raw.outputTokens),
    cachedPromptTokens: tokens(raw.cachedPromptTokens),
    ttftMs: times(raw.ttftMs),
    // The first token has none before it: what is written there (often 0) is no time between tokens.
    tpotMs: Float64Array.from(order, (i) => (raw.outputTokens[i]! > 1 ? tpotMs[i]! : Number.NaN)),
    e2eMs: times(raw.e2eMs),
  };
}
