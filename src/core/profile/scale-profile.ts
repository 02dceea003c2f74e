import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import { physicsOf } from './fit-profile';
import { fitJointly } from './joint-fit';
import type { Profile } from './profile';

/** Hardware of one side of a scaling. */
export interface Shard {
  readonly gpu: Gpu;
  readonly tensorParallel: number;
}

/**
 * The profile as another GPU type or tensor-parallel degree would have given it. Each row is split, by the joint fit,
 * into dense work, prefill attention, decode attention and all-reduces; each part is scaled by what bounds it, so the
 * efficiency the source shows is kept; then the parts are added up again. An estimate, labelled `scaled` wherever used.
 */
export function scaleProfile(profile: Profile, model: ModelSpec, from: Gpu, to: Shard): Profile {
  const source: Shard = { gpu: from, tensorParallel: profile.tensorParallel };
  const scaleRow = createRowScale(profile, model, source, to);
  return {
    ...profile,
    gpuId: to.gpu.id,
    tensorParallel: to.tensorParallel,
    prefill: profile.prefill.map((r) => {
      const tokens = r.promptTokens * r.batchSize;
      const ms = scaleRow({
        ms: r.meanMs,
        tokens,
        work: (tokens * r.promptTokens) / 2,
        sequences: 0,
        context: 0,
      });
      return { promptTokens: r.promptTokens, batchSize: r.batchSize, meanMs: ms };
    }),
    decode: profile.decode.map((r) => {
      const context = r.batchSize * r.contextTokens;
      const ms = scaleRow({ ms: r.meanMs, tokens: r.batchSize, work: 0, sequences: r.batchSize, context });
      return { contextTokens: r.contextTokens, batchSize: r.batchSize, meanMs: ms };
    }),
    memory: {},
    notes: [
      ...profile.notes,
      `scaled from ${source.gpu.id} tp${source.tensorParallel} to ${to.gpu.id} tp${to.tensorParallel}`,
    ],
  };
}

interface Row {
  readonly ms: number;
  readonly tokens: number;
  readonly work: number;
  readonly sequences: number;
  readonly context: number;
}

/**
 * A row is: all-reduces, estimated; kernel floors, the same everywhere; and what scales with the hardware. The estimate of
 * the all-reduces is that of the source when both sides are the same, so a profile scaled to itself stays as it is.
 */
function createRowScale(profile: Profile, model: ModelSpec, from: Shard, to: Shard): (row: Row) => number {
  const bytesPerParam = profile.weightBytesPerParam;
  const physicsFrom = physicsOf({ ...from, model, bytesPerParam });
  const physicsTo = physicsOf({ ...to, model, bytesPerParam });
  const joint = fitJointly(profile, physicsFrom);
  const bandwidth = sustainedBytesPerS(from.gpu) / sustainedBytesPerS(to.gpu);
  const shards = from.tensorParallel / to.tensorParallel;
  const compute = (physicsTo.denseMsPerToken / physicsFrom.denseMsPerToken) * shards ** -SHARD_LOSS;
  const work = physicsTo.workMs / physicsFrom.workMs;
  const sustained = sustainedShare(from.gpu) / sustainedShare(to.gpu);
  const context = (physicsTo.contextMs / physicsFrom.contextMs) * sustained;
  const floors = floorsMs(model, bytesPerParam);
  return (row) => {
    const estimate = allReduceMs(row.tokens, model, from);
    const reduce = Math.min(estimate, row.ms * MOST_ESTIMATED);
    const attention = {
      work: joint.perWorkMs * row.work,
      sequences: joint.perSequenceMs * row.sequences,
      context: joint.perContextMs * row.context,
    };
    const fitted = joint.dense(row.tokens);
    const dense = Math.max(fitted - reduce, fitted * (1 - MOST_ESTIMATED));
    const floor = Math.min(floors, dense * MOST_FLOOR);
    const memoryShare = memoryShareOf(row.tokens, { model, bytesPerParam, shard: from });
    const denseScale = memoryShare * bandwidth * shards + (1 - memoryShare) * compute;
    const before = dense + attention.work + attention.sequences + attention.context;
    const after =
      floor +
      (dense - floor) * denseScale +
      attention.work * work +
      attention.sequences * shards +
      attention.context * context;
    const reduceTo = allReduceMs(row.tokens, model, to) * (estimate > 0 ? reduce / estimate : 1);
    return ((row.ms - reduce) * after) / before + reduceTo;
  };
}

