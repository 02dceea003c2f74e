import { type Deployment, type SchedulerName, totalGpus } from '../engine/deployment';
import type { ObjectiveKind, Target } from '../search/request';
import type { CandidateStatus, TimeBasis } from '../search/result';
import { quantileKey, targetLabel } from '../search/target-label';
import type { ReportContext } from './report-context';

/** Wire key of a target, as written in a request: `max_ttft_p95_ms`, `max_latency_p99_ms`. */
export function targetKey(target: Pick<Target, 'metric' | 'quantile'>): string {
  const metric = target.metric === 'e2e' ? 'latency' : target.metric;
  return `max_${metric}_${quantileKey(target.quantile)}_ms`;
}

/** What limits a candidate: the wire key of a target, or `queue`. */
export function bindingKey(binding: Target | 'queue' | null): string | null {
  if (binding === null || binding === 'queue') return binding;
  return targetKey(binding);
}

/** The same in words. */
export function bindingLabel(binding: Target | 'queue'): string {
  return binding === 'queue' ? 'the queue (saturation)' : targetLabel(binding);
}

/** Name of a GPU for people; its id where the catalogue entry was not given. */
export function gpuName(gpuId: string, context: Pick<ReportContext, 'gpus'>): string {
  return context.gpus.find((gpu) => gpu.id === gpuId)?.name ?? gpuId;
}

/** `8 × a100-80gb`. */
export function gpusLabel(deployment: Deployment): string {
  return `${totalGpus(deployment)} × ${deployment.gpuId}`;
}

/** One line that tells a deployment from its neighbours. */
export function deploymentLabel(d: Deployment): string {
  return `${gpusLabel(d)} (tp${d.tensorParallel} pp${d.pipelineParallel}, ${replicas(d)}), ${d.scheduler}, batch ${d.maxBatchSize}`;
}

/** `1 replica`, `4 replicas`. */
export function replicas(d: Pick<Deployment, 'numReplicas'>): string {
  return d.numReplicas === 1 ? '1 replica' : `${d.numReplicas} replicas`;
}

export const SCHEDULER_NAMES: Readonly<Record<SchedulerName, string>> = {
  vllm: 'vLLM',
  'vllm-v0': 'vLLM V0',
  sarathi: 'Sarathi',
  orca: 'Orca',
  'faster-transformer': 'FasterTransformer',
};

export const SCHEDULER_NOTES: Readonly<Record<SchedulerName, string>> = {
  vllm: 'continuous batching, chunked prefill',
  'vllm-v0': 'continuous batching, prefill first',
  sarathi: 'stall-free, chunked prefill',
  orca: 'iteration-level batching',
  'faster-transformer': 'static batches',
};

/** Completes the sentence "the candidate with …". */
export const OBJECTIVE_LABELS: Readonly<Record<ObjectiveKind, string>> = {
  max_qps_per_dollar: 'the most QPS per dollar',
  min_cost: 'the lowest cost for the target load',
  max_qps: 'the most QPS',
};

export const BASIS_LABELS: Readonly<Record<TimeBasis, string>> = {
  measured: 'measured: iteration times lie inside the profile',
  extrapolated: 'extrapolated: some iterations lie outside the measured range',
  scaled: 'scaled: times come from a profile of another GPU or degree',
};

export const STATUS_LABELS: Readonly<Record<CandidateStatus, string>> = {
  FEASIBLE: 'meets every constraint',
  CAPPED: 'meets every constraint up to the end of the rate range',
  INFEASIBLE: 'misses a target even at the lowest rate',
  DOES_NOT_FIT: 'the model does not fit in memory',
  OVER_BUDGET: 'costs more than the budget',
  BELOW_MIN_QPS: 'sustains less than min_qps',
  INVALID: 'not a valid deployment',
  FAILED: 'our simulation failed (a fault of ours)',
  NOT_EVALUATED: 'not reached before the search stopped',
};
