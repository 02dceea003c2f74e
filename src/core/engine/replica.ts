import type { IterationTimes } from '../profile/iteration-times';
import type { PrefixHashes } from '../workload/prefix-hashes';
import { emitGaps, runDecodes } from './decode-run';
import type { Overhead } from './deployment';
import { KvBlocks } from './kv-blocks';
import type { Lane } from './lane';
import { Pipeline } from './pipeline';
import { PrefixCache } from './prefix-cache';
import type { Recorder } from './recorder';
import { zeroTotals } from './replica-totals';
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
  /** Admit requests, plan prefill chunks (`lane.planChunk`); true: the lane's decodes run in this iteration. */
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

/** One copy of the model: a queue, a KV cache, and the batches in its pipeline. */
export class Replica {
  readonly config: ReplicaConfig;
  readonly requests = new RequestTable();
  readonly waiting = new WaitingQueue();
  readonly kv: KvBlocks;
  readonly watermarkBlocks: number;
  readonly totals = zeroTotals();
  /** Requests accepted and not finished, and those of them admitted to a batch. */
  outstanding = 0;
  running = 0;
  /** Requests one batch may hold: batches in flight share `maxBatchSize`. */
  readonly batchCapacity: number;
  /** Most requests ever running at once. */
  peakRunning = 0;
  lastFinishMs = 0;

  private readonly recorder: Recorder;
  /** Null: the requests say themselves how much of their prompt is cached. */
  private readonly prefixes: PrefixCache | null;
  private readonly pipeline: Pipeline;
  private readonly growing: boolean;
  /** When to look at the queue again because of an arrival; Infinity: not before a batch ends. */
  private wakeMs = Number.POSITIVE_INFINITY;
  private kvSinceMs = 0;
  private nowMs = 0;

  /** `hashes`: of the requests to come, for a prefix cache. */
  constructor(config: ReplicaConfig, recorder: Recorder, hashes: PrefixHashes | null) {
    this.config = config;
    this.recorder = recorder;
    this.kv = new KvBlocks(config.numBlocks, config.blockTokens);
    this.prefixes = hashes === null ? null : new PrefixCache(this.kv, hashes);
    this.watermarkBlocks = Math.ceil(config.watermark * config.numBlocks);
    this.growing = !config.scheduler.reservesMaximum;
    const { blockTokens } = config;
    this.pipeline = new Pipeline(config.pipelineParallel, this.requests, {
      blockTokens,
      growing: this.growing,
    });
    this.batchCapacity = Math.ceil(config.maxBatchSize / config.pipelineParallel);
  }

  /** Why this server could never serve the request, or null. */
  refuses(promptTokens: number, outputTokens: number): string | null {
    const { maxModelTokens, scheduler, maxBatchedTokens } = this.config;
    const tokens = promptTokens + outputTokens;
    if (tokens > maxModelTokens)
      return `prompt + output (${tokens} tokens) is over max_model_len ${maxModelTokens}`;
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
    /** Its place in the trace; only with a prefix cache. */
    tracePosition: number;
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
    this.prefixes?.expect(slot, request.tracePosition, request.promptTokens);
    this.outstanding++;
    this.waiting.push(slot);
    if (request.arrivedMs < this.wakeMs) this.wakeMs = request.arrivedMs;
  }

  /**
   * Run every iteration that starts before `untilMs`. Order of events: by time; at equal times arrivals (the caller)
   * come before ends of iterations, and those in the order in which the iterations started.
   */
  runUntil(untilMs: number): void {
    const { pipeline } = this;
    for (;;) {
      const ending = pipeline.nextToEnd();
      const endMs = ending === null ? Number.POSITIVE_INFINITY : ending.endMs;
      const wakeMs = pipeline.isFull ? Number.POSITIVE_INFINITY : this.wakeMs;
      const nowMs = Math.min(endMs, wakeMs);
      if (nowMs >= untilMs) break;
      this.advanceClock(nowMs);
      this.nowMs = nowMs;
      if (ending !== null && endMs <= wakeMs) this.complete(ending);
      this.wakeMs = Number.POSITIVE_INFINITY;
      while (!pipeline.isFull && this.startNext(untilMs));
      if (pipeline.stages > 1 && !this.config.plainStepping) this.cycleDecodes(untilMs);
    }
  }

