/**
 * State of the requests inside one replica: a row ("slot") per request, a typed array per column, slots reused, so
 * that memory follows the requests in flight and not the length of the run.
 */
export class RequestTable {
  private capacity = 0;
  private free: number[] = [];

  /** Position in the arrival order of the whole run. */
  index = new Float64Array(0);
  arrivedMs = new Float64Array(0);
  promptTokens = new Int32Array(0);
  outputTokens = new Int32Array(0);
  /** Prompt tokens found in the prefix cache: not computed, but held. */
  cachedTokens = new Int32Array(0);
  /** 1 when the request counts in the metrics (it arrived inside the measured window). */
  measured = new Uint8Array(0);
  /** Tokens whose KV the current prefill must hold: the prompt, plus what was generated before a preemption. */
  prefillTarget = new Int32Array(0);
  /** Of these, those done. */
  prefilled = new Int32Array(0);
  /** Output tokens made so far, up to the last prefill. */
  generated = new Int32Array(0);
  /** KV blocks held while prefilling, or reserved for the whole life. */
  blocks = new Int32Array(0);
  /** Decode step of the lane at which the request got the first token of its current prefill. */
  joinStep = new Float64Array(0);
  /** Decode step of the lane at which the request came into it: until the next step its latest token has its own time. */
  enterStep = new Float64Array(0);
  /** NaN until it happened. */
  firstScheduledMs = new Float64Array(0);
  firstTokenMs = new Float64Array(0);
  /** End of the step that made the latest token; right only until the lane's first step after `enterStep`. */
  lastTokenMs = new Float64Array(0);
  preemptions = new Int32Array(0);
  /** 1 while in the decode batch, 0 while waiting or prefilling. */
  decoding = new Uint8Array(0);
  /** Neighbours in the lane's order of admission; −1 at the ends. */
  older = new Int32Array(0);
  newer = new Int32Array(0);

  take(): number {
    if (this.free.length === 0) this.grow();
    const slot = this.free.pop()!;
    this.prefilled[slot] = 0;
    this.generated[slot] = 0;
    this.blocks[slot] = 0;
    this.firstScheduledMs[slot] = Number.NaN;
    this.firstTokenMs[slot] = Number.NaN;
    this.lastTokenMs[slot] = Number.NaN;
    this.preemptions[slot] = 0;
    this.decoding[slot] = 0;
    return slot;
  }

  release(slot: number): void {
    this.free.push(slot);
  }

  private grow(): void {
    const from = this.capacity;
    const to = Math.max(256, from * 2);
    const grown = <T extends Float64Array | Int32Array | Uint8Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.index = grown(this.index, new Float64Array(to));
    this.arrivedMs = grown(this.arrivedMs, new Float64Array(to));
    this.promptTokens = grown(this.promptTokens, new Int32Array(to));
    this.outputTokens = grown(this.outputTokens, new Int32Array(to));
    this.cachedTokens = grown(this.cachedTokens, new Int32Array(to));
    this.measured = grown(this.measured, new Uint8Array(to));
    this.prefillTarget = grown(this.prefillTarget, new Int32Array(to));
    this.prefilled = grown(this.prefilled, new Int32Array(to));
    this.generated = grown(this.generated, new Int32Array(to));
    this.blocks = grown(this.blocks, new Int32Array(to));
    this.joinStep = grown(this.joinStep, new Float64Array(to));
    this.enterStep = grown(this.enterStep, new Float64Array(to));
    this.firstScheduledMs = grown(this.firstScheduledMs, new Float64Array(to));
    this.firstTokenMs = grown(this.firstTokenMs, new Float64Array(to));
    this.lastTokenMs = grown(this.lastTokenMs, new Float64Array(to));
    this.preemptions = grown(this.preemptions, new Int32Array(to));
    this.decoding = grown(this.decoding, new Uint8Array(to));
    this.older = grown(this.older, new Int32Array(to));
    this.newer = grown(this.newer, new Int32Array(to));
    for (let slot = to - 1; slot >= from; slot--) this.free.push(slot);
    this.capacity = to;
  }
}
