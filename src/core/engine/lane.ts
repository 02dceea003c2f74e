import type { RequestTable } from './request-table';

/**
 * The requests that go through the model together. A replica has one lane per pipeline stage, so that each stage has
 * a batch to work on; a request stays in the lane that admitted it.
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
  /** End of the last step that gave all decoding requests a token (except those in `joined`). */
  lastTokenMs = 0;
  /** Measured requests that got their first token since then, grouped by when. */
  readonly joinedMs: number[] = [];
  readonly joinedCount: number[] = [];
  /** Admitted requests whose prompt is not done, oldest first. */
  readonly prefilling: number[] = [];
  /** Admitted requests: prefilling and decoding. */
  running = 0;

  /** The iteration in flight ends here, or (when idle) the lane is free from here. */
  readyMs = 0;
  inFlight = false;
  idle = true;
  /** Prefill chunks of the iteration in flight. */
  readonly chunkSlots: number[] = [];
  readonly chunkTokens: number[] = [];

  private readonly requests: RequestTable;
  private newest = -1;
  /** Binary heap of decoding slots, and the steps after which they are done. */
  private readonly heap: number[] = [];
  private readonly finish: number[] = [];

  constructor(requests: RequestTable, blockTokens: number) {
    this.requests = requests;
    this.growAt = new Int32Array(blockTokens);
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

  /** First step after which a decoding request is done; Infinity with none. */
  nextFinish(): number {
    return this.finish.length > 0 ? this.finish[0]! : Number.POSITIVE_INFINITY;
  }

  pushDecoding(slot: number, finishStep: number): void {
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

  popDecoding(): number {
    const slot = this.heap[0]!;
    this.removeAt(0);
    return slot;
  }

  /** For preemption only: linear in the batch. */
  removeDecoding(slot: number): void {
    this.removeAt(this.heap.indexOf(slot));
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