  /**
   * Pipelined batches that only decode go round with nothing to decide: no request waits, finishes or needs more KV
   * than there is. The same steps as through the event loop, at a fraction of its cost.
   */
  private cycleDecodes(untilMs: number): void {
    const { pipeline } = this;
    if (this.waiting.length > 0 || pipeline.pool.running > 0) return;
    for (;;) {
      const lane = pipeline.nextToEnd();
      if (lane === null || lane.endMs >= untilMs || lane.chunks > 0) return;
      if (lane.nextFinish() <= lane.step || this.freeAfterDecodes(lane) < 0) return;
      this.advanceClock(lane.endMs);
      this.nowMs = lane.endMs;
      pipeline.relaunch(lane);
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

  /**
   * Look for a waiting request's prefix in the cache: sets its `cachedTokens`. Returns how many of its KV blocks running
   * requests hold already, so that it needs no free ones for them.
   */
  findPrefix(slot: number): number {
    const { prefixes, requests } = this;
    if (prefixes === null) return 0;
    prefixes.find(slot, requests.prefillTarget[slot]!);
    requests.cachedTokens[slot] = prefixes.foundBlocks * this.config.blockTokens;
    return prefixes.foundInUse;
  }

  /** Take the first waiting request into the lane, with what `findPrefix` found for it. */
  admitFirst(lane: Lane): number {
    const slot = this.waiting.shift();
    const { requests } = this;
    if (Number.isNaN(requests.firstScheduledMs[slot]!)) {
      requests.firstScheduledMs[slot] = this.nowMs;
      this.totals.scheduledPromptTokens += requests.promptTokens[slot]!;
      this.totals.cachedPromptTokens += requests.cachedTokens[slot]!;
      if (requests.measured[slot] === 1) this.recorder.scheduled(this.nowMs - requests.arrivedMs[slot]!);
    }
    requests.prefilled[slot] = requests.cachedTokens[slot]!;
    if (this.prefixes !== null) {
      requests.blocks[slot] = this.prefixes.foundBlocks;
      this.prefixes.claim(slot);
    }
    lane.admit(slot);
    lane.prefilling.push(slot);
    this.running++;
    return slot;
  }

  /** Put the next `tokens` of an admitted request's prompt into the batch, for which it holds `blocks` KV blocks in all. */
  planChunk(lane: Lane, slot: number, tokens: number, blocks: number): void {
    const { requests } = this;
    const held = requests.blocks[slot]!;
    if (blocks > held) {
      this.kv.allocate(blocks - held);
      requests.blocks[slot] = blocks;
    }
    lane.planChunk(slot, tokens);
    this.prefixes?.computed(slot, requests.prefilled[slot]! + tokens);
  }

  /** Prompt tokens of a request (or tokens to recompute) that still have to go through the model. */
  remainingPrefill(slot: number): number {
    return this.requests.prefillTarget[slot]! - this.requests.prefilled[slot]!;
  }

  /**
   * Make room for one more token of every decoding request, preempting the latest admitted ones if need be; true when
   * any was. Where others in flight hold the blocks, there may be no room even then: `freeAfterDecodes` is negative.
   */
  makeRoomForDecodes(lane: Lane): boolean {
    let preempted = false;
    while (lane.decoding > 0 && this.freeAfterDecodes(lane) < 0 && this.mayPreemptLatest(lane)) {
      this.preemptLatest(lane);
      preempted = true;
    }
    return preempted;
  }

  /**
   * A lane's last request keeps its KV and waits while others are in flight: giving it up for a request that would then
   * have to do the same, two lanes could go on for ever without a token.
   */
  mayPreemptLatest(lane: Lane): boolean {
    return lane.running > 1 || this.pipeline.inFlight.length === 0;
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
      this.giveBack(slot, requests.blocks[slot]!);
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

  /** Schedule and start the pool's next batch; false when there is nothing to run. */
  private startNext(untilMs: number): boolean {
    const { pipeline } = this;
    const { pool } = pipeline;
    const preemptionsBefore = this.totals.preemptions;
    pool.chunks = 0;
    const withDecodes = this.config.scheduler.schedule(this, pool) && pool.decoding > 0;
    if (!withDecodes && pool.chunks === 0) return false;
    const together = withDecodes || pipeline.stages === 1;
    const lane = together ? pipeline.launchPool(this.batchCapacity) : pipeline.launchChunks();
    if (this.running > this.peakRunning) this.peakRunning = this.running;
    // After a preemption the next step may admit again: only this one step is certain.
    const decided =
      lane.chunks === 0 && this.totals.preemptions === preemptionsBefore && !this.mayAdmitAnyStep(lane);
    if (!decided || !this.hasEngineToItself()) {
      this.runStep(lane, withDecodes);
      return true;
    }
    const { kv, totals, recorder, nowMs } = this;
    const engine = { times: this.config.times, kv, totals, recorder, stages: pipeline.stages };
    const lastMs = runDecodes(lane, engine, { nowMs, untilMs });
    pipeline.leaveAlone(lane.endMs, lastMs);
    this.kvSinceMs = lane.endMs - lastMs;
    return true;
  }

  /**
   * A request for which KV is short needs less of it as decodes push its prefix out of the cache (it computes less of its
   * prompt at first), so that it may come in at any step.
   */
  private mayAdmitAnyStep(lane: Lane): boolean {
    return this.prefixes !== null && this.waiting.length > 0 && this.hasRoomIn(lane.running);
  }

  /** Whether the batch just launched is the only one until a request arrives. */
  private hasEngineToItself(): boolean {
    const { pipeline } = this;
    if (this.config.plainStepping) return false;
    return (
      pipeline.stages === 1 ||
      (pipeline.inFlight.length === 1 && pipeline.pool.running + this.waiting.length === 0)
    );
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
    const stageMs = pureDecode
      ? times.decodeMs(decodes, context)
      : times.mixedMs(tokens, work, decodes, context);
    const measured = pureDecode ? times.measured : times.mixedIsMeasured(tokens, work, decodes, context);
    const endMs = this.pipeline.pass(this.nowMs, stageMs);
    totals.iterations++;
    totals.busyMs += stageMs;
    if (!measured) totals.extrapolatedMs += stageMs;
    totals.batchMs += (decodes + lane.chunks) * stageMs;
    totals.tokens += tokens + decodes;
    totals.prefillWork += work;
    totals.contextRead += context;
    if (decodes > 0) {
      this.kv.allocate(lane.growAt[lane.step % this.config.blockTokens]!);
      emitGaps(lane, endMs, this.recorder);
      lane.step++;
      lane.context += decodes;
    }
    lane.endMs = endMs;
  }

  /** An iteration is over: prefilled requests get a token, finished ones leave, the others return to the pool. */
  private complete(lane: Lane): void {
    const { requests } = this;
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
    this.pipeline.land(lane);
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
      // The delay cannot outlast the request.
      const steps = Math.min(firstTokenExtraSteps, requests.outputTokens[slot]! - 1);
      const late = steps > 0 ? steps * this.config.times.decodeMs(lane.decoding + 1, context) : 0;
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
    lane.addDecoding(slot, lane.step + requests.outputTokens[slot]! - generated, nowMs, this.growing);
  }

  /** Out of the decode batch, blocks given back; returns when the request got its latest token. */
  private leaveDecodeBatch(lane: Lane, slot: number): number {
    this.giveBack(slot, this.growing ? this.kv.blocksFor(lane.contextOf(slot)) : this.requests.blocks[slot]!);
    this.requests.blocks[slot] = 0;
    return lane.dropDecoding(slot, this.growing);
  }

  /** Release a request's KV blocks; a prefix cache keeps what it can. */
  private giveBack(slot: number, blocks: number): void {
    if (this.prefixes === null) this.kv.release(blocks);
    else this.prefixes.release(slot, blocks);
  }

  private finish(lane: Lane, slot: number, outputTokens: number): void {
    const { requests } = this;
    const endMs = this.nowMs + this.config.overhead.requestMs;
    this.giveBack(slot, requests.blocks[slot]!);
    lane.leave(slot);
    this.running--;
    this.outstanding--;
    this.totals.finishedRequests++;
    this.totals.finishedPromptTokens += requests.promptTokens[slot]!;
    this.totals.finishedOutputTokens += outputTokens;
    this.lastFinishMs = this.nowMs;
    const e2eMs = endMs - requests.arrivedMs[slot]!;
    // Extra steps of the first token are as long as the steps were then; later ones may be shorter.
    const ttftMs = Math.min(requests.firstTokenMs[slot]! - requests.arrivedMs[slot]!, e2eMs);
    const tpotMs = outputTokens > 1 ? (e2eMs - ttftMs) / (outputTokens - 1) : null;
    if (requests.measured[slot] === 1) this.recorder.finished(tpotMs, e2eMs);
    this.recorder.log?.finished(requests.index[slot]!, {
      ttftMs,
      tpotMs,
      e2eMs,
      preemptions: requests.preemptions[slot]!,
    });
    requests.release(slot);
  }
}
