/**
 * Requests as a file has them, row by row, not yet judged. NaN: not recorded. ±Infinity: something was written that is no
 * finite number.
 */
export interface RawRequests {
  /** Null: no row has an arrival. */
  readonly arrivals: RawArrivals | null;
  readonly promptTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly cachedPromptTokens: Float64Array;
  readonly ttftMs: Float64Array;
  readonly tpotMs: Float64Array;
  readonly e2eMs: Float64Array;
  /** 1: the request did not succeed. */
  readonly failed: Uint8Array;
  readonly ids: readonly string[] | null;
  readonly labels: readonly RowLabels[];
}

export interface RawArrivals {
  /** s, from any start. */
  readonly atS: Float64Array;
  /** Dates: all rows share one clock. Otherwise seconds from the start of a run, which two runs in one file do not share. */
  readonly absolute: boolean;
}

/** A column that says what served each row. */
export interface RowLabels {
  /** Of the column. */
  readonly name: string;
  /** What the document says. */
  readonly expected: string;
  /** By row, spelt as `expected` where they mean the same; null: not recorded. */
  readonly values: readonly (string | null)[];
}

/** Engine steps as a file has them; NaN and ±Infinity as in `RawRequests`. */
export interface RawIterations {
  readonly types: readonly string[];
  readonly batchSize: Float64Array;
  readonly promptTokens: Float64Array;
  readonly contextTokens: Float64Array;
  readonly timeMs: Float64Array;
  readonly labels: readonly RowLabels[];
}
