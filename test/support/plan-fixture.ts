import type { Gpu } from '../../src/core/catalog/gpu';
import type { Deployment } from '../../src/core/engine/deployment';
import type { ReportContext } from '../../src/core/report/report-context';
import type { PlanRequest, Target } from '../../src/core/search/request';
import type {
  CandidateCost,
  CandidateResult,
  CandidateStatus,
  LatencySummary,
  LoadPoint,
  MemoryPlan,
  PlanResult,
  SimulationMetrics,
  TargetOutcome,
} from '../../src/core/search/result';

const TTFT_P95: Target = { metric: 'ttft', quantile: 0.95, limitMs: 2000 };
const TBT_P99: Target = { metric: 'tbt', quantile: 0.99, limitMs: 200 };
const LATENCY_P99: Target = { metric: 'e2e', quantile: 0.99, limitMs: 10_000 };

const gpu = (
  id: string,
  name: string,
  memoryGb: number,
  bandwidthGb: number,
  tflops: number,
  max: number,
): Gpu => ({
  id,
  name,
  memoryBytes: memoryGb * 1e9,
  memoryBandwidthBytesPerS: bandwidthGb * 1e9,
  flops16PerS: tflops * 1e12,
  flops8PerS: null,
  linkBytesPerS: 300e9,
  maxGpusPerNode: max,
});

export const CONTEXT: ReportContext = {
  timestamp: '2026-11-24T10:30:00.000Z',
  inputProfile: 'data/profiles/a100-80gb/llama-2-7b/tp1/vidur-fp16',
  gpus: [
    gpu('t4', 'NVIDIA T4', 16, 320, 65, 8),
    gpu('a10g', 'NVIDIA A10G', 24, 600, 70, 8),
    gpu('a100-80gb', 'NVIDIA A100 SXM4 80GB', 80, 2039, 312, 8),
    gpu('h100-sxm', 'NVIDIA H100 SXM5 80GB', 80, 3350, 989, 8),
    gpu('h200-sxm', 'NVIDIA H200 SXM5 141GB', 141, 4800, 989, 8),
  ],
};

export const REQUEST: PlanRequest = {
  modelId: 'llama-2-7b',
  workload: {
    arrival: { kind: 'poisson' },
    lengths: {
      kind: 'drawn',
      prompt: { kind: 'normal', mean: 512, std: 128 },
      output: { kind: 'normal', mean: 256, std: 64 },
      cachedPrompt: null,
    },
  },
  rateRangeQps: [1, 100],
  constraints: { targets: [TTFT_P95, TBT_P99, LATENCY_P99], maxCostPerHourUsd: 60, minQps: 10 },
  space: {
    gpuIds: ['a100-80gb', 'h100-sxm', 'a10g', 't4'],
    numGpus: [1, 2, 4],
    tensorParallel: [1, 2, 4],
    pipelineParallel: [1],
    numReplicas: [1, 2, 4, 8],
    schedulers: ['vllm', 'sarathi'],
    maxBatchSizes: [64, 128],
    maxBatchedTokens: null,
    chunkTokens: null,
    blockTokens: null,
    numGpuBlocks: null,
    gpuMemoryUtilization: null,
    watermark: null,
    maxModelTokens: null,
    routings: null,
  },
  objective: { kind: 'max_qps_per_dollar', targetQps: null },
  prices: { provider: null, kind: 'on-demand', wholeInstances: false, usdPerGpuHour: {} },
  simulation: { durationS: 600, warmupS: 60, randomSeed: 42 },
  overhead: { stepMs: null, requestMs: null, firstTokenExtraSteps: null },
};

const USD_PER_GPU_HOUR: Record<string, number> = {
  t4: 0.526,
  a10g: 1.006,
  'a100-80gb': 3.4312,
  'h100-sxm': 6.88,
};

export function deployment(parts: Partial<Deployment> = {}): Deployment {
  return {
    gpuId: 'a100-80gb',
    tensorParallel: 1,
    pipelineParallel: 1,
    numReplicas: 1,
    scheduler: 'vllm',
    maxBatchSize: 128,
    maxBatchedTokens: 2048,
    chunkTokens: 512,
    blockTokens: 16,
    watermark: 0.01,
    gpuMemoryUtilization: 0.9,
    maxModelTokens: 4096,
    routing: 'round_robin',
    numGpuBlocks: null,
    ...parts,
  };
}

