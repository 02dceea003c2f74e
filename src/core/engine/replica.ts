import type { IterationTimes } from '../profile/iteration-times';
import type { Overhead } from './deployment';
import { KvBlocks } from './kv-blocks';
import { Lane } from './lane';
import type { Recorder } from './recorder';
import { RequestTable } from './request-table';
import { WaitingQueue } from './waiting-queue';

/** Decides what goes into the next batch. One small file each, in schedulers/. */
export interface Scheduler {
  /** Prompts are computed in one iteration, never in chunks. */
  readonly wholePrompts: boolean;
  /** KV for the longest request the server accepts is reserved at admission. */
  readonly reservesMaximum: boolean;
  /** A share of the KV blocks stays free when a request is admitted. */
  readonly usesWatermark: boolean;
  /** Admit requests, plan prefill chunks (`replica.planChunk`); true: the lane's decodes run in this iteration. */
  schedule(replica: Replica, lane: Lane): boolean;
}

export interface ReplicaConfig {
  readonly scheduler: Scheduler;
  readonly times: IterationTimes;
  readonly overhead: Overhead;
  readonly pipelineParallel: number;
  readonly maxBatchSize: number;
  readonly maxBatchedTokens: number;
  readonly chunkTokens: number;
  readonly blockTokens: number;
  readonly numBlocks: number;
  readonly watermark: number;
  readonly maxModelTokens: number;
  /** Advance one decode step at a time, as a check on the closed form; slower, same results. */
  readonly plainStepping: boolean;
}

/** Sums over a replica's iterations; their growth between two instants describes the time between. */
export interface ReplicaTotals {
  iterations: number;
  preemptions: number;
  /** Time of iterations, ms (pipeline stages overlap, so it may exceed the clock). */
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
  /** Requests that finished, measured or not, and their tokens. */
  finishedRequests: number;
  finishedPromptTokens: number;
  finishedOutputTokens: number;
}

/**
 * One copy of the model: a queue, a KV cache, and up to `pipelineParallel` batches in flight, each a lane. Requests not
 * in flight are in the pool, the lane from which the next batch is made.
 */
export class Replica {
  readonly config: ReplicaConfig;
  readonly requests = new RequestTable();
  readonly waiting = new WaitingQueue();
  readonly kv: KvBlocks;
  readonly watermarkBlocks: number;
  readonly totals: ReplicaTotals = {
    iterations: 0,
    preemptions: 0,
    busyMs: 0,
    extrapolatedMs: 0,
    batchMs: 0,
    kvBlockMs: 0,
    tokens: 0,
    prefillWork: 0,
    contextRead: 0,
    finishedRequests: 0,
    finishedPromptTokens: 0,
    finishedOutputTokens: 0,
  };
  /** Requests accepted and not finished, and those of them admitted to a batch. */
  outstanding = 0;
  running = 0;
  /** Requests one batch may hold: batches in flight share `maxBatchSize`. */
  readonly batchCapacity: number;
  /** Most requests ever running at once. */
  peakRunning = 0;
  lastFinishMs = 0;

  private readonly recorder: Recorder;
  private pool: Lane;
  private readonly inFlight: Lane[] = [];
  private readonly spare: Lane[] = [];
  private readonly stageFreeMs: Float64Array;
  private readonly needsBlocks: boolean;
  /** When to look at the queue again because of an arrival; Infinity: not before a batch ends. */
  private wakeMs = Number.POSITIVE_INFINITY;
  private kvSinceMs = 0;
  private nowMs = 0;

  constructor(config: ReplicaConfig, recorder: Recorder) {
    this.config = config;
    this.recorder = recorder;
    this.kv = new KvBlocks(config.numBlocks, config.blockTokens);
    this.watermarkBlocks = Math.ceil(config.watermark * config.numBlocks);
    this.stageFreeMs = new Float64Array(config.pipelineParallel);
    this.needsBlocks = !config.scheduler.reservesMaximum;
    this.pool = new Lane(this.requests, config.blockTokens);
    for (let i = 0; i < config.pipelineParallel; i++) this.spare.push(new Lane(this.requests, config.blockTokens));
    this.batchCapacity = Math.ceil(config.maxBatchSize / config.pipelineParallel);
  }

