import type { Gpu } from '../catalog/gpu';
import type { CandidateResult, PlanResult } from '../search/result';
import { targetLabel } from '../search/target-label';
import type { Advice } from './advice';
import { listShortfalls, type Shortfall } from './advise-targets';
import { formatGb, formatNumber } from './format-number';

/** For each GPU type on which no candidate fits: what is missing, and the degree that would fit. */
export function adviseMoreMemory(result: PlanResult, gpus: readonly Gpu[]): Advice[] {
  return gpus.flatMap((gpu) => {
    const ofGpu = result.candidates.filter((c) => c.deployment.gpuId === gpu.id && c.status !== 'INVALID');
    const tooBig = ofGpu.filter((c) => c.status === 'DOES_NOT_FIT');
    if (tooBig.length === 0 || tooBig.length < ofGpu.length) return [];
    const widest = tooBig.reduce((best, next) => (shards(next) > shards(best) ? next : best));
    return fittingDegree(widest, gpu);
  });
}

function shards(candidate: CandidateResult): number {
  return candidate.deployment.tensorParallel * candidate.deployment.pipelineParallel;
}

function fittingDegree(candidate: CandidateResult, gpu: Gpu): Advice[] {
  const { memory, deployment } = candidate;
  if (memory === null) return [];
  const { tensorParallel: from } = deployment;
  const fixed = memory.activationBytes + memory.engineReserveBytes;
  const available = gpu.memoryBytes * deployment.gpuMemoryUtilization - fixed;
  const missing = memory.weightBytes - available;
  let to = from * 2;
  while (to <= gpu.maxGpusPerNode && (memory.weightBytes * from) / to >= available) to *= 2;
  const short = missing > 0 ? `${formatGb(missing)} per GPU are missing` : 'no room is left for the KV cache';
  const shape = `${gpu.id} at tp${from} pp${deployment.pipelineParallel}: ${short}`;
  if (to > gpu.maxGpusPerNode) {
    return [
      advice(
        'gpu_types',
        gpu.id,
        'a GPU with more memory',
        `${shape}; no degree within one node fits, so list a GPU with more memory.`,
      ),
    ];
  }
  return [
    advice(
      'tensor_parallel',
      from,
      to,
      `${shape}; the weights fit from tensor_parallel ${to} on (list ${to * deployment.pipelineParallel} in num_gpus too).`,
    ),
  ];
}

/**
 * GPUs faster than all that were searched, and fast enough for the nearest candidate's worst miss. A first estimate, from
 * the catalogue alone: prefill (TTFT) goes with FLOPs, everything else with memory bandwidth.
 */
export function adviseFasterGpu(result: PlanResult, gpus: readonly Gpu[]): Advice[] {
  const nearest = listShortfalls(result).reduce<Shortfall | null>(
    (best, next) => (best === null || worst(next).factor < worst(best).factor ? next : best),
    null,
  );
  const searched = result.request.space.gpuIds;
  const current = gpus.find((gpu) => gpu.id === nearest?.candidate.deployment.gpuId);
  if (nearest === null || current === undefined) return [];
  const { factor, target } = worst(nearest);
  const speed = (gpu: Gpu) => (target?.metric === 'ttft' ? gpu.flops16PerS : gpu.memoryBandwidthBytesPerS);
  const fastest = Math.max(...gpus.filter((gpu) => searched.includes(gpu.id)).map(speed));
  const faster = gpus
    .filter((gpu) => speed(gpu) >= factor * speed(current) && speed(gpu) > fastest)
    .sort((a, b) => speed(a) - speed(b))
    .slice(0, 3)
    .map((gpu) => gpu.id);
  if (faster.length === 0 || target === null) return [];
  const unit = target.metric === 'ttft' ? 'FLOPs' : 'memory bandwidth';
  return [
    advice(
      'gpu_types',
      searched.join(', '),
      faster.join(', '),
      `Adding a faster GPU to gpu_types: ${targetLabel(target)} needs about ${formatNumber(factor)} times the ${unit} of ` +
        `${current.id}; ${faster.join(', ')} ${faster.length === 1 ? 'has' : 'have'} that on paper. Not simulated yet.`,
    ),
  ];
}

function worst({ missed }: Shortfall) {
  return missed.reduce<{ factor: number; target: Shortfall['missed'][number]['target'] | null }>(
    (most, { target, valueMs }) => {
      const factor = valueMs / target.limitMs;
      return factor > most.factor ? { factor, target } : most;
    },
    { factor: 1, target: null },
  );
}

function advice(key: string, from: number | string, to: number | string, sentence: string): Advice {
  const relativeChange = typeof from === 'number' && typeof to === 'number' ? to / from - 1 : null;
  return { changes: [{ key, from, to }], admits: 0, certain: false, relativeChange, sentence };
}
