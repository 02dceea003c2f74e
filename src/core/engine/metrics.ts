import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import type { MemoryPlan, SimulationMetrics } from '../search/result';
import type { SimulationRun } from './simulate';

/** What utilisation is relative to: one simulated replica. */
export interface ReplicaHardware {
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  /** GPUs of one replica. */
  readonly gpus: number;
  readonly memory: MemoryPlan;
  readonly blockTokens: number;
  /** Peak FLOP/s used for MFU: 8-bit where the weights are, else 16-bit. */
  readonly peakFlopsPerS: number;
}

/**
 * Metrics of one run. `simulatedReplicas` were simulated; where they stand for more, `standFor` is how many replicas
 * each stands for, and throughput is scaled up to all of them.
 */
export function metricsOf(
  run: SimulationRun,
  hardware: ReplicaHardware,
  replicas: { simulated: number; standFor: number },
): SimulationMetrics {
  const { recorder, totals } = run;
  const seconds = run.windowMs / 1000;
  const replicaMs = run.windowMs * replicas.simulated;
  const kvMean = ratio(totals.kvBlockMs, replicaMs * hardware.memory.numGpuBlocks);
  const perSecond = (amount: number) => ratio(amount * replicas.standFor, seconds);
  return {
    requests: {
      arrived: run.arrived,
      completed: recorder.completed,
      unfinished: run.unfinished,
      rejected: recorder.rejected,
    },
    ttftMs: recorder.ttft.summary(),
    tbtMs: recorder.tbt.summary(),
    tpotMs: recorder.tpot.summary(),
    e2eMs: recorder.e2e.summary(),
    schedulingDelayMs: recorder.schedulingDelay.summary(),
    throughput: {
      requestsPerS: perSecond(totals.finishedRequests),
      outputTokensPerS: perSecond(totals.finishedOutputTokens),
      promptTokensPerS: perSecond(totals.finishedPromptTokens),
    },
    iterations: totals.iterations,
    preemptions: totals.preemptions,
    mfu: ratio(flopsOf(run, hardware.model), (replicaMs / 1000) * hardware.gpus * hardware.peakFlopsPerS),
    memoryUtilization: memoryUtilization(kvMean, hardware),
    kvUtilization: { mean: kvMean, peak: run.kvPeak },
    meanBatchSize: ratio(totals.batchMs, totals.busyMs),
    peakBatchSize: run.peakRunning,
    extrapolatedTimeFraction: ratio(totals.extrapolatedMs, totals.busyMs),
    simulatedS: run.simulatedMs / 1000,
    ...(run.prefixCacheSimulated || totals.cachedPromptTokens > 0
      ? { prefixCacheHitRate: ratio(totals.cachedPromptTokens, totals.scheduledPromptTokens) }
      : {}),
  };
}

/** Model FLOPs: linear layers per token, and 4 · layers · heads · headDim per (query, key) pair of attention. */
function flopsOf(run: SimulationRun, model: ModelSpec): number {
  const pairs = run.totals.prefillWork + run.totals.contextRead;
  return (
    run.totals.tokens * model.linearFlopsPerToken + 4 * model.layers * model.heads * model.headDim * pairs
  );
}

function memoryUtilization(kvMean: number, { gpu, memory, blockTokens }: ReplicaHardware): number {
  const kvBytes = kvMean * memory.numGpuBlocks * blockTokens * memory.kvBytesPerToken;
  return (
    (memory.weightBytes + memory.activationBytes + memory.engineReserveBytes + kvBytes) / gpu.memoryBytes
  );
}

const ratio = (a: number, b: number): number => (b > 0 ? a / b : 0);
