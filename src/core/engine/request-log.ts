/** What happened to every request of one simulation, in order of arrival. Parallel arrays; NaN: not finished (TPOT also: one output token). */
export interface RequestLog {
  readonly arrivedAtS: Float64Array;
  readonly promptTokens: Int32Array;
  readonly outputTokens: Int32Array;
  readonly ttftMs: Float64Array;
  readonly tpotMs: Float64Array;
  readonly e2eMs: Float64Array;
  readonly preemptions: Int32Array;
}

/** A log of `count` requests, all unfinished. Arrival and lengths are zero until the caller sets them. */
export function createRequestLog(count: number): RequestLog {
  return {
    arrivedAtS: new Float64Array(count),
    promptTokens: new Int32Array(count),
    outputTokens: new Int32Array(count),
    ttftMs: new Float64Array(count).fill(Number.NaN),
    tpotMs: new Float64Array(count).fill(Number.NaN),
    e2eMs: new Float64Array(count).fill(Number.NaN),
    preemptions: new Int32Array(count),
  };
}
