/**
 * vLLM's rules for one request after the other, block by block: what our cache must agree with where requests do not
 * overlap. Slow and plain on purpose, and shares no code with it.
 */
export class PlainPrefixCache {
  /** Free blocks, least recently used first; what each holds, or null. */
  private free: (string | null)[];

  constructor(
    blocks: number,
    private readonly blockTokens: number,
  ) {
    this.free = new Array(blocks).fill(null);
  }

  /** Serves a request from its first to its last token; returns its cached tokens. */
  serve(request: {
    promptTokens: number;
    outputTokens: number;
    hashes: readonly number[];
    hashTokens: number;
  }): number {
    const names = this.namesOf(request);
    const most = Math.floor((request.promptTokens - 1) / this.blockTokens);
    const held: (string | null)[] = [];
    while (held.length < Math.min(most, names.length)) {
      const at = this.free.indexOf(names[held.length]!);
      if (at < 0) break;
      held.push(...this.free.splice(at, 1));
    }
    const hits = held.length;
    // The last token made is never read, so it has no KV.
    const blocks = Math.ceil((request.promptTokens + request.outputTokens - 1) / this.blockTokens);
    while (held.length < blocks) {
      this.free.shift();
      held.push(names[held.length] ?? null);
    }
    this.free.push(...held.reverse());
    return hits * this.blockTokens;
  }

  /** The prompt's full KV blocks, each named by all that it and what is before it holds. */
  private namesOf({ promptTokens, hashes, hashTokens }: Parameters<PlainPrefixCache['serve']>[0]): string[] {
    const full = Math.floor(promptTokens / this.blockTokens);
    return Array.from({ length: full }, (_, k) => {
      const lastHash = Math.floor(((k + 1) * this.blockTokens - 1) / hashTokens);
      return `${hashes.slice(0, lastHash + 1).join(' ')}/${k}`;
    });
  }
}
