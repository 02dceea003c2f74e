import { digits, type FindingDraft, finding } from './findings';
import { MOST_TOKENS } from './lint-cells';
import { above, below, LATENCY_NAMES, PLAUSIBLE_MS } from './lint-units';
import type { LatencyFigures, LatencySummary, TelemetryFinding } from './telemetry';

const FEW = 30;
/** More requests of one run, or a rate outside of these, requests/s, is a mistake of unit. */
const MOST_REQUESTS = 1_000_000_000;
const LEAST_QPS = 1e-6;
const MOST_QPS = 1e6;

/** Judges the sums of a run. */
export function lintSummary(summary: LatencySummary): TelemetryFinding[] {
  const drafts: FindingDraft[] = [];
  const error = (code: FindingDraft['code'], message: string, whatToDo: string) =>
    drafts.push({ code, severity: 'error', message, whatToDo });
  const { requests, rateQps, meanPromptTokens, meanOutputTokens, meanCachedPromptTokens } = summary;
  if (!(requests > 0)) {
    error('EMPTY', 'no request was completed', 'take the figures of a run that served some');
    return drafts.map(finding);
  }
  if (!Number.isInteger(requests) || requests > MOST_REQUESTS)
    error('IMPLAUSIBLE', `${requests} requests, no whole number up to ${MOST_REQUESTS}`, 'check the figures');
  if (rateQps > 0 && Number.isFinite(rateQps) && (rateQps < LEAST_QPS || rateQps > MOST_QPS))
    error('IMPLAUSIBLE', `the rate is ${digits(rateQps)} requests/s`, 'check the duration and its unit');
  for (const [name, value, least] of [
    ['the rate', rateQps, 0],
    ['the mean of the prompt tokens', meanPromptTokens, 0],
    ['the mean of the output tokens', meanOutputTokens, 0],
    ['the mean of the cached tokens', meanCachedPromptTokens, Number.NEGATIVE_INFINITY],
  ] as const) {
    if (!Number.isFinite(value)) error('NOT_FINITE', `${name} is no finite number`, 'check the figures');
    else if (value < 0) error('NEGATIVE', `${name} is ${value}`, 'check the figures');
    else if (value <= least) error('ZERO', `${name} is 0`, 'take the figures of a run that served some');
    else if (value > MOST_TOKENS) error('IMPLAUSIBLE', `${name} is ${digits(value)}`, 'check the figures');
  }
  const given = (['ttft', 'tpot', 'e2e'] as const).filter((key) => summary[key] !== null);
  if (given.length === 0) error('NO_LATENCY', 'no latency at all', 'record TTFT, TPOT or e2e');
  for (const key of given) drafts.push(...lintFigures(LATENCY_NAMES[key], PLAUSIBLE_MS[key], summary[key]!));
  const e2e = typical(summary.e2e);
  const ttft = typical(summary.ttft);
  // Means of one run, of the same requests: no rounding makes them differ.
  if (e2e < ttft * 0.95)
    error('CLOCK_SKEW', `e2e (${e2e} ms) is below TTFT (${ttft} ms)`, 'check the units and the clocks');
  if (requests === 1) error('ONE_SAMPLE', 'one request', 'take the figures of a run of some hundred');
  else if (requests < FEW) {
    drafts.push({
      code: 'TOO_FEW',
      severity: 'warning',
      message: `${requests} requests`,
      whatToDo: `take a run of at least ${FEW}, better some hundred`,
    });
  }
  return drafts.map(finding);
}

function lintFigures(
  name: string,
  [least, most]: readonly [number, number],
  figures: LatencyFigures,
): FindingDraft[] {
  const values = [figures.p50Ms, figures.p90Ms, figures.p99Ms].filter((ms) => ms !== null);
  const all = figures.meanMs === null ? values : [figures.meanMs, ...values];
  const error = (code: FindingDraft['code'], message: string, whatToDo: string): FindingDraft[] => [
    { code, severity: 'error', message, whatToDo },
  ];
  if (all.some((ms) => !Number.isFinite(ms)))
    return error('NOT_FINITE', `a figure of ${name} is no finite number`, 'check the figures');
  if (all.some((ms) => ms < 0))
    return error('NEGATIVE', `a figure of ${name} is below 0`, 'check the figures');
  if (values.some((ms, i) => i > 0 && ms < values[i - 1]!))
    return error('IMPLAUSIBLE', `the percentiles of ${name} fall`, 'check the figures');
  const median = figures.p50Ms ?? figures.meanMs;
  if (median === null || median === 0) return [];
  if (median < least) return error('UNITS', below(name, median, least), 'check the unit of the figures');
  if (median > most) return error('UNITS', above(name, median, most), 'check the unit of the figures');
  return [];
}

const typical = (figures: LatencyFigures | null): number => figures?.meanMs ?? Number.NaN;