  /** Why this server could never serve the request, or null. */
  refuses(promptTokens: number, outputTokens: number): string | null {
    const { maxModelTokens, scheduler, maxBatchedTokens } = this.config;
    const tokens = promptTokens + outputTokens;
    if (tokens > maxModelTokens) return `prompt + output (${tokens} tokens) is over max_model_len ${maxModelTokens}`;
    if (scheduler.wholePrompts && promptTokens > maxBatchedTokens) {
      return `prompt (${promptTokens} tokens) is over max_batched_tokens ${maxBatchedTokens}`;
    }
    const blocks = this.kv.blocksFor(scheduler.reservesMaximum ? maxModelTokens : tokens);
    const available = this.kv.total - (scheduler.usesWatermark ? this.watermarkBlocks : 0);
    return blocks > available ? `needs ${blocks} KV blocks of ${available}` : null;
  }

  /** A request arrives; the caller has checked `refuses`, and has run the replica up to `arrivedMs`. */
  push(request: {
    index: number;
    arrivedMs: number;
    promptTokens: number;
    outputTokens: number;
    cachedTokens: number;
    measured: boolean;
  }): void {
    const { requests } = this;
    const slot = requests.take();
    requests.index[slot] = request.index;
    requests.arrivedMs[slot] = request.arrivedMs;
    requests.promptTokens[slot] = request.promptTokens;
    requests.outputTokens[slot] = request.outputTokens;
    requests.cachedTokens[slot] = request.cachedTokens;
    requests.measured[slot] = request.measured ? 1 : 0;
    requests.prefillTarget[slot] = request.promptTokens;
    this.outstanding++;
    this.waiting.push(slot);
    if (request.arrivedMs < this.wakeMs) this.wakeMs = request.arrivedMs;
  }

  /**
   * Run every iteration that starts before `untilMs`. Order of events: by time; at equal times arrivals (the caller)
   * come before ends of iterations, and those in the order in which the iterations started.
   */
  runUntil(untilMs: number): void {
    for (;;) {
      const ending = this.nextToEnd();
      const endMs = ending === null ? Number.POSITIVE_INFINITY : ending.endMs;
      const wakeMs = this.inFlight.length < this.stageFreeMs.length ? this.wakeMs : Number.POSITIVE_INFINITY;
      const nowMs = Math.min(endMs, wakeMs);
      if (nowMs >= untilMs) break;
      this.advanceClock(nowMs);
      this.nowMs = nowMs;
      if (ending !== null && endMs <= wakeMs) this.complete(ending);
      this.wakeMs = Number.POSITIVE_INFINITY;
      while (this.inFlight.length < this.stageFreeMs.length && this.startNext(untilMs));
      if (this.stageFreeMs.length > 1) this.cycleDecodes(untilMs);
    }
  }

  /**
   * Pipelined batches that only decode go round with nothing to decide: no request waits, finishes or needs more KV
   * than there is. The same steps as through the event loop, at a fraction of its cost.
   */
  private cycleDecodes(untilMs: number): void {
    if (this.config.plainStepping || this.waiting.length > 0 || this.pool.running > 0) return;
    for (;;) {
      const lane = this.nextToEnd();
      if (lane === null || lane.endMs >= untilMs || lane.chunks > 0) return;
      if (lane.nextFinish() <= lane.step || this.freeAfterDecodes(lane) < 0) return;
      this.advanceClock(lane.endMs);
      this.nowMs = lane.endMs;
      this.removeInFlight(lane);
      this.inFlight.push(lane);
      this.runStep(lane, true);
    }
  }

  /** Bring the time integrals up to `ms`. */
  advanceClock(ms: number): void {
    if (ms <= this.kvSinceMs) return;
    this.totals.kvBlockMs += this.kv.used * (ms - this.kvSinceMs);
    this.kvSinceMs = ms;
  }

  // ---- What schedulers do ------------------------------------------------------------------------------------------

