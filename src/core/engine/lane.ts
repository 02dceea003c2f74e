import type { RequestTable } from './request-table';

/**
 * Requests that go through the model together.
 *
 * All decoding requests of a lane advance together, so what differs between them is kept relative to `step`, the
 * lane's count of decode steps: a request's finishing step, and the remainder that tells when it needs a new block.
 */
export class Lane {
  /** Decode steps done. */
  step = 0;
  /** Decoding requests, those of them that are measured, and their context tokens in the KV cache. */
  decoding = 0;
  measuredDecoding = 0;
  context = 0;
  /** Decoding requests by the step remainder (mod block size) at which they need another block. */
  readonly growAt: Int32Array;
  /** End of the last step that gave all decoding requests a token (except those apart). */
  lastTokenMs = 0;
  /** Measured requests whose latest token is not from that step, grouped by when it was. */
  readonly apartMs: number[] = [];
  readonly apartCount: number[] = [];
  /** Entries in use of these two; the arrays keep their length, since shortening one is slow. */
  apartGroups = 0;
  /** Admitted requests whose prompt is not done, oldest first. */
  readonly prefilling: number[] = [];
  /** Admitted requests: prefilling and decoding. */
  running = 0;

  /** When the iteration in flight ends. */
  endMs = 0;
  /** Prefill chunks of the iteration in flight. */
  readonly chunkSlots: number[] = [];
  readonly chunkTokens: number[] = [];
  /** Entries in use of these two. */
  chunks = 0;

  private readonly requests: RequestTable;
  private newest = -1;
  /** Binary heap of decoding slots, and the steps after which they are done. */
  private readonly heap: number[] = [];
  private readonly finish: number[] = [];

  constructor(requests: RequestTable, blockTokens: number) {
    this.requests = requests;
    this.growAt = new Int32Array(blockTokens);
  }

  /** Put a prefill chunk of an admitted request into the next iteration. */
  planChunk(slot: number, tokens: number): void {
    this.chunkSlots[this.chunks] = slot;
    this.chunkTokens[this.chunks++] = tokens;
  }

  hasChunk(slot: number): boolean {
    for (let i = 0; i < this.chunks; i++) if (this.chunkSlots[i] === slot) return true;
    return false;
  }

  /** Append to the order of admission. */
  admit(slot: number): void {
    this.requests.older[slot] = this.newest;
    this.requests.newer[slot] = -1;
    if (this.newest >= 0) this.requests.newer[this.newest] = slot;
    this.newest = slot;
    this.running++;
  }

  /** The request admitted last; only when running > 0. */
  latest(): number {
    return this.newest;
  }

  /** Leave the order of admission. */
  leave(slot: number): void {
    const { older, newer } = this.requests;
    const before = older[slot]!;
    const after = newer[slot]!;
    if (before >= 0) newer[before] = after;
    if (after >= 0) older[after] = before;
    else this.newest = before;
    this.running--;
  }

  /** Slots, latest admitted first. */
  *members(): Generator<number> {
    let slot = this.newest;
    while (slot >= 0) {
      const next = this.requests.older[slot]!;
      yield slot;
      slot = next;
    }
  }

  /** A request's context tokens in the KV cache while it decodes. */
  contextOf(slot: number): number {
    return this.requests.prefillTarget[slot]! + this.step - this.requests.joinStep[slot]!;
  }

  /** Take a request into the decode batch. Its `joinStep` is set; `growing` is false where KV is reserved ahead. */
  addDecoding(slot: number, finishStep: number, lastTokenMs: number, growing: boolean): void {
    const { requests } = this;
    const measured = requests.measured[slot]!;
    if (this.decoding === 0) this.lastTokenMs = lastTokenMs;
    if (lastTokenMs !== this.lastTokenMs && measured === 1) this.rememberApart(lastTokenMs);
    requests.decoding[slot] = 1;
    requests.enterStep[slot] = this.step;
    requests.lastTokenMs[slot] = lastTokenMs;
    if (growing) this.growAt[this.growRemainder(slot)]!++;
    this.decoding++;
    this.measuredDecoding += measured;
    this.context += this.contextOf(slot);
    this.pushHeap(slot, finishStep);
  }

