/** Sums over a replica's iterations; their growth between two instants describes the time between. */
export interface ReplicaTotals {
  iterations: number;
  preemptions: number;
  /** Time of iterations in one stage, ms (batches in a pipeline overlap, so it may exceed the clock). */
  busyMs: number;
  extrapolatedMs: number;
  /** Requests in the batch × ms. */
  batchMs: number;
  /** KV blocks in use × ms. */
  kvBlockMs: number;
  /** New tokens through the model, prefill work Σ c·(p + c/2), and context tokens read by decodes: what FLOPs follow from. */
  tokens: number;
  prefillWork: number;
  contextRead: number;
  /** Prompt tokens of requests when they first ran, and those of them that were in the prefix cache. */
  scheduledPromptTokens: number;
  cachedPromptTokens: number;
  /** Requests that finished, measured or not, and their tokens. */
  finishedRequests: number;
  finishedPromptTokens: number;
  finishedOutputTokens: number;
}

export const zeroTotals = (): ReplicaTotals => ({
  iterations: 0,
  preemptions: 0,
  busyMs: 0,
  extrapolatedMs: 0,
  batchMs: 0,
  kvBlockMs: 0,
  tokens: 0,
  prefillWork: 0,
  contextRead: 0,
  scheduledPromptTokens: 0,
  cachedPromptTokens: 0,
  finishedRequests: 0,
  finishedPromptTokens: 0,
  finishedOutputTokens: 0,
});

export function sumTotals(all: readonly ReplicaTotals[]): ReplicaTotals {
  const sum = zeroTotals();
  for (const totals of all) for (const key of keysOf(sum)) sum[key] += totals[key];
  return sum;
}

export function subtractTotals(after: ReplicaTotals, before: ReplicaTotals): ReplicaTotals {
  const result = { ...after };
  for (const key of keysOf(result)) result[key] -= before[key];
  return result;
}

const keysOf = (totals: ReplicaTotals) => Object.keys(totals) as (keyof ReplicaTotals)[];