  /** Whether one more request may join the batch being made. */
  hasRoomIn(batchSize: number): boolean {
    return batchSize < this.batchCapacity && this.running < this.config.maxBatchSize;
  }

  /** Take the first waiting request into the lane. */
  admitFirst(lane: Lane): number {
    const slot = this.waiting.shift();
    const { requests } = this;
    if (Number.isNaN(requests.firstScheduledMs[slot]!)) {
      requests.firstScheduledMs[slot] = this.nowMs;
      if (requests.measured[slot] === 1) this.recorder.scheduled(this.nowMs - requests.arrivedMs[slot]!);
    }
    requests.prefilled[slot] = requests.cachedTokens[slot]!;
    lane.admit(slot);
    lane.prefilling.push(slot);
    this.running++;
    return slot;
  }

  /** Hold `blocks` more for a prefilling request. */
  allocate(slot: number, blocks: number): void {
    this.kv.allocate(blocks);
    this.requests.blocks[slot]! += blocks;
  }

  planChunk(lane: Lane, slot: number, tokens: number): void {
    lane.chunkSlots[lane.chunks] = slot;
    lane.chunkTokens[lane.chunks++] = tokens;
  }

  /** Prompt tokens of a request (or tokens to recompute) that still have to go through the model. */
  remainingPrefill(slot: number): number {
    return this.requests.prefillTarget[slot]! - this.requests.prefilled[slot]!;
  }

  /** Make room for one more token of every decoding request, preempting the latest admitted ones if need be. */
  makeRoomForDecodes(lane: Lane): boolean {
    let preempted = false;
    while (lane.decoding > 0 && this.freeAfterDecodes(lane) < 0) {
      this.preemptLatest(lane);
      preempted = true;
    }
    return preempted;
  }

  /** KV blocks left once every decoding request of the lane has room for its next token. */
  freeAfterDecodes(lane: Lane): number {
    return this.kv.free - lane.growAt[lane.step % this.config.blockTokens]!;
  }

  /** The latest admitted request loses its KV and waits, first in line, to be computed again. */
  preemptLatest(lane: Lane): number {
    const { requests } = this;
    const slot = lane.latest();
    if (requests.decoding[slot] === 1) {
      lane.removeFromHeap(slot);
      requests.generated[slot]! += lane.step - requests.joinStep[slot]!;
      requests.lastTokenMs[slot] = this.leaveDecodeBatch(lane, slot);
    } else {
      this.kv.release(requests.blocks[slot]!);
      lane.prefilling.splice(lane.prefilling.indexOf(slot), 1);
    }
    requests.blocks[slot] = 0;
    requests.prefillTarget[slot] = requests.promptTokens[slot]! + requests.generated[slot]!;
    requests.preemptions[slot]!++;
    this.totals.preemptions++;
    lane.leave(slot);
    this.running--;
    this.waiting.pushFront(slot);
    return slot;
  }

  // ---- The event loop's parts --------------------------------------------------------------------------------------

  private nextToEnd(): Lane | null {
    let next: Lane | null = null;
    for (const lane of this.inFlight) if (next === null || lane.endMs < next.endMs) next = lane;
    return next;
  }

  /** Schedule and start the pool's next batch; false when there is nothing to run. */
  private startNext(untilMs: number): boolean {
    const { pool } = this;
    pool.chunks = 0;
    const withDecodes = this.config.scheduler.schedule(this, pool) && pool.decoding > 0;
    const { chunks } = pool;
    if (!withDecodes && chunks === 0) return false;
    const lane = withDecodes || this.stageFreeMs.length === 1 ? this.launchPool() : this.launchChunks();
    if (this.running > this.peakRunning) this.peakRunning = this.running;
    if (chunks === 0 && this.hasEngineToItself()) this.runDecodes(lane, untilMs);
    else this.runStep(lane, withDecodes);
    return true;
  }

  /** Whether the batch just launched is the only one until a request arrives. */
  private hasEngineToItself(): boolean {
    if (this.config.plainStepping) return false;
    return this.stageFreeMs.length === 1 || (this.inFlight.length === 1 && this.pool.running + this.waiting.length === 0);
  }

