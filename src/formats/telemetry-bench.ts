import { finding } from '../core/telemetry/findings';
import type { RawRequests } from '../core/telemetry/raw-telemetry';
import type { LatencyFigures, LatencySummary, TelemetryFinding } from '../core/telemetry/telemetry';
import { refuse, show, type Where } from './fault';
import type { Subject } from './telemetry-labels';
import { compareModel } from './telemetry-scrape';

export interface ReadBench {
  /** Of `--save-detailed`; else null. Arrivals only where the version records `start_times`. */
  readonly raw: RawRequests | null;
  /** The sums of the file itself. */
  readonly summary: LatencySummary;
  readonly findings: readonly TelemetryFinding[];
  readonly notes: readonly string[];
}

type Bench = Readonly<Record<string, unknown>>;

/** Reads what `vllm bench serve --save-result` writes. `at` names a key of it. */
export function readBench(value: unknown, at: (key: string) => Where, subject: Subject): ReadBench {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(at(''), {
      found: show(value),
      allowed: 'the JSON object of vllm bench serve --save-result',
    });
  }
  const bench = value as Bench;
  const notes: string[] = [];
  const findings: TelemetryFinding[] = [];
  if (typeof bench.model_id === 'string')
    findings.push(...compareModel(bench.model_id, 'model_id', subject, notes));
  const summary = summaryOf(bench, at);
  const raw = bench.input_lens === undefined ? null : detailsOf(bench, at);
  if (raw === null) {
    const failed =
      numberAt(bench, 'failed', at) ?? (numberAt(bench, 'num_prompts', at) ?? 0) - summary.requests;
    if (failed > 0) findings.push(failedFinding(failed));
  }
  return { raw, summary, findings, notes };
}

/** Arrivals that wait for earlier requests are no Poisson traffic of the mean rate, which is what a summary is replayed with. */
export function lintClosedLoop(value: unknown): TelemetryFinding[] {
  const { request_rate: rate, max_concurrency: most } = value as Bench;
  const atOnce = rate === 'inf' || rate === Number.POSITIVE_INFINITY;
  if (!atOnce && (most === undefined || most === null)) return [];
  return [
    finding({
      code: 'CLOSED_LOOP',
      severity: 'warning',
      message: atOnce
        ? 'all requests were sent at once (request_rate inf) and their times are not in the file'
        : `at most ${show(most)} requests were in flight (max_concurrency) and their times are not in the file`,
      whatToDo:
        'measure with a finite --request-rate, or with --save-detailed on a version that records start_times',
    }),
  ];
}

const failedFinding = (failed: number): TelemetryFinding =>
  finding({
    code: 'FAILED',
    severity: 'info',
    message: `${failed} requests did not succeed: the file's figures leave them out`,
    whatToDo: 'nothing; if they are many, the load they made is missing from the replay',
  });

function summaryOf(bench: Bench, at: (key: string) => Where): LatencySummary {
  const needed = (key: string): number =>
    numberAt(bench, key, at) ?? refuse(at(key), { found: show(bench[key]), allowed: 'a number' });
  const requests = needed('completed');
  const durationS = needed('duration');
  if (!(durationS > 0)) refuse(at('duration'), { found: show(bench.duration), allowed: 'seconds above 0' });
  const rate = numberAt(bench, 'request_rate', at);
  const each = (key: string) => (requests > 0 ? needed(key) / requests : 0);
  return {
    // The duration goes on until the last answer; the rate of arrivals is the one that was asked for.
    rateQps: rate !== null && rate > 0 ? rate : requests / durationS,
    requests,
    meanPromptTokens: each('total_input_tokens'),
    meanOutputTokens: each('total_output_tokens'),
    meanCachedPromptTokens: 0,
    ttft: figuresOf(bench, 'ttft', at),
    tpot: figuresOf(bench, 'tpot', at),
    e2e: figuresOf(bench, 'e2el', at),
  };
}

function figuresOf(bench: Bench, metric: string, at: (key: string) => Where): LatencyFigures | null {
  const of = (figure: string) => numberAt(bench, `${figure}_${metric}_ms`, at);
  const figures = {
    meanMs: of('mean'),
    p50Ms: of('median') ?? of('p50'),
    p90Ms: of('p90'),
    p99Ms: of('p99'),
  };
  return Object.values(figures).every((ms) => ms === null) ? null : figures;
}

/** Null: not there, or `inf`. */
function numberAt(bench: Bench, key: string, at: (key: string) => Where): number | null {
  const value = bench[key];
  if (value === undefined || value === null || value === 'inf') return null;
  if (typeof value === 'number') return value === Number.POSITIVE_INFINITY ? null : value;
  return refuse(at(key), { found: show(value), allowed: 'a number' });
}

/** Of each request: TTFT and the times between its tokens add up to e2e; TPOT is as vLLM computes it. */
function detailsOf(bench: Bench, at: (key: string) => Where): RawRequests {
  const promptTokens = numbersAt(bench, 'input_lens', at);
  const rows = promptTokens.length;
  const outputTokens = numbersAt(bench, 'output_lens', at, rows);
  const ttftS = numbersAt(bench, 'ttfts', at, rows);
  const gaps = listAt(bench, 'itls', at, rows).map((gap, i) => sumOf(gap, () => at(`itls[${i}]`)));
  const errors = listAt(bench, 'errors', at, rows);
  const started = bench.start_times === undefined ? null : numbersAt(bench, 'start_times', at, rows);
  const nothing = new Float64Array(rows).fill(Number.NaN);
  return {
    arrivals: started === null ? null : { atS: started, absolute: true },
    promptTokens,
    outputTokens,
    cachedPromptTokens: nothing,
    ttftMs: ttftS.map((s) => s * 1e3),
    tpotMs: outputTokens.map((tokens, i) => (tokens > 1 ? (gaps[i]! / (tokens - 1)) * 1e3 : Number.NaN)),
    e2eMs: ttftS.map((s, i) => (s + gaps[i]!) * 1e3),
    failed: Uint8Array.from({ length: rows }, (_, i) => (errors[i] ? 1 : 0)),
    ids: null,
    labels: [],
  };
}

/** A missing list is as long as the others, of undefined. */
function listAt(bench: Bench, key: string, at: (key: string) => Where, rows: number): readonly unknown[] {
  const value = bench[key];
  if (value === undefined) return Array.from({ length: rows });
  if (Array.isArray(value) && value.length === rows) return value;
  const found = Array.isArray(value) ? `${value.length} entries` : show(value);
  return refuse(at(key), { found, allowed: `a list of ${rows} entries, as input_lens has` });
}

function numbersAt(bench: Bench, key: string, at: (key: string) => Where, rows?: number): Float64Array {
  const first = bench[key];
  const count =
    rows ??
    (Array.isArray(first) ? first.length : refuse(at(key), { found: show(first), allowed: 'a list' }));
  return Float64Array.from(listAt(bench, key, at, count), (entry, i) =>
    entry === undefined || entry === null ? Number.NaN : numberEntry(entry, () => at(`${key}[${i}]`)),
  );
}

function numberEntry(entry: unknown, where: () => Where): number {
  if (typeof entry !== 'number') return refuse(where(), { found: show(entry), allowed: 'a number' });
  return Number.isFinite(entry) ? entry : Number.POSITIVE_INFINITY;
}

function sumOf(list: unknown, where: () => Where): number {
  if (list === undefined || list === null) return Number.NaN;
  if (!Array.isArray(list)) return refuse(where(), { found: show(list), allowed: 'a list of seconds' });
  return list.reduce((sum: number, entry) => sum + numberEntry(entry, where), 0);
}
