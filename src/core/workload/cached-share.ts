import type { PrefixCaching, Trace } from './workload';

/** Cached tokens of a prompt of which the share `hitRate` (0 to 1) is cached. The last token is always computed. */
export const cachedShareOf = (promptTokens: number, hitRate: number): number =>
  // A share such as 0.29 of 100 tokens is 28.999…96 in binary: it means 29.
  Math.min(Math.floor(promptTokens * hitRate + 1e-9), promptTokens - 1);

/** The trace with this many cached tokens in every prompt, but for its last token. */
export const withCachedTokens = (trace: Trace, tokens: number): Trace => ({
  ...trace,
  cachedPromptTokens: trace.promptTokens.map((prompt) => Math.min(tokens, prompt - 1)),
});

/** The trace as a workload with this prefix caching needs it. `null`: what the trace's own column says. */
export function withPrefixCaching(trace: Trace, caching: PrefixCaching | null): Trace {
  const { hashes, ...plain } = trace;
  if (caching === null) return plain;
  if (caching.kind === 'hit_rate') {
    const { hitRate } = caching;
    return { ...plain, cachedPromptTokens: plain.promptTokens.map((n) => cachedShareOf(n, hitRate)) };
  }
  if (hashes === undefined) throw new Error(`the trace ${trace.name} has no hashes to simulate`);
  return {
    ...plain,
    cachedPromptTokens: new Int32Array(plain.promptTokens.length),
    hashes: { ...hashes, blockTokens: caching.hashBlockTokens },
  };
}