  /** The pool goes in flight; what exceeds a batch's share of `maxBatchSize`, latest admitted first, stays. */
  private launchPool(): Lane {
    const lane = this.pool;
    this.pool = this.spare.pop()!;
    this.inFlight.push(lane);
    if (lane.running <= this.batchCapacity) return lane;
    for (const slot of lane.members()) {
      if (lane.running <= this.batchCapacity) break;
      if (!hasChunk(lane, slot)) this.pool.adopt(slot, lane, this.needsBlocks);
    }
    return lane;
  }

  /** Only the planned prompts go in flight, while the pool's decodes wait for the next batch. */
  private launchChunks(): Lane {
    const lane = this.spare.pop()!;
    this.inFlight.push(lane);
    lane.chunks = 0;
    for (let i = 0; i < this.pool.chunks; i++) {
      const slot = this.pool.chunkSlots[i]!;
      this.planChunk(lane, slot, this.pool.chunkTokens[i]!);
      lane.adopt(slot, this.pool, this.needsBlocks);
    }
    return lane;
  }

  /** One iteration: prefill chunks, decodes, or both. */
  private runStep(lane: Lane, withDecodes: boolean): void {
    const { times } = this.config;
    const { totals, requests } = this;
    let tokens = 0;
    let work = 0;
    for (let i = 0; i < lane.chunks; i++) {
      const chunk = lane.chunkTokens[i]!;
      tokens += chunk;
      work += chunk * (requests.prefilled[lane.chunkSlots[i]!]! + chunk / 2);
    }
    const decodes = withDecodes ? lane.decoding : 0;
    const context = withDecodes ? lane.context : 0;
    const pureDecode = tokens === 0;
    const stageMs = pureDecode ? times.decodeMs(decodes, context) : times.mixedMs(tokens, work, decodes, context);
    const measured = pureDecode
      ? times.decodeIsMeasured(decodes, context)
      : times.mixedIsMeasured(tokens, work, decodes, context);
    const endMs = this.throughStages(stageMs);
    totals.iterations++;
    totals.busyMs += stageMs;
    if (!measured) totals.extrapolatedMs += stageMs;
    totals.batchMs += (decodes + lane.chunks) * stageMs;
    totals.tokens += tokens + decodes;
    totals.prefillWork += work;
    totals.contextRead += context;
    if (decodes > 0) {
      this.kv.allocate(lane.growAt[lane.step % this.config.blockTokens]!);
      this.emitFirstGaps(lane, endMs);
      lane.step++;
      lane.context += decodes;
    }
    lane.endMs = endMs;
  }

  /** When a batch that starts now leaves the last pipeline stage. */
  private throughStages(stageMs: number): number {
    const { stageFreeMs } = this;
    let ms = this.nowMs;
    for (let s = 0; s < stageFreeMs.length; s++) {
      ms = Math.max(ms, stageFreeMs[s]!) + stageMs;
      stageFreeMs[s] = ms;
    }
    return ms;
  }

  /**
   * Many decode steps at once. Until a request finishes, the KV cache runs short or `untilMs` passes, a step only
   * adds one context token per request, so on one piece of the time model the step times are an arithmetic series:
   * its sum gives the clock, and its terms go into the histogram of gaps as a range. A batch alone in a pipeline goes
   * through one stage after the other.
   */
  private runDecodes(lane: Lane, untilMs: number): void {
    const { totals } = this;
    const { times } = this.config;
    const batch = lane.decoding;
    const stages = this.stageFreeMs.length;
    let left = lane.nextFinish() - lane.step;
    let ms = this.nowMs;
    let lastStageMs = 0;
    while (left > 0 && ms < untilMs) {
      times.decodeRun(batch, lane.context);
      const first = times.baseMs * stages;
      const slope = times.slopeMs * batch * stages;
      let steps = Math.min(left, Math.floor((times.pieceEnd - lane.context) / batch) + 1);
      steps = Math.min(steps, stepsStartingWithin(untilMs - ms, first, slope));
      steps = this.growContexts(lane, steps, first, slope);
      if (steps === 0) break;
      const duration = steps * first + (slope * steps * (steps - 1)) / 2;
      this.emitFirstGaps(lane, ms + first);
      this.recorder.gapSeries(first + slope, slope, steps - 1, lane.measuredDecoding);
      totals.iterations += steps;
      totals.busyMs += duration / stages;
      if (!times.decodeIsMeasured(batch, lane.context)) totals.extrapolatedMs += duration / stages;
      totals.batchMs += (batch * duration) / stages;
      totals.tokens += steps * batch;
      totals.contextRead += steps * lane.context + (batch * steps * (steps - 1)) / 2;
      lane.step += steps;
      lane.context += steps * batch;
      left -= steps;
      ms += duration;
      lane.lastTokenMs = ms;
      lastStageMs = (first + slope * (steps - 1)) / stages;
    }
    for (let s = 0; s < stages; s++) this.stageFreeMs[s] = ms - (stages - 1 - s) * lastStageMs;
    this.kvSinceMs = ms;
    lane.endMs = ms;
  }

