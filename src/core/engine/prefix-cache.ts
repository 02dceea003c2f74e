import type { PrefixHashes } from '../workload/prefix-hashes';
import type { KvBlocks } from './kv-blocks';

/**
 * The prefix cache of one replica, inside its KV blocks, as in vLLM's V1 engine. Every block that no running request
 * holds is in one queue, least recently used first, and new blocks come from its front. A request gives its blocks back
 * last one first, so that of a prompt the end is lost before the start. A block that several running requests share is
 * there once. A hit is the longest run of cached blocks from the prompt's start.
 *
 * Entries are blocks of hashes, of many KV blocks each, losing them from the end: exact, without a queue entry per KV
 * block. What no hash names (a block's unfilled rest, outputs, what a request computed although others just compute the
 * same) waits in the queue as nameless blocks.
 *
 * The front of the queue is taken only when someone looks (`settle`). Blocks leave at the front and come in at the back,
 * so the order of the two does not matter, and whoever allocates KV need not know of the cache.
 */
export class PrefixCache {
  /** What the last `find` found: KV blocks of the hit, and those of them that running requests hold. */
  foundBlocks = 0;
  foundInUse = 0;

  private readonly kv: KvBlocks;
  private readonly hashes: PrefixHashes;
  private readonly entries = new Map<number, Entry>();
  /** By slot of the request table. */
  private readonly claims: Claim[] = [];
  private readonly queue = new BlockQueue();

  constructor(kv: KvBlocks, hashes: PrefixHashes) {
    this.kv = kv;
    this.hashes = hashes;
    this.queue.pushNameless(kv.total);
  }

  /** The slot now stands for the request at `tracePosition`; a trace that repeats brings new prompts each time. */
  expect(slot: number, tracePosition: number, promptTokens: number): void {
    const { starts, distinct } = this.hashes;
    const requests = starts.length - 1;
    const row = tracePosition % requests;
    const claim = this.claims[slot] ?? new Claim();
    this.claims[slot] = claim;
    claim.start = starts[row]!;
    claim.length = starts[row + 1]! - claim.start;
    claim.keyBase = Math.floor(tracePosition / requests) * distinct;
    claim.promptTokens = promptTokens;
  }

  /** Look for a waiting request's prefix, of which `targetTokens` − 1 tokens at most may come from the cache. Changes nothing. */
  find(slot: number, targetTokens: number): void {
    this.settle();
    const claim = this.claims[slot]!;
    // The last token is always computed: its logits are the next one.
    const most = Math.floor((targetTokens - 1) / this.kv.blockTokens);
    this.foundBlocks = 0;
    this.foundInUse = 0;
    for (let i = 0; i < claim.length && this.foundBlocks < most; i++) {
      const size = this.blocksUpTo(claim, i + 1) - this.blocksUpTo(claim, i);
      if (size === 0) continue;
      const entry = this.entries.get(this.keyOf(claim, i));
      if (entry === undefined || entry.filler >= 0) return;
      const hit = Math.min(entry.blocks, size, most - this.foundBlocks);
      this.foundBlocks += hit;
      if (entry.users > 0) this.foundInUse += hit;
      if (hit < size) return;
    }
  }

  /** Hold what `find` just found for the slot. Nothing may have been allocated or released in between. */
  claim(slot: number): void {
    const claim = this.claims[slot]!;
    let left = this.foundBlocks;
    claim.shared = left;
    claim.next = 0;
    for (; left > 0; claim.next++) {
      const size = this.blocksUpTo(claim, claim.next + 1) - this.blocksUpTo(claim, claim.next);
      if (size === 0) continue;
      const entry = this.entries.get(this.keyOf(claim, claim.next))!;
      const hit = Math.min(entry.blocks, size, left);
      left -= hit;
      if (entry.users++ === 0) this.revive(entry, hit);
      claim.entries.push(entry);
      if (hit === size || entry.blocks > hit) continue;
      // Lost its end: this request computes that again.
      entry.filler = slot;
      return;
    }
  }

  /** The KV of the slot's first `tokens` tokens is computed, or will be in the batch being made: others may hit it. */
  computed(slot: number, tokens: number): void {
    const claim = this.claims[slot]!;
    const full = Math.floor(Math.min(tokens, claim.promptTokens) / this.kv.blockTokens);
    for (; claim.next < claim.length; claim.next++) {
      const from = this.blocksUpTo(claim, claim.next);
      const size = this.blocksUpTo(claim, claim.next + 1) - from;
      if (size === 0) continue;
      const covered = Math.min(full - from, size);
      if (covered <= 0) return;
      const entry = this.entryToFill(slot, claim);
      if (entry !== null) {
        claim.shared += covered - entry.blocks;
        entry.blocks = covered;
      }
      if (covered < size) return;
      if (entry !== null) entry.filler = -1;
    }
  }

