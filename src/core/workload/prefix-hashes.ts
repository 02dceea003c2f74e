/**
 * Which blocks the prompts of a trace are made of, so that a simulation can tell what is in a prefix cache. Compact: a
 * trace of a million requests has some 25 million blocks.
 */
export interface PrefixHashes {
  /** Prompt tokens of one block; a prompt's last block may hold fewer. */
  readonly blockTokens: number;
  /** The blocks of all requests, one request after the other, numbered from 0. Equal numbers: equal tokens in the block and before it. */
  readonly blocks: Int32Array;
  /** Request i has `blocks` from starts[i] to before starts[i + 1]. */
  readonly starts: Int32Array;
  /** Blocks that differ; their numbers are below it. */
  readonly distinct: number;
}

/** Tokens of one hash where a trace does not say: those of the Mooncake traces. */
export const DEFAULT_HASH_BLOCK_TOKENS = 512;

/** Collects the hashes of requests in their order. Equal hashes after different prefixes are different blocks. */
export class PrefixHashBuilder {
  private blocks = new Int32Array(1024);
  private count = 0;
  private readonly starts: Int32Array;
  private requests = 0;
  private readonly numbers = new BlockNumbers();

  /** `capacity`: requests at most. */
  constructor(capacity: number) {
    this.starts = new Int32Array(capacity + 1);
  }

  /** The hashes of the next request's prompt, whole numbers. */
  add(hashes: readonly number[]): void {
    if (this.count + hashes.length > this.blocks.length) {
      const bigger = new Int32Array(Math.max(this.blocks.length * 2, this.count + hashes.length));
      bigger.set(this.blocks);
      this.blocks = bigger;
    }
    let block = -1;
    for (const hash of hashes) {
      block = this.numbers.numberOf(block, hash);
      this.blocks[this.count++] = block;
    }
    this.starts[++this.requests] = this.count;
  }

  build(blockTokens: number): PrefixHashes {
    return {
      blockTokens,
      blocks: this.blocks.slice(0, this.count),
      starts: this.starts.slice(0, this.requests + 1),
      distinct: this.numbers.size,
    };
  }
}

/** Numbers pairs of (block before, hash) in order of appearance. A hash table of its own: a Map ends at 16.7 million. */
class BlockNumbers {
  size = 0;
  private before = new Int32Array(1024);
  private hash = new Float64Array(1024);
  /** Number + 1 at the place that the pair's key gives; 0: free. */
  private table = new Int32Array(2048);

  numberOf(before: number, hash: number): number {
    let at = this.find(before, hash);
    const found = this.table[at]!;
    if (found > 0) return found - 1;
    if (this.size === this.hash.length) {
      this.grow();
      at = this.find(before, hash);
    }
    this.before[this.size] = before;
    this.hash[this.size] = hash;
    this.table[at] = ++this.size;
    return this.size - 1;
  }

  /** Where the pair is, or the free place where it belongs. */
  private find(before: number, hash: number): number {
    const { table } = this;
    const mask = table.length - 1;
    let key = Math.imul(before + 1, 0x9e3779b1) ^ Math.imul(hash | 0, 0x85ebca6b);
    key ^= Math.imul(Math.floor(hash / 2 ** 32), 0xc2b2ae35);
    key = Math.imul(key ^ (key >>> 15), 0x2c1b3c6d);
    for (let at = (key ^ (key >>> 13)) & mask; ; at = (at + 1) & mask) {
      const known = table[at]! - 1;
      if (known < 0 || (this.before[known] === before && this.hash[known] === hash)) return at;
    }
  }

  private grow(): void {
    const capacity = this.hash.length * 2;
    const before = new Int32Array(capacity);
    before.set(this.before);
    const hash = new Float64Array(capacity);
    hash.set(this.hash);
    this.before = before;
    this.hash = hash;
    this.table = new Int32Array(capacity * 2);
    for (let i = 0; i < this.size; i++) this.table[this.find(before[i]!, hash[i]!)] = i + 1;
  }
}
