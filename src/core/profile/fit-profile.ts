import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import { fitJointly, type JointFit, type Physics } from './joint-fit';
import { evaluate, fitSurface, type Point, type Surface } from './monotone-surface';
import type { Profile } from './profile';

/**
 * A fitted profile: iteration times as three surfaces that never fall along an axis. Plain data, so that it is fitted
 * once and sent to the threads. Units: ms; tokens; prefill work Σ c·(p + c/2) in token².
 */
export interface FittedProfile {
  /** Pure prefill: x = new tokens of the batch, y = prefill work. Includes the dense part. */
  readonly prefill: Surface;
  /**
   * Pure decode: x = sequences, y = context tokens of one. Includes the dense part. Beyond its last nodes `slopeX` is ms
   * per sequence, `slopeY` ms per context token of the whole batch.
   */
  readonly decode: Surface;
  /** Decode attention alone (decode less dense), same axes: what decodes add to a batch that also prefills. */
  readonly decodeAttention: Surface;
  /** The measured range: beyond it times are extrapolated. */
  readonly measured: {
    readonly prefillTokens: number;
    readonly prefillWork: number;
    readonly batch: number;
    readonly contextPerSequence: number;
  };
}

export function fitProfile(profile: Profile, hardware: { gpu: Gpu; model: ModelSpec }): FittedProfile {
  const physics = physicsOf({
    ...hardware,
    tensorParallel: profile.tensorParallel,
    bytesPerParam: profile.weightBytesPerParam,
  });
  const joint = fitJointly(profile, physics);
  const prefillPoints: Point[] = profile.prefill.map((r) => ({
    x: r.promptTokens * r.batchSize,
    y: (r.promptTokens * r.batchSize * r.promptTokens) / 2,
    value: r.meanMs,
  }));
  const decodePoints: Point[] = profile.decode.map((r) => ({
    x: r.batchSize,
    y: r.contextTokens,
    value: r.meanMs,
  }));
  const batches = [1, ...decodePoints.map((p) => p.x)];
  const prefill = fitSurface({
    points: prefillPoints,
    xs: batches,
    ys: [0],
    prior: (tokens, work) => joint.dense(tokens) + joint.perWorkMs * work,
    slopeX: joint.denseSlopeMs,
    slopeY: Math.max(joint.perWorkMs, physics.workMs),
  });
  const decode = fitSurface({
    points: decodePoints,
    xs: [1],
    ys: [0],
    prior: (batch, context) => decodePrior(joint, batch, batch * context),
    slopeX: Math.max(joint.denseSlopeMs, marginalSequenceMs(joint, batches)),
    slopeY: Math.max(joint.perContextMs, physics.contextMs),
  });
  return {
    prefill,
    decode,
    decodeAttention: attentionOf(decode, prefill, joint.perSequenceMs),
    measured: {
      prefillTokens: maxOf(prefillPoints.map((p) => p.x)),
      prefillWork: maxOf(prefillPoints.map((p) => p.y)),
      batch: maxOf(decodePoints.map((p) => p.x)),
      contextPerSequence: maxOf(profile.decode.map((r) => r.contextTokens)),
    },
  };
}

const decodePrior = (joint: JointFit, batch: number, context: number) =>
  joint.dense(batch) + joint.perSequenceMs * batch + joint.perContextMs * context;

/** What one more sequence costs beyond the largest measured batch: the mean slope over the upper half of the batches. */
function marginalSequenceMs(joint: JointFit, batches: readonly number[]): number {
  const last = maxOf(batches);
  const from = Math.max(1, last / 2);
  const dense = last > from ? (joint.dense(last) - joint.dense(from)) / (last - from) : 0;
  return dense + joint.perSequenceMs;
}

/** Decode less dense at every decode node, kept from falling as the batch grows. */
function attentionOf(decode: Surface, prefill: Surface, slopeX: number): Surface {
  const width = decode.ys.length;
  const values = new Float64Array(decode.values.length);
  for (let i = 0; i < decode.xs.length; i++) {
    const dense = evaluate(prefill, decode.xs[i]!, 0);
    for (let j = 0; j < width; j++) {
      const at = i * width + j;
      const own = Math.max(0, decode.values[at]! - dense);
      values[at] = i > 0 ? Math.max(own, values[at - width]!) : own;
    }
  }
  return { xs: decode.xs, ys: decode.ys, values, slopeX, slopeY: decode.slopeY };
}

/** Times at the hardware's limits, for one GPU of the shard. Attention FLOPs: 4 · layers · heads · headDim per (query, key) pair. */
export function physicsOf(input: {
  gpu: Gpu;
  model: ModelSpec;
  tensorParallel: number;
  bytesPerParam: number | null;
}): Physics {
  const { gpu, model, tensorParallel } = input;
  const denseFlops = peakFlopsPerS(gpu, input.bytesPerParam);
  const kvShards = model.attention === 'MLA' ? 1 : Math.min(tensorParallel, model.kvHeads);
  const pairFlops = 4 * model.layers * model.heads * model.headDim;
  return {
    denseMsPerToken: (model.linearFlopsPerToken / tensorParallel / denseFlops) * 1e3,
    workMs: (pairFlops / tensorParallel / gpu.flops16PerS) * 1e3,
    contextMs: (model.kvBytesPerToken / kvShards / gpu.memoryBandwidthBytesPerS) * 1e3,
  };
}

/** Dense peak of a GPU for weights of this size: the 8-bit one where there is one, else the 16-bit one. */
export function peakFlopsPerS(gpu: Gpu, bytesPerParam: number | null): number {
  return bytesPerParam !== null && bytesPerParam <= 1 ? (gpu.flops8PerS ?? gpu.flops16PerS) : gpu.flops16PerS;
}

const maxOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);
