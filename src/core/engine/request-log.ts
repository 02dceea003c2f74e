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
