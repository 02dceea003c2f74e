import { digits, finding } from '../core/telemetry/findings';
import type { LatencyFigures, LatencySummary, TelemetryFinding } from '../core/telemetry/telemetry';
import { refuse, type Where } from './fault';
import { modelIdOf, type Subject } from './telemetry-labels';
import {
  type Histogram,
  histogramOf,
  histogramQuantile,
  histogramSince,
  labelValues,
  parseScrape,
  refuseRestart,
  type Scrape,
  totalOf,
} from './telemetry-prometheus';

export interface ReadSummary {
  readonly summary: LatencySummary;
  readonly findings: readonly TelemetryFinding[];
  readonly notes: readonly string[];
}

export interface ScrapeTexts {
  readonly after: { readonly source: string; readonly text: string };
  /** A scrape at the start of the span, so that the figures are those of the span alone. */
  readonly before: { readonly source: string; readonly text: string } | null;
  /** Between the two scrapes, or since the server started. */
  readonly durationS: number;
}

/** Reads the text of vLLM's `/metrics`, under its V1 names, summed over its engines. */
export function readScrape({ after, before, durationS }: ScrapeTexts, subject: Subject): ReadSummary {
  const where: Where = { source: after.source, path: '' };
  const reader = new ScrapeReader(
    parseScrape(after.source, after.text),
    before === null ? null : parseScrape(before.source, before.text),
    where,
  );
  const notes: string[] = [];
  const findings = checkModel(reader, subject, where, notes);
  const e2e = reader.histogram('vllm:e2e_request_latency_seconds');
  const requests = reader.counter('vllm:request_success', SUCCEEDED) ?? e2e?.count ?? 0;
  const prompt = reader.histogram('vllm:request_prompt_tokens');
  const output = reader.histogram('vllm:request_generation_tokens');
  const meanPromptTokens = meanOf(prompt) ?? (reader.counter('vllm:prompt_tokens') ?? 0) / requests;
  const meanOutputTokens = meanOf(output) ?? (reader.counter('vllm:generation_tokens') ?? 0) / requests;
  const summary: LatencySummary = {
    rateQps: requests / durationS,
    requests,
    meanPromptTokens,
    meanOutputTokens,
    meanCachedPromptTokens: meanPromptTokens * hitRate(reader, notes),
    ttft: figuresOf(reader.histogram('vllm:time_to_first_token_seconds')),
    tpot: tpotOf(reader, notes),
    e2e: figuresOf(e2e),
  };
  return { summary, findings: [...findings, ...lintConcurrency(reader, summary)], notes };
}

/** Requests that ran to their end; what was aborted has no full latency. */
const SUCCEEDED = (labels: ReadonlyMap<string, string>): boolean =>
  !['abort', 'error'].includes(labels.get('finished_reason') ?? '');

class ScrapeReader {
  constructor(
    readonly after: Scrape,
    private readonly before: Scrape | null,
    private readonly where: Where,
  ) {}

  histogram(name: string): Histogram | null {
    const after = histogramOf(this.after, name, this.where);
    if (after === null || this.before === null) return after;
    const before = histogramOf(this.before, name, this.where);
    // A label set appears with its first observation.
    return before === null ? after : histogramSince(after, before, name, this.where);
  }

  /** `name` without `_total`, which not every exporter adds. */
  counter(name: string, wanted?: (labels: ReadonlyMap<string, string>) => boolean): number | null {
    const of = (scrape: Scrape) => totalOf(scrape, `${name}_total`, wanted) ?? totalOf(scrape, name, wanted);
    const after = of(this.after);
    if (after === null || this.before === null) return after;
    const since = after - (of(this.before) ?? 0);
    return since < 0 ? refuseRestart(name, this.where) : since;
  }

  gauge(name: string): number | null {
    return totalOf(this.after, name);
  }
}

