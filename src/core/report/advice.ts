/** One thing to change in a request in which nothing fits, and what it would let in. */
export interface Advice {
  /** One entry, or several that help only together. */
  readonly changes: readonly Change[];
  /** Candidates of this plan that the change lets in; 0 where only candidates outside it would profit. */
  readonly admits: number;
  /** False: the candidates pass this limit, but something else about them was not simulated. */
  readonly certain: boolean;
  /** Size of the change relative to what is there, summed over `changes`; null where it has no such size. */
  readonly relativeChange: number | null;
  /** The whole advice for a person, with the numbers. */
  readonly sentence: string;
}

export interface Change {
  /** Key of the request, e.g. `max_ttft_p95_ms`. */
  readonly key: string;
  readonly from: number | string | null;
  readonly to: number | string;
}

/** |to − from| ÷ from. */
export function relativeChange(from: number, to: number): number | null {
  return from === 0 ? null : Math.abs(to - from) / Math.abs(from);
}
