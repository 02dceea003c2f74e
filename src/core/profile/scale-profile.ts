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

function createRowScale(profile: Profile, model: ModelSpec, from: Shard, to: Shard): (row: Row) => number {
  const bytesPerParam = profile.weightBytesPerParam;
  const physicsFrom = physicsOf({ ...from, model, bytesPerParam });
  const physicsTo = physicsOf({ ...to, model, bytesPerParam });
  const joint = fitJointly(profile, physicsFrom);
  const bandwidth = from.gpu.memoryBandwidthBytesPerS / to.gpu.memoryBandwidthBytesPerS;
  const shards = from.tensorParallel / to.tensorParallel;
  const weightsMs = (model.weightBytes / from.tensorParallel / from.gpu.memoryBandwidthBytesPerS) * 1e3;
  const compute = physicsTo.denseMsPerToken / physicsFrom.denseMsPerToken;
  const work = physicsTo.workMs / physicsFrom.workMs;
  const context = physicsTo.contextMs / physicsFrom.contextMs;
  return (row) => {
    const parts = {
      dense: joint.dense(row.tokens),
      work: joint.perWorkMs * row.work,
      sequences: joint.perSequenceMs * row.sequences,
      context: joint.perContextMs * row.context,
    };
    const fitted = parts.dense + parts.work + parts.sequences + parts.context;
    const efficiency = row.ms / fitted;
    const reduce = allReduceMs(row.tokens, model, from);
    // All-reduces are estimated, so they may not explain all that was measured.
    const dense = Math.max(parts.dense - reduce, parts.dense * LEAST_DENSE);
    // Share of the dense time spent waiting for weights rather than computing, from the squares of both bounds.
    const computeMs = physicsFrom.denseMsPerToken * row.tokens;
    const memoryShare = weightsMs ** 2 / (weightsMs ** 2 + computeMs ** 2);
    const denseScale = memoryShare * bandwidth * shards + (1 - memoryShare) * compute;
    const scaled =
      dense * denseScale + parts.work * work + parts.sequences * shards + parts.context * context;
    return scaled * efficiency + allReduceMs(row.tokens, model, to);
  };
}

/** Share of the dense time of a row that is not all-reduce, at least. */
const LEAST_DENSE = 0.05;

// Start-up of one all-reduce inside a node, ms: custom kernels over NVLink take 10 to 20 µs.
const ALL_REDUCE_LATENCY_MS = 0.015;

/**
 * Two all-reduces per layer of tokens × hidden 16-bit values; a ring moves 2(tp − 1)/tp of the bytes over each link.
 * GPUs without a link of their own share the host's bus: half of PCIe's rate is reached by a pair, and it falls with
 * the 1.7th power of the degree (measured on L40S, tp 2 to 8: 16, 3.6 and 2.0 GB/s).
 */
function allReduceMs(tokens: number, model: ModelSpec, { gpu, tensorParallel }: Shard): number {
  if (tensorParallel === 1) return 0;
  const bytes = tokens * model.hiddenSize * 2;
  const shared = gpu.linkBytesPerS < SLOWEST_OWN_LINK ? 0.5 * (2 / tensorParallel) ** 1.7 : 1;
  const ringMs = (((2 * (tensorParallel - 1)) / tensorParallel) * bytes * 1e3) / (gpu.linkBytesPerS * shared);
  return 2 * model.layers * (ringMs + ALL_REDUCE_LATENCY_MS);
}

/** Links slower than this (bytes/s) are PCIe, shared by the GPUs of a host. */
const SLOWEST_OWN_LINK = 100e9;
