import type { FittedProfile } from './fit-profile';
import { cellOf, evaluate, type Surface, sortedUnique } from './monotone-surface';

/**
 * Matrix products work in tiles of 64 tokens and more, and a tile begun costs a whole one. So between measured points dense
 * time beyond 64 tokens is a staircase, with steps at the multiples of the tile and at the measured points. Against
 * Vidur's runs, whose model is measured at every 8 tokens, the staircase took the e2e error at batch 50 to 100 from −4.6%
 * to −0.1%.
 */
const TOKEN_TILE = 64;

/** What is added to a fitted profile to make one pipeline stage of one replica. */
export interface StageSettings {
  /** Share of the model's layers in the slowest stage: 1 without pipeline parallelism. */
  readonly stageFraction: number;
  /** Added to every step of a stage, ms. */
  readonly stepMs: number;
  /** Sending activations to the next stage: ms per token of the batch, and ms per send. */
  readonly sendMsPerToken: number;
  readonly sendMs: number;
}

/**
 * Iteration times as the event loop asks for them, ms. Never fall when tokens, batch or context grow.
 *
 * For a decode batch of fixed size the time is piecewise linear in its total context, which is what lets the loop
 * advance many steps at once: `decodeRun` gives the current piece.
 */
export class IterationTimes {
  private readonly fit: FittedProfile;
  private readonly stage: StageSettings;
  /** Measured context tokens of one sequence, from 0: between them time is linear. */
  private readonly edges: Float64Array;
  /** Token counts at which dense time was measured. */
  private readonly measuredTokens: Float64Array;
  /** Decode times at the edges, per batch size, made when first asked for. */
  private readonly rows: Float64Array[] = [];
  private lastEdge = 0;

  /** Result of the last `decodeRun`: time at the asked context, ms; its slope, ms per context token; where the piece ends. */
  baseMs = 0;
  slopeMs = 0;
  pieceEnd = 0;
  /** Whether all of the piece is inside the measured range. */
  measured = false;

  constructor(fit: FittedProfile, stage: StageSettings) {
    this.fit = fit;
    this.stage = stage;
    this.edges = fit.decode.ys;
    this.measuredTokens = sortedUnique([...fit.prefill.xs, ...fit.decode.xs]);
  }

  /** A batch of `batch` decodes (≥ 1) with `context` cached tokens in all; sets `baseMs`, `slopeMs`, `pieceEnd`, `measured`. */
  decodeRun(batch: number, context: number): void {
    const row = this.rows[batch] ?? this.makeRow(batch);

    const { edges } = this;
    const each = context / batch;
    const last = edges.length - 1;
    if (each > edges[last]!) {
      this.pieceEnd = Number.POSITIVE_INFINITY;
      this.slopeMs = this.fit.decode.slopeY * this.stage.stageFraction;
      this.baseMs = row[last]! + this.slopeMs * (context - edges[last]! * batch);
    } else {
      const edge = this.edgeAtOrAbove(each);
      const above = edges[edge]! * batch;
      const below = edge === 0 ? above : edges[edge - 1]! * batch;
      this.pieceEnd = above;
      this.slopeMs = edge === 0 ? 0 : (row[edge]! - row[edge - 1]!) / (above - below);
      this.baseMs = row[edge]! - this.slopeMs * (above - context);
    }
    const measuredEnd = this.measuredContext(batch);
    this.measured = context <= measuredEnd;
    if (this.measured && measuredEnd < this.pieceEnd) this.pieceEnd = measuredEnd;
  }

  /** A batch of only decodes. */
  decodeMs(batch: number, context: number): number {
    this.decodeRun(batch, context);
    return this.baseMs;
  }

  /** A batch with prefill chunks of `tokens` new tokens and `work` prefill work, and `batch` decodes (may be 0). */
  mixedMs(tokens: number, work: number, batch: number, context: number): number {
    const all = tokens + batch;
    const prefill = evaluate(this.fit.prefill, this.paddedTokens(all), work);
    if (batch === 0) return prefill * this.stage.stageFraction + this.fixedMs(all);
    const attention = evaluateDecode(this.fit.decodeAttention, batch, context);
    const mixed = (prefill + attention) * this.stage.stageFraction + this.fixedMs(all);
    // Where prefill and decode rows disagree on dense time, prefilling too still takes no less than decoding alone.
    return Math.max(mixed, this.decodeMs(batch, context));
  }

  /** Largest context of a batch that lies inside the measured range; −1 when the batch itself does not. */
  private measuredContext(batch: number): number {
    const { measured } = this.fit;
    return batch <= measured.batch ? batch * measured.contextPerSequence : -1;
  }

  mixedIsMeasured(tokens: number, work: number, batch: number, context: number): boolean {
    const { measured } = this.fit;
    if (tokens + batch > measured.prefillTokens || work > measured.prefillWork) return false;
    return batch === 0 || context <= this.measuredContext(batch);
  }

  private fixedMs(tokens: number): number {
    return this.stage.stepMs + this.stage.sendMs + this.stage.sendMsPerToken * tokens;
  }

  /** Tokens whose dense time a batch of `tokens` new tokens takes: see `TOKEN_TILE`. */
  private paddedTokens(tokens: number): number {
    if (tokens <= TOKEN_TILE) return tokens;
    const tiled = Math.ceil(tokens / TOKEN_TILE) * TOKEN_TILE;
    const at = cellOf(this.measuredTokens, tokens);
    if (this.measuredTokens[at] === tokens) return tokens;
    const measured = this.measuredTokens[at + 1];
    return measured !== undefined && measured < tiled ? measured : tiled;
  }

  /** Contexts change little from step to step: the last edge is nearly always the right one. */
  private edgeAtOrAbove(each: number): number {
    const { edges } = this;
    const known = this.lastEdge;
    if (each <= edges[known]! && (known === 0 || each > edges[known - 1]!)) return known;
    const below = cellOf(edges, each);
    this.lastEdge = edges[below]! >= each ? below : below + 1;
    return this.lastEdge;
  }

  private denseMs(tokens: number): number {
    return evaluate(this.fit.prefill, tokens, 0);
  }

  private makeRow(batch: number): Float64Array {
    const { decode } = this.fit;
    const padded = this.paddedTokens(batch);
    const padding = this.denseMs(padded) - this.denseMs(batch);
    const fixed = this.fixedMs(batch);
    // Attention that falls towards the padded batch (noise) must not make a larger batch faster: hence the minimum.
    const row = this.edges.map((each) => {
      const own = evaluateDecode(decode, batch, each * batch) + padding;
      const whole = evaluateDecode(decode, padded, each * padded);
      return Math.min(own, whole) * this.stage.stageFraction + fixed;
    });
    this.rows[batch] = row;
    return row;
  }
}

/** A decode surface at `batch` sequences of `context` tokens in all: between nodes linear, beyond them along its slopes. */
function evaluateDecode(surface: Surface, batch: number, context: number): number {
  const { xs, ys } = surface;
  const inBatch = Math.min(batch, xs[xs.length - 1]!);
  const inContext = Math.min(context / batch, ys[ys.length - 1]!);
  const beyond = context - inBatch * inContext;
  return evaluate(surface, inBatch, inContext) + (batch - inBatch) * surface.slopeX + beyond * surface.slopeY;
}