function checkModel(
  reader: ScrapeReader,
  subject: Subject,
  where: Where,
  notes: string[],
): TelemetryFinding[] {
  const names = labelValues(reader.after, 'model_name');
  if (names.length > 1) {
    refuse(where, {
      found: `the models ${names.join(' and ')} in one scrape`,
      allowed: 'one model_name',
      hint: 'keep the lines of one model, and give each its own document',
    });
  }
  return names.flatMap((name) => compareModel(name, 'model_name', subject, notes));
}

/** The model a file names against the document's. */
export function compareModel(
  name: string,
  key: string,
  subject: Subject,
  notes: string[],
): TelemetryFinding[] {
  const { modelId } = subject.deployment;
  const id = modelIdOf(name, subject.catalog);
  if (id === modelId) return [];
  if (id === null) {
    notes.push(`${key} ${JSON.stringify(name)} is no model of the catalogue: taken as ${modelId}.`);
    return [];
  }
  return [
    finding({
      code: 'MIXED_DEPLOYMENT',
      severity: 'error',
      message: `${key} says ${name}; the document says ${modelId}`,
      whatToDo: 'give each deployment its own document and its own samples',
    }),
  ];
}

function hitRate(reader: ScrapeReader, notes: string[]): number {
  const queries = reader.counter('vllm:prefix_cache_queries');
  const hits = reader.counter('vllm:prefix_cache_hits');
  if (queries === null || hits === null || queries === 0) {
    notes.push('The scrape has no queries of the prefix cache: no prompt token is taken as cached.');
    return 0;
  }
  return Math.min(1, hits / queries);
}

/** Per request where the server has it; else per token, of which only the mean can stand for a TPOT. */
function tpotOf(reader: ScrapeReader, notes: string[]): LatencyFigures | null {
  const ofRequests = reader.histogram('vllm:request_time_per_output_token_seconds');
  if (ofRequests !== null && ofRequests.count > 0) return figuresOf(ofRequests);
  for (const name of ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds']) {
    const ofTokens = reader.histogram(name);
    if (ofTokens === null || ofTokens.count === 0) continue;
    notes.push(`TPOT: the mean of ${name}, which counts tokens, not requests; its percentiles are not used.`);
    return { meanMs: (ofTokens.sum / ofTokens.count) * 1e3, p50Ms: null, p90Ms: null, p99Ms: null };
  }
  return null;
}

const meanOf = (histogram: Histogram | null): number | null =>
  histogram === null || histogram.count === 0 ? null : histogram.sum / histogram.count;

function figuresOf(histogram: Histogram | null): LatencyFigures | null {
  if (histogram === null || histogram.count === 0) return null;
  const ms = (share: number) => {
    const seconds = histogramQuantile(histogram, share);
    return seconds === null ? null : seconds * 1e3;
  };
  return { meanMs: (histogram.sum / histogram.count) * 1e3, p50Ms: ms(0.5), p90Ms: ms(0.9), p99Ms: ms(0.99) };
}

/** Requests in flight are rate × e2e (Little): a gauge far from it means a wrong duration, or a scrape at another load. */
function lintConcurrency(reader: ScrapeReader, { rateQps, e2e }: LatencySummary): TelemetryFinding[] {
  const running = reader.gauge('vllm:num_requests_running');
  const waiting = reader.gauge('vllm:num_requests_waiting');
  const expected = (rateQps * (e2e?.meanMs ?? Number.NaN)) / 1e3;
  const inFlight = (running ?? 0) + (waiting ?? 0);
  // Between scrapes of an idle server nothing is in flight, whatever the load was.
  if (!(inFlight > 0) || !(Math.max(inFlight / expected, expected / inFlight) > 3)) return [];
  return [
    finding({
      code: 'CONCURRENCY',
      severity: 'warning',
      message: `${inFlight} requests in flight at the scrape; rate × mean e2e gives ${digits(expected)}`,
      whatToDo: 'check duration_s: it spans prometheus_before to prometheus, or the whole life of the server',
    }),
  ];
}