  /** The slot's request gives back its `blocks` KV blocks. */
  release(slot: number, blocks: number): void {
    const claim = this.claims[slot]!;
    let released = blocks - claim.shared;
    this.queue.pushNameless(released);
    for (let i = claim.entries.length - 1; i >= 0; i--) {
      const entry = claim.entries[i]!;
      if (entry.filler === slot) entry.filler = -1;
      if (--entry.users > 0) continue;
      released += entry.blocks;
      this.queue.push(entry);
    }
    claim.entries.length = 0;
    claim.shared = 0;
    this.kv.release(released);
  }

  /** The entry that the slot is to fill next; null: another request has it. */
  private entryToFill(slot: number, claim: Claim): Entry | null {
    const key = this.keyOf(claim, claim.next);
    let known = this.entries.get(key);
    if (known !== undefined && known.users > 0) return known.filler === slot ? known : null;
    if (known !== undefined) {
      this.settle();
      known = this.entries.get(key);
    }
    // One in the queue that `find` could not use, for a block before it was gone, gives way to the fresh one.
    if (known !== undefined) this.revive(known, 0);
    const entry = known ?? new Entry(key);
    entry.users = 1;
    entry.filler = slot;
    this.entries.set(key, entry);
    claim.entries.push(entry);
    return entry;
  }

  /** Out of the queue, to be held, with its first `blocks`; the others stay in the queue, nameless and first to go. */
  private revive(entry: Entry, blocks: number): void {
    this.queue.remove(entry);
    this.queue.unshiftNameless(entry.blocks - blocks);
    entry.blocks = blocks;
    this.kv.allocate(blocks);
  }

  /** Take from the front of the queue what has been allocated since. */
  private settle(): void {
    const { queue, entries } = this;
    let taken = queue.blocks - this.kv.free;
    while (taken > 0) {
      const first = queue.first();
      const some = Math.min(taken, first.blocks);
      queue.trim(first, some);
      taken -= some;
      if (first.blocks > 0) continue;
      queue.remove(first);
      if (first.key >= 0) entries.delete(first.key);
    }
  }

  private keyOf(claim: Claim, i: number): number {
    return claim.keyBase + this.hashes.blocks[claim.start + i]!;
  }

  /** Full KV blocks in the first `n` blocks of hashes. */
  private blocksUpTo(claim: Claim, n: number): number {
    return Math.floor(Math.min(n * this.hashes.blockTokens, claim.promptTokens) / this.kv.blockTokens);
  }
}

/** What one request has of the cache. */
class Claim {
  /** Its blocks in the hashes: from `start`, `length` of them. */
  start = 0;
  length = 0;
  keyBase = 0;
  promptTokens = 0;
  /** Held, first to last. */
  readonly entries: Entry[] = [];
  /** Of the request's KV blocks, those in these entries. */
  shared = 0;
  /** The block of hashes that it computes next. */
  next = 0;
}

/** A block of hashes, or (key −1) nameless KV blocks. */
class Entry {
  readonly key: number;
  /** KV blocks it has, from its start on. */
  blocks = 0;
  /** Running requests that hold it; with none it is in the queue. */
  users = 0;
  /** The slot that computes it at present; −1: none. */
  filler = -1;
  before: Entry = this;
  after: Entry = this;

  constructor(key: number) {
    this.key = key;
  }
}

/** The blocks that no running request holds, least recently used first. A ring of entries. */
class BlockQueue {
  /** KV blocks in it. */
  blocks = 0;
  private readonly ring = new Entry(-1);

  first(): Entry {
    return this.ring.after;
  }

  push(entry: Entry): void {
    this.insert(entry, this.ring.before);
  }

  pushNameless(blocks: number): void {
    const last = this.ring.before;
    if (last !== this.ring && last.key < 0) this.trim(last, -blocks);
    else if (blocks > 0) this.insert(nameless(blocks), last);
  }

  unshiftNameless(blocks: number): void {
    if (blocks > 0) this.insert(nameless(blocks), this.ring);
  }

  remove(entry: Entry): void {
    entry.before.after = entry.after;
    entry.after.before = entry.before;
    this.blocks -= entry.blocks;
  }

  /** An entry in the queue loses its last `blocks`. */
  trim(entry: Entry, blocks: number): void {
    entry.blocks -= blocks;
    this.blocks -= blocks;
  }

  private insert(entry: Entry, before: Entry): void {
    entry.before = before;
    entry.after = before.after;
    before.after.before = entry;
    before.after = entry;
    this.blocks += entry.blocks;
  }
}

function nameless(blocks: number): Entry {
  const entry = new Entry(-1);
  entry.blocks = blocks;
  return entry;
}
