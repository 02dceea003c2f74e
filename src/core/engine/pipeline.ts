import { Lane } from './lane';
import type { RequestTable } from './request-table';

/**
 * The pipeline stages of a replica and the batches in them. Up to as many batches are in flight as there are stages;
 * admitted requests that are not in flight are in the pool, from which the next batch is made.
 */
export class Pipeline {
  readonly stages: number;
  pool: Lane;
  /** In order of start. */
  readonly inFlight: Lane[] = [];
  /** Where the last batch ends in each stage, ms. */
  private readonly stageFreeMs: Float64Array;
  private readonly spare: Lane[] = [];
  /** Whether KV grows with the context (else it is reserved ahead): lanes then track who needs blocks when. */
  private readonly growing: boolean;

  constructor(stages: number, requests: RequestTable, options: { blockTokens: number; growing: boolean }) {
    this.stages = stages;
    this.growing = options.growing;
    this.stageFreeMs = new Float64Array(stages);
    this.pool = new Lane(requests, options.blockTokens);
    for (let i = 0; i < stages; i++) this.spare.push(new Lane(requests, options.blockTokens));
  }

  get isFull(): boolean {
    return this.inFlight.length === this.stages;
  }

  /** The batch that ends next; of those that end together, the one that started first. */
  nextToEnd(): Lane | null {
    let next: Lane | null = null;
    for (const lane of this.inFlight) if (next === null || lane.endMs < next.endMs) next = lane;
    return next;
  }

  /** The pool goes in flight; requests beyond `capacity`, latest admitted first, stay. */
  launchPool(capacity: number): Lane {
    const lane = this.pool;
    this.pool = this.spare.pop()!;
    this.inFlight.push(lane);
    if (lane.running <= capacity) return lane;
    for (const slot of lane.members()) {
      if (lane.running <= capacity) break;
      if (!lane.hasChunk(slot)) this.pool.adopt(slot, lane, this.growing);
    }
    return lane;
  }

  /** Only the planned prompts go in flight, while the pool's decodes wait for the next batch. */
  launchChunks(): Lane {
    const { pool } = this;
    const lane = this.spare.pop()!;
    this.inFlight.push(lane);
    lane.chunks = 0;
    for (let i = 0; i < pool.chunks; i++) {
      const slot = pool.chunkSlots[i]!;
      lane.planChunk(slot, pool.chunkTokens[i]!);
      lane.adopt(slot, pool, this.growing);
    }
    return lane;
  }

  /** A batch in flight starts again as it is. */
  relaunch(lane: Lane): void {
    this.removeFromFlight(lane);
    this.inFlight.push(lane);
  }

  /** A batch that ended comes back: the smaller of it and the pool moves into the other. */
  land(lane: Lane): void {
    this.removeFromFlight(lane);
    if (this.pool.running === 0) {
      this.spare.push(this.pool);
      this.pool = lane;
      return;
    }
    const [kept, moved] = lane.running > this.pool.running ? [lane, this.pool] : [this.pool, lane];
    for (const slot of moved.members()) kept.adopt(slot, moved, this.growing);
    this.pool = kept;
    this.spare.push(moved);
  }

  /** When a batch that starts now, and takes `stageMs` in each stage, leaves the last one. */
  pass(nowMs: number, stageMs: number): number {
    const { stageFreeMs } = this;
    let ms = nowMs;
    for (let s = 0; s < stageFreeMs.length; s++) {
      ms = Math.max(ms, stageFreeMs[s]!) + stageMs;
      stageFreeMs[s] = ms;
    }
    return ms;
  }

  /** A batch that is alone in the pipeline leaves it at `endMs`, after a last step of `stepMs` through all stages. */
  leaveAlone(endMs: number, stepMs: number): void {
    for (let s = 0; s < this.stages; s++)
      this.stageFreeMs[s] = endMs - (stepMs * (this.stages - 1 - s)) / this.stages;
  }

  private removeFromFlight(lane: Lane): void {
    const { inFlight } = this;
    const last = inFlight.pop()!;
    for (let i = inFlight.length - 1, moved = last; moved !== lane; i--)
      [moved, inFlight[i]] = [inFlight[i]!, moved];
  }
}