const sustainedBytesPerS = (gpu: Gpu): number => gpu.memoryBandwidthBytesPerS * sustainedShare(gpu);

/**
 * GPUs before Ada and Hopper, those without 8-bit floats, reach a smaller share of their memory's peak than later ones: in 16-bit kernel
 * tables the A100 reads weights and KV at 0.74 to 0.98 of the share that H100 and L40S reach, median 0.86.
 */
const sustainedShare = (gpu: Gpu): number => (gpu.flops8PerS === null ? OLDER_SHARE : 1);
const OLDER_SHARE = 0.85;

/** Estimates may not explain all that was measured: the largest share of a row that all-reduces, or of its dense time that floors, are taken for. */
const MOST_ESTIMATED = 0.95;
const MOST_FLOOR = 0.6;

/** A shard's matrices are narrower, its kernels less efficient: dense compute takes this power of the degree longer. */
const SHARD_LOSS = 0.06;

/**
 * Share of the dense time spent waiting for weights rather than computing, from the squares of both bounds. A mixture of
 * experts reads the experts that some token chose.
 */
function memoryShareOf(
  tokens: number,
  { model, bytesPerParam, shard }: { model: ModelSpec; bytesPerParam: number | null; shard: Shard },
): number {
  const bytes = model.paramsTotal * (bytesPerParam ?? model.weightBytesPerParam);
  const read = 1 - (1 - model.paramsActive / model.paramsTotal) ** tokens;
  const weightsMs = ((read * bytes) / shard.tensorParallel / shard.gpu.memoryBandwidthBytesPerS) * 1e3;
  const computeMs = physicsOf({ ...shard, model, bytesPerParam }).denseMsPerToken * tokens;
  return weightsMs ** 2 / (weightsMs ** 2 + computeMs ** 2);
}

/**
 * Start and drain of the kernels of one step, which no faster GPU and no further shard shortens: five a layer (QKV, attention, output,
 * two of the MLP), and one that quantises the input of each of four with 8-bit weights.
 */
function floorsMs(model: ModelSpec, bytesPerParam: number | null): number {
  const kernels = (bytesPerParam ?? model.weightBytesPerParam) <= 1 ? 9 : 5;
  return model.layers * kernels * KERNEL_FLOOR_MS;
}

const KERNEL_FLOOR_MS = 0.007;

// Start-up of one all-reduce inside a node, ms (custom kernels in a CUDA graph).
const ALL_REDUCE_LATENCY_MS = 0.008;

/**
 * Two all-reduces per layer of tokens × hidden 16-bit values; a ring moves 2(tp − 1)/tp of the bytes over each link.
 * GPUs without a link of their own share the host's bus: a pair reaches half of PCIe's rate; more than two cross the
 * host, and share 0.45 of one link (L40S, tp 2 to 8: 16, 3.6 and 1.8 GB/s).
 */
function allReduceMs(tokens: number, model: ModelSpec, { gpu, tensorParallel }: Shard): number {
  if (tensorParallel === 1) return 0;
  const bytes = tokens * model.hiddenSize * 2;
  const shared = tensorParallel === 2 ? 0.5 : 0.45 / tensorParallel;
  const efficiency = gpu.linkBytesPerS < SLOWEST_OWN_LINK ? shared : LINK_EFFICIENCY;
  const ringMs =
    (((2 * (tensorParallel - 1)) / tensorParallel) * bytes * 1e3) / (gpu.linkBytesPerS * efficiency);
  return 2 * model.layers * (ringMs + ALL_REDUCE_LATENCY_MS);
}

/** Share of an NVLink's rate that all-reduces reach. */
const LINK_EFFICIENCY = 0.65;

/** Links slower than this (bytes/s) are PCIe, shared by the GPUs of a host. */
const SLOWEST_OWN_LINK = 100e9;