/** A skewed distribution with this median and p99. */
function latency(p50: number, p99: number): LatencySummary {
  const at = (share: number) => p50 + (p99 - p50) * share;
  return { mean: at(0.12), p50, p90: at(0.45), p95: at(0.66), p99, max: p99 * 1.3 };
}

export function metrics(parts: Partial<SimulationMetrics> = {}): SimulationMetrics {
  return {
    requests: { arrived: 12_000, completed: 11_980, unfinished: 20, rejected: 0 },
    ttftMs: latency(186.4, 690.25),
    tbtMs: latency(27.31, 145.3333),
    tpotMs: latency(31.2, 44.5),
    e2eMs: latency(7654.321, 9571.4),
    schedulingDelayMs: latency(12.5, 301),
    throughput: { requestsPerS: 19.97, outputTokensPerS: 5112.3, promptTokensPerS: 10_224.6 },
    iterations: 44_000,
    preemptions: 0,
    mfu: 0.2371,
    memoryUtilization: 0.6734,
    kvUtilization: { mean: 0.58, peak: 0.83 },
    meanBatchSize: 61.37,
    peakBatchSize: 118,
    extrapolatedTimeFraction: 0.012,
    simulatedS: 660,
    ...parts,
  };
}

function outcomes(values: { ttft: number; tbt: number; e2e: number }): TargetOutcome[] {
  const all: [Target, number][] = [
    [TTFT_P95, values.ttft],
    [TBT_P99, values.tbt],
    [LATENCY_P99, values.e2e],
  ];
  return all.map(([target, valueMs]) => ({
    target,
    valueMs,
    met: valueMs <= target.limitMs,
    slack: (target.limitMs - valueMs) / target.limitMs,
  }));
}

export function cost(d: Deployment, maxQps: number | null): CandidateCost {
  const gpus = d.tensorParallel * d.pipelineParallel * d.numReplicas;
  const costPerHourUsd = gpus * (USD_PER_GPU_HOUR[d.gpuId] ?? 1);
  const served = (perHour: number) => (maxQps === null ? null : costPerHourUsd / (maxQps * perHour));
  return {
    costPerHourUsd,
    costPer1kRequestsUsd: served(3.6),
    costPerMillionInputTokensUsd: served(0.0036 * 512),
    costPerMillionOutputTokensUsd: served(0.0036 * 256),
    qpsPerDollar: maxQps === null ? null : maxQps / costPerHourUsd,
    priceSource: `aws ${d.gpuId} on-demand, us-east-1, 2025-11-30`,
  };
}

export const MEMORY: MemoryPlan = {
  weightBytes: 13.48e9,
  activationBytes: 1.2e9,
  engineReserveBytes: 1.5e9,
  kvBytesPerToken: 524_288,
  numGpuBlocks: 6655,
  source: 'computed',
};

/** One probe; latencies reach those of `metrics` and `outcomes` at `maxQps`. */
function loadPoint(rateQps: number, maxQps: number, failedOn: LoadPoint['failedOn'] = null): LoadPoint {
  const load = rateQps / maxQps;
  const queue = failedOn === 'queue';
  const e2eMs = latency(5500 + 2154 * load, 7000 + 2571 * load ** 2);
  return {
    rateQps,
    verdict: failedOn === null ? 'pass' : 'fail',
    failedOn,
    stoppedEarly: queue,
    ttftMs: latency(150 + 36 * load, 400 + 290 * load ** 2),
    tbtMs: latency(20 + 7 * load, failedOn === TBT_P99 ? 214.6 : 60 + 85 * load ** 2),
    tpotMs: latency(22 + 9 * load, 30 + 14.5 * load),
    e2eMs: queue ? { ...e2eMs, p99: Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY } : e2eMs,
  };
}

type Parts = Partial<Omit<CandidateResult, 'deployment'>> & { readonly deployment?: Partial<Deployment> };

