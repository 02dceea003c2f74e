import type {
  IterationSample,
  IterationSamples,
  IterationType,
  RequestSamples,
} from '../../core/telemetry/telemetry';

// Samples as rows. What was not recorded is null there, NaN (times) or −1 (tokens) here.

export interface TelemetryRequestRow {
  readonly arrived_at_s: number;
  readonly prompt_tokens: number;
  readonly output_tokens: number;
  readonly cached_prompt_tokens: number | null;
  readonly ttft_ms: number | null;
  readonly tpot_ms: number | null;
  readonly e2e_ms: number | null;
}

export interface TelemetryIterationRow {
  readonly type: IterationType;
  readonly batch_size: number;
  readonly prompt_tokens: number;
  readonly context_tokens: number;
  readonly time_ms: number;
}

/** Null of none. */
export function fromRequestRows(rows: readonly TelemetryRequestRow[]): RequestSamples | null {
  if (rows.length === 0) return null;
  const times = (of: (row: TelemetryRequestRow) => number | null) =>
    Float64Array.from(rows, (row) => of(row) ?? Number.NaN);
  const tokens = (of: (row: TelemetryRequestRow) => number | null) =>
    Int32Array.from(rows, (row) => of(row) ?? -1);
  return {
    arrivedAtS: times((row) => row.arrived_at_s),
    promptTokens: tokens((row) => row.prompt_tokens),
    outputTokens: tokens((row) => row.output_tokens),
    cachedPromptTokens: tokens((row) => row.cached_prompt_tokens),
    ttftMs: times((row) => row.ttft_ms),
    tpotMs: times((row) => row.tpot_ms),
    e2eMs: times((row) => row.e2e_ms),
  };
}

/** Null of none. */
export const fromIterationRows = (rows: readonly TelemetryIterationRow[]): IterationSamples | null =>
  rows.length === 0
    ? null
    : rows.map(
        (row): IterationSample => ({
          type: row.type,
          batchSize: row.batch_size,
          promptTokens: row.prompt_tokens,
          contextTokens: row.context_tokens,
          timeMs: row.time_ms,
        }),
      );

/** Columns of requests as texts of Postgres arrays: one statement stores any number of rows. */
export const requestArrays = (samples: RequestSamples) => ({
  arrivedAtS: arrayText(samples.arrivedAtS),
  promptTokens: arrayText(samples.promptTokens),
  outputTokens: arrayText(samples.outputTokens),
  cachedPromptTokens: arrayText(samples.cachedPromptTokens),
  ttftMs: arrayText(samples.ttftMs),
  tpotMs: arrayText(samples.tpotMs),
  e2eMs: arrayText(samples.e2eMs),
});

export const iterationArrays = (samples: IterationSamples) => ({
  type: `{${samples.map(({ type }) => type).join(',')}}`,
  batchSize: arrayText(samples.map((s) => s.batchSize)),
  promptTokens: arrayText(samples.map((s) => s.promptTokens)),
  contextTokens: arrayText(samples.map((s) => s.contextTokens)),
  timeMs: arrayText(samples.map((s) => s.timeMs)),
});

/** NaN and negative numbers: not recorded. */
const arrayText = (values: ArrayLike<number>): string =>
  `{${Array.from(values, (value) => (value >= 0 ? value : 'NULL')).join(',')}}`;