  /** Give the decoding requests their new blocks over up to `steps` steps; returns the steps the KV cache has room for. */
  private growContexts(lane: Lane, steps: number, firstMs: number, slopeMs: number): number {
    const { kv } = this;
    const { growAt } = lane;
    let used = kv.used;
    let integral = 0;
    let stepMs = firstMs;
    let remainder = lane.step % growAt.length;
    let done = 0;
    for (; done < steps; done++) {
      const grown = used + growAt[remainder]!;
      if (grown > kv.total) break;
      used = grown;
      integral += used * stepMs;
      stepMs += slopeMs;
      if (++remainder === growAt.length) remainder = 0;
    }
    kv.allocate(used - kv.used);
    this.totals.kvBlockMs += integral;
    return done;
  }

  /** An iteration is over: prefilled requests get a token, finished ones leave, the others return to the pool. */
  private complete(lane: Lane): void {
    const { requests } = this;
    this.removeInFlight(lane);
    let prefillsDone = 0;
    for (let i = 0; i < lane.chunks; i++) {
      const slot = lane.chunkSlots[i]!;
      requests.prefilled[slot]! += lane.chunkTokens[i]!;
      if (requests.prefilled[slot] === requests.prefillTarget[slot]) prefillsDone++;
    }
    if (prefillsDone > 0) this.completePrefills(lane);
    while (lane.nextFinish() <= lane.step) {
      const slot = lane.popFromHeap();
      this.leaveDecodeBatch(lane, slot);
      this.finish(lane, slot, requests.outputTokens[slot]!);
    }
    this.returnToPool(lane);
  }

  private removeInFlight(lane: Lane): void {
    const { inFlight } = this;
    const last = inFlight.pop()!;
    // Order of start is kept: it decides between iterations that end at the same time.
    for (let i = inFlight.length - 1, moved = last; moved !== lane; i--) [moved, inFlight[i]] = [inFlight[i]!, moved];
  }

  /** The smaller of the lane and the pool moves into the other. */
  private returnToPool(lane: Lane): void {
    if (this.pool.running === 0) {
      this.spare.push(this.pool);
      this.pool = lane;
      return;
    }
    const [kept, moved] = lane.running > this.pool.running ? [lane, this.pool] : [this.pool, lane];
    for (const slot of moved.members()) kept.adopt(slot, moved, this.needsBlocks);
    this.pool = kept;
    this.spare.push(moved);
  }

  private completePrefills(lane: Lane): void {
    const { prefilling } = lane;
    const { requests } = this;
    let kept = 0;
    for (let i = 0; i < prefilling.length; i++) {
      const slot = prefilling[i]!;
      if (requests.prefilled[slot] === requests.prefillTarget[slot]) this.completePrefill(lane, slot);
      else prefilling[kept++] = slot;
    }
    while (prefilling.length > kept) prefilling.pop();
  }