/** A candidate that sustains `maxQps`. */
export function served(configId: number, maxQps: number, parts: Parts = {}): CandidateResult {
  const d = deployment(parts.deployment);
  return {
    configId,
    status: 'FEASIBLE',
    reason: null,
    basis: 'measured',
    profile: `${d.gpuId}/llama-2-7b/tp${d.tensorParallel}/vidur-fp16`,
    overhead: { stepMs: 1.16, requestMs: 9.3, firstTokenExtraSteps: 1 },
    memory: MEMORY,
    maxQps,
    maxQpsInterval: [maxQps * 0.972, maxQps * 1.021],
    samplingInterval: parts.maxQpsInterval ?? [maxQps * 0.972, maxQps * 1.021],
    timeError: { lowRatio: 0.9, highRatio: 1.05 },
    calibrationId: null,
    uncalibrated: null,
    binding: TBT_P99,
    targets: outcomes({ ttft: 516.3, tbt: 145.3333, e2e: 9571.4 }),
    meetsAllTargets: true,
    metrics: metrics(),
    loadCurve: [
      ...[1, maxQps / 2, maxQps].map((rate) => loadPoint(rate, maxQps)),
      ...(parts.status === 'CAPPED'
        ? []
        : [loadPoint(maxQps * 1.02, maxQps, parts.binding ?? TBT_P99), loadPoint(100, maxQps, 'queue')]),
    ],
    cost: cost(d, maxQps),
    ...parts,
    deployment: d,
  };
}

/** A candidate of which no load is known. */
export function rejected(
  configId: number,
  status: CandidateStatus,
  reason: string,
  parts: Parts = {},
): CandidateResult {
  return {
    ...served(configId, 1, parts),
    status,
    reason,
    basis: null,
    profile: null,
    overhead: null,
    memory: null,
    maxQps: null,
    maxQpsInterval: null,
    samplingInterval: null,
    timeError: null,
    binding: null,
    targets: [],
    meetsAllTargets: false,
    metrics: null,
    loadCurve: [],
    cost: cost(deployment(parts.deployment), null),
    ...parts,
    deployment: deployment(parts.deployment),
  };
}

/** A candidate that misses targets even at 1 QPS. */
export function infeasible(
  configId: number,
  values: { ttft: number; tbt: number; e2e: number },
  parts: Parts = {},
): CandidateResult {
  const targets = outcomes(values);
  const missed = targets.find((outcome) => !outcome.met);
  const binding = missed?.target ?? 'queue';
  const reason =
    missed === undefined
      ? 'the queue grows even at 1 QPS'
      : `${missed.target.metric} is ${missed.valueMs} ms at 1 QPS, limit ${missed.target.limitMs} ms`;
  return rejected(configId, 'INFEASIBLE', reason, {
    basis: 'measured',
    profile: 'library',
    memory: MEMORY,
    binding,
    targets,
    metrics: metrics({
      mfu: 0.01,
      throughput: { requestsPerS: 0.997, outputTokensPerS: 255, promptTokensPerS: 511 },
    }),
    loadCurve: [loadPoint(1, 1, binding)],
    ...parts,
  });
}

export function plan(candidates: readonly CandidateResult[], parts: Partial<PlanResult> = {}): PlanResult {
  return {
    request: REQUEST,
    candidates,
    best: null,
    tied: [],
    budget: null,
    premium: null,
    frontier: [],
    partial: false,
    simulations: 214,
    simulationCpuS: 12.3456,
    engineVersion: '0.1.0',
    priceBookVersion: '2026-11',
    notes: ['Default price: aws on-demand, us-east-1.'],
    warnings: ['Profile a10g/llama-2-7b/tp1: decode batch sizes reach 64, the plan asks for 128.'],
    ...parts,
  };
}

/** Something of every status but NOT_EVALUATED; #2 is recommended. */
export function feasiblePlan(): PlanResult {
  return plan(feasibleCandidates(), { best: 2, tied: [2, 3], budget: 1, premium: 5, frontier: [1, 2, 4, 5] });
}

