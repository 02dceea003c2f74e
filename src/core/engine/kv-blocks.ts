/** The KV cache of one replica, in blocks. Blocks in use never exceed the total. */
export class KvBlocks {
  readonly total: number;
  readonly blockTokens: number;
  used = 0;
  peak = 0;

  constructor(total: number, blockTokens: number) {
    this.total = total;
    this.blockTokens = blockTokens;
  }

  get free(): number {
    return this.total - this.used;
  }

  blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.blockTokens);
  }

  allocate(blocks: number): void {
    this.used += blocks;
    if (this.used > this.total)
      throw new Error(`KV cache over capacity: ${this.used} of ${this.total} blocks`);
    if (this.used > this.peak) this.peak = this.used;
  }

  release(blocks: number): void {
    this.used -= blocks;
    if (this.used < 0) throw new Error(`KV cache released more blocks than it held (${this.used})`);
  }
}
