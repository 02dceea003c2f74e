import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { DecodeRow, PrefillRow, Profile } from './profile';

/** Work of one iteration on one GPU, a lower bound: what no implementation can leave out. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

export interface Subject {
  readonly profile: Profile;
  readonly gpu: Gpu;
  readonly model: ModelSpec;
}

/**
 * FLOPs of the linear layers and of causal attention (each token sees half the prompt). Only the last token of a prompt
 * passes the output layer, which a lower bound must not count for the others: the margin of the lint covers it.
 */
export function prefillWork(row: PrefillRow, subject: Subject): Work {
  const { model, profile } = subject;
  const tokens = row.batchSize * row.promptTokens;
  const attention = 4 * model.layers * model.heads * model.headDim * (row.promptTokens / 2);
  return {
    flops: (tokens * (model.linearFlopsPerToken + attention)) / profile.tensorParallel,
    bytes: weightBytesRead(subject),
  };
}

/** Every weight is read once, and the whole KV cache of every request. */
export function decodeWork(row: DecodeRow, subject: Subject): Work {
  const { model, profile } = subject;
  const attention = 4 * model.layers * model.heads * model.headDim * row.contextTokens;
  return {
    flops: (row.batchSize * (model.linearFlopsPerToken + attention)) / profile.tensorParallel,
    bytes: weightBytesRead(subject) + kvBytesRead(row, subject),
  };
}

export function kvBytesRead(row: DecodeRow, { model, profile }: Subject): number {
  const shards = model.attention === 'MLA' ? 1 : Math.min(profile.tensorParallel, model.kvHeads);
  const kvBytesPerToken = Math.min(
    model.kvBytesPerToken,
    profile.memory.kvBytesPerToken ?? model.kvBytesPerToken,
  );
  // An 8-bit cache is the smallest in use: a lower figure in the profile is a fault of its own.
  return (row.batchSize * row.contextTokens * Math.max(kvBytesPerToken, model.kvBytesPerToken / 2)) / shards;
}

/** A mixture of experts reads at least the experts of one token; the input embedding is looked up, not read. */
function weightBytesRead({ model, profile }: Subject): number {
  const bytesPerParam = profile.weightBytesPerParam ?? model.weightBytesPerParam;
  return ((model.linearFlopsPerToken / 2) * bytesPerParam) / profile.tensorParallel;
}

/** Dense peak for the profile's weights. 16-bit peak for anything not known to be narrower. */
export function peakFlops({ gpu, model, profile }: Subject): number {
  const bytesPerParam = profile.weightBytesPerParam ?? model.weightBytesPerParam;
  return bytesPerParam < 1.5 ? (gpu.flops8PerS ?? gpu.flops16PerS) : gpu.flops16PerS;
}

/** Shortest time physics allows for this work, ms. */
export const floorMs = (work: Work, subject: Subject): number =>
  1e3 * Math.max(work.flops / peakFlops(subject), work.bytes / subject.gpu.memoryBandwidthBytesPerS);