  /** Take a request out of the decode batch; returns when it got its latest token. The heap is the caller's. */
  dropDecoding(slot: number, growing: boolean): number {
    const { requests } = this;
    const measured = requests.measured[slot]!;
    const apart = requests.enterStep[slot] === this.step;
    const lastTokenMs = apart ? requests.lastTokenMs[slot]! : this.lastTokenMs;
    if (apart && measured === 1) this.forgetApart(lastTokenMs);
    this.decoding--;
    this.measuredDecoding -= measured;
    this.context -= this.contextOf(slot);
    if (growing) this.growAt[this.growRemainder(slot)]!--;
    requests.decoding[slot] = 0;
    return lastTokenMs;
  }

  /** Move a request here from another lane, keeping its place by arrival. */
  adopt(slot: number, from: Lane, growing: boolean): void {
    const { requests } = this;
    if (requests.decoding[slot] === 1) {
      const left = from.removeFromHeap(slot) - from.step;
      const progress = from.step - requests.joinStep[slot]!;
      const lastTokenMs = from.dropDecoding(slot, growing);
      requests.joinStep[slot] = this.step - progress;
      this.addDecoding(slot, this.step + left, lastTokenMs, growing);
    } else {
      from.prefilling.splice(from.prefilling.indexOf(slot), 1);
      const later = this.prefilling.findIndex((other) => requests.index[other]! > requests.index[slot]!);
      this.prefilling.splice(later < 0 ? this.prefilling.length : later, 0, slot);
    }
    from.leave(slot);
    this.insertByArrival(slot);
  }

  private insertByArrival(slot: number): void {
    const { older, newer, index } = this.requests;
    let after = -1;
    let before = this.newest;
    while (before >= 0 && index[before]! > index[slot]!) {
      after = before;
      before = older[before]!;
    }
    older[slot] = before;
    newer[slot] = after;
    if (before >= 0) newer[before] = slot;
    if (after >= 0) older[after] = slot;
    else this.newest = slot;
    this.running++;
  }

  /** A request needs a block when its context is a multiple of the block size: at lane steps with this remainder. */
  private growRemainder(slot: number): number {
    const block = this.growAt.length;
    return (((this.requests.joinStep[slot]! - this.requests.prefillTarget[slot]!) % block) + block) % block;
  }

  private rememberApart(ms: number): void {
    const last = this.apartGroups - 1;
    if (last >= 0 && this.apartMs[last] === ms) {
      this.apartCount[last]!++;
    } else {
      this.apartMs[this.apartGroups] = ms;
      this.apartCount[this.apartGroups++] = 1;
    }
  }

  private forgetApart(ms: number): void {
    for (let i = this.apartGroups - 1; i >= 0; i--) {
      if (this.apartMs[i] !== ms || this.apartCount[i] === 0) continue;
      this.apartCount[i]!--;
      return;
    }
  }

  /** First step after which a decoding request is done; Infinity with none. */
  nextFinish(): number {
    return this.finish.length > 0 ? this.finish[0]! : Number.POSITIVE_INFINITY;
  }

  private pushHeap(slot: number, finishStep: number): void {
    const { heap, finish } = this;
    let i = heap.length;
    heap.push(slot);
    finish.push(finishStep);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (finish[parent]! <= finishStep) break;
      heap[i] = heap[parent]!;
      finish[i] = finish[parent]!;
      i = parent;
    }
    heap[i] = slot;
    finish[i] = finishStep;
  }

  /** The request that finishes first. */
  popFromHeap(): number {
    const slot = this.heap[0]!;
    this.removeAt(0);
    return slot;
  }

  /** Any request, by search: preemption and moves between lanes only. Returns its finishing step. */
  removeFromHeap(slot: number): number {
    const at = this.heap.indexOf(slot);
    const finishStep = this.finish[at]!;
    this.removeAt(at);
    return finishStep;
  }

  private removeAt(at: number): void {
    const { heap, finish } = this;
    const slot = heap.pop()!;
    const key = finish.pop()!;
    const n = heap.length;
    if (at === n) return;
    let i = at;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (finish[parent]! <= key) break;
      heap[i] = heap[parent]!;
      finish[i] = finish[parent]!;
      i = parent;
    }
    for (;;) {
      let child = 2 * i + 1;
      if (child >= n) break;
      if (child + 1 < n && finish[child + 1]! < finish[child]!) child++;
      if (finish[child]! >= key) break;
      heap[i] = heap[child]!;
      finish[i] = finish[child]!;
      i = child;
    }
    heap[i] = slot;
    finish[i] = key;
  }
}