function feasibleCandidates(): CandidateResult[] {
  const h100: Partial<Deployment> = { gpuId: 'h100-sxm', tensorParallel: 2 };
  return [
    served(1, 10.4, {
      deployment: { gpuId: 'a10g', numReplicas: 4, maxBatchSize: 64 },
      basis: 'scaled',
      binding: TTFT_P95,
    }),
    served(2, 43.72, { deployment: { numReplicas: 2 } }),
    served(3, 43.1, { deployment: { numReplicas: 2, scheduler: 'sarathi' } }),
    served(4, 61.5, { deployment: { ...h100, numReplicas: 1 } }),
    served(5, 100, {
      deployment: { ...h100, numReplicas: 4 },
      status: 'CAPPED',
      reason: 'still within all targets at 100 QPS, the end of the range',
      binding: null,
      maxQpsInterval: null,
    }),
    infeasible(
      6,
      { ttft: 2312.4, tbt: 88, e2e: 9000 },
      { deployment: { gpuId: 'a10g', scheduler: 'sarathi' } },
    ),
    infeasible(7, { ttft: 2612.4, tbt: 98, e2e: 9900 }, { deployment: { gpuId: 'a10g' } }),
    rejected(8, 'DOES_NOT_FIT', 'needs 16.18 GB of the 14.4 GB usable on one t4: 1.78 GB are missing', {
      deployment: { gpuId: 't4' },
      memory: MEMORY,
    }),
    rejected(9, 'OVER_BUDGET', '$110.08/h is over the budget of $60/h', {
      deployment: { ...h100, numReplicas: 8 },
    }),
    served(10, 5.2, {
      status: 'BELOW_MIN_QPS',
      reason: 'sustains 5.2 QPS, min_qps is 10',
      deployment: { gpuId: 'a10g', numReplicas: 2 },
    }),
    rejected(11, 'INVALID', '32 heads cannot be divided by tensor_parallel 3', {
      deployment: { tensorParallel: 3 },
      cost: null,
    }),
    rejected(12, 'FAILED', 'internal error: event times went backwards at 12.5 s', {
      deployment: { tensorParallel: 4 },
    }),
  ];
}

/** Stopped after four candidates. */
export function partialPlan(): PlanResult {
  const candidates = feasibleCandidates().map((candidate) =>
    candidate.configId <= 3
      ? candidate
      : rejected(candidate.configId, 'NOT_EVALUATED', 'the search was stopped before this candidate', {
          deployment: candidate.deployment,
        }),
  );
  return plan(candidates, { best: 2, tied: [3], budget: 1, premium: 2, frontier: [1, 2], partial: true });
}

/** No latency target: the best candidate is saturated by its queue. */
export function noTargetsPlan(): PlanResult {
  const request: PlanRequest = {
    ...REQUEST,
    constraints: { targets: [], maxCostPerHourUsd: null, minQps: null },
    objective: { kind: 'max_qps', targetQps: null },
  };
  const bare = { targets: [], binding: 'queue' } as const;
  const candidates = [
    served(1, 52, {
      ...bare,
      deployment: { numReplicas: 2 },
      metrics: metrics({
        mfu: 0.73,
        memoryUtilization: 0.91,
        preemptions: 37,
        kvUtilization: { mean: 0.93, peak: 1 },
      }),
    }),
    served(2, 12.2, { ...bare, deployment: { gpuId: 'a10g', numReplicas: 4 }, basis: 'scaled' }),
  ];
  return plan(candidates, { request, best: 1, budget: 2, premium: 1, frontier: [2, 1], notes: [] });
}

/** Every way of not fitting; no candidate can be recommended. */
export function nothingFitsPlan(): PlanResult {
  const candidates = [
    infeasible(1, { ttft: 2312.4, tbt: 88, e2e: 9000 }),
    infeasible(2, { ttft: 2389.9, tbt: 98, e2e: 9400 }, { deployment: { scheduler: 'sarathi' } }),
    infeasible(3, { ttft: 3100.5, tbt: 120, e2e: 9800 }, { deployment: { gpuId: 'a10g', maxBatchSize: 64 } }),
    infeasible(4, { ttft: 2100.5, tbt: 203, e2e: 9100 }, { deployment: { gpuId: 'a10g' } }),
    infeasible(5, { ttft: 900, tbt: 120, e2e: 12_450 }, { deployment: { gpuId: 'h100-sxm' } }),
    infeasible(
      6,
      { ttft: 900, tbt: 120, e2e: 9000 },
      {
        deployment: { gpuId: 'a10g', scheduler: 'sarathi' },
        binding: 'queue',
        reason: 'the queue grows even at 1 QPS',
        metrics: metrics({
          throughput: { requestsPerS: 0.634, outputTokensPerS: 162, promptTokensPerS: 324 },
        }),
      },
    ),
    rejected(7, 'DOES_NOT_FIT', 'needs 16.18 GB of the 14.4 GB usable on one t4: 1.78 GB are missing', {
      deployment: { gpuId: 't4' },
      memory: MEMORY,
    }),
    rejected(8, 'OVER_BUDGET', '$110.08/h is over the budget of $60/h', {
      deployment: { gpuId: 'h100-sxm', tensorParallel: 2, numReplicas: 8 },
    }),
    served(9, 7.36, {
      status: 'BELOW_MIN_QPS',
      reason: 'sustains 7.36 QPS, min_qps is 10',
      deployment: { numReplicas: 2 },
    }),
  ];
  return plan(candidates);
}