  /** A prompt's last chunk yields a token: the first, or after a preemption the next one. */
  private completePrefill(lane: Lane, slot: number): void {
    const { requests, recorder } = this;
    const nowMs = this.nowMs;
    const measured = requests.measured[slot] === 1;
    const generated = ++requests.generated[slot]!;
    if (Number.isNaN(requests.firstTokenMs[slot]!)) {
      const { requestMs, firstTokenExtraSteps } = this.config.overhead;
      const context = lane.context + requests.prefillTarget[slot]!;
      const late = firstTokenExtraSteps > 0 ? firstTokenExtraSteps * this.config.times.decodeMs(lane.decoding + 1, context) : 0;
      requests.firstTokenMs[slot] = nowMs + requestMs + late;
      if (measured) recorder.firstToken(requests.firstTokenMs[slot]! - requests.arrivedMs[slot]!);
    } else if (measured) {
      recorder.gap(nowMs - requests.lastTokenMs[slot]!, 1);
    }
    if (generated >= requests.outputTokens[slot]!) {
      this.finish(lane, slot, generated);
      return;
    }
    requests.joinStep[slot] = lane.step;
    lane.addDecoding(slot, lane.step + requests.outputTokens[slot]! - generated, nowMs, this.needsBlocks);
  }

  /** Out of the decode batch, blocks given back; returns when the request got its latest token. */
  private leaveDecodeBatch(lane: Lane, slot: number): number {
    this.kv.release(this.needsBlocks ? this.kv.blocksFor(lane.contextOf(slot)) : this.requests.blocks[slot]!);
    this.requests.blocks[slot] = 0;
    return lane.dropDecoding(slot, this.needsBlocks);
  }

  private finish(lane: Lane, slot: number, outputTokens: number): void {
    const { requests } = this;
    const endMs = this.nowMs + this.config.overhead.requestMs;
    this.kv.release(requests.blocks[slot]!);
    lane.leave(slot);
    this.running--;
    this.outstanding--;
    this.totals.finishedRequests++;
    this.totals.finishedPromptTokens += requests.promptTokens[slot]!;
    this.totals.finishedOutputTokens += outputTokens;
    this.lastFinishMs = this.nowMs;
    const e2eMs = endMs - requests.arrivedMs[slot]!;
    // One extra step for the first token cannot carry it past the last one.
    const ttftMs = Math.min(requests.firstTokenMs[slot]! - requests.arrivedMs[slot]!, e2eMs);
    const tpotMs = outputTokens > 1 ? (e2eMs - ttftMs) / (outputTokens - 1) : null;
    if (requests.measured[slot] === 1) this.recorder.finished(tpotMs, e2eMs);
    this.recorder.log?.finished(requests.index[slot]!, { ttftMs, tpotMs, e2eMs, preemptions: requests.preemptions[slot]! });
    requests.release(slot);
  }

  /** Gaps that end with the step ending at `endMs`, for all decoding requests of the lane. */
  private emitFirstGaps(lane: Lane, endMs: number): void {
    let sharing = lane.measuredDecoding;
    for (let i = 0; i < lane.apartGroups; i++) {
      this.recorder.gap(endMs - lane.apartMs[i]!, lane.apartCount[i]!);
      sharing -= lane.apartCount[i]!;
    }
    lane.apartGroups = 0;
    this.recorder.gap(endMs - lane.lastTokenMs, sharing);
    lane.lastTokenMs = endMs;
  }
}

function hasChunk(lane: Lane, slot: number): boolean {
  for (let i = 0; i < lane.chunks; i++) if (lane.chunkSlots[i] === slot) return true;
  return false;
}

/** Number of steps of times first, first + slope, … that start less than `spanMs` after the first one starts; at least 1. */
export function stepsStartingWithin(spanMs: number, first: number, slope: number): number {
  if (spanMs === Number.POSITIVE_INFINITY) return Number.MAX_SAFE_INTEGER;
  const startOf = (k: number) => k * first + (slope * k * (k - 1)) / 2;
  // Root of startOf(k) = span, in the form that does not lose digits when slope is small.
  const b = first - slope / 2;
  let k = Math.ceil((2 * spanMs) / (b + Math.sqrt(b * b + 2 * slope * spanMs)));
  while (k > 1 && startOf(k - 1) >= spanMs) k--;
  while (startOf(k) < spanMs) k++;
  return Math.max(1, k);
}
