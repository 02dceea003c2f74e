import { Float, Int } from 'type-graphql';
import type { TargetMetric } from '../../../core/search/request';
import type { MemoryPlan as CoreMemoryPlan } from '../../../core/search/result';
import { field, objectType, optional } from './described';
import { MemorySource } from './profile-enums';
import { SafeInt } from './scalars';
import { BindingTarget, LatencyMetric } from './traffic-enums';

const NEVER = 'null where requests never got there';

@objectType('LatencySummary', `Quantiles of one latency over the measured window, ms; ${NEVER}.`)
export class LatencySummary {
  @optional(() => Float, `Mean, ms; ${NEVER}.`)
  readonly mean!: number | null;
  @optional(() => Float, `Median, ms; ${NEVER}.`)
  readonly p50!: number | null;
  @optional(() => Float, `90th percentile, ms; ${NEVER}.`)
  readonly p90!: number | null;
  @optional(() => Float, `95th percentile, ms; ${NEVER}.`)
  readonly p95!: number | null;
  @optional(() => Float, `99th percentile, ms; ${NEVER}.`)
  readonly p99!: number | null;
  @optional(() => Float, `Largest, ms; ${NEVER}.`)
  readonly max!: number | null;
}

@objectType('RequestCounts', 'What became of the requests that arrived in the measured window.')
export class RequestCounts {
  @field(() => SafeInt, 'Requests that arrived.')
  readonly arrived!: number;
  @field(() => SafeInt, 'Requests that got all their tokens.')
  readonly completed!: number;
  @field(() => SafeInt, 'Requests still waiting or running when the simulation ended.')
  readonly unfinished!: number;
  @field(() => SafeInt, 'Requests longer than the server accepts.')
  readonly rejected!: number;
}

@objectType('Throughput', 'What was served per second over all replicas.')
export class Throughput {
  @optional(() => Float, 'Requests finished, per s.')
  readonly requestsPerS!: number | null;
  @optional(() => Float, 'Output tokens of finished requests, per s.')
  readonly outputTokensPerS!: number | null;
  @optional(() => Float, 'Prompt tokens of finished requests, per s.')
  readonly promptTokensPerS!: number | null;
}

@objectType('KvUtilization', 'Share of the KV cache in use, 0..1.')
export class KvUtilization {
  @optional(() => Float, 'Time-weighted mean, 0..1.')
  readonly mean!: number | null;
  @optional(() => Float, 'Largest at any time in any replica, 0..1.')
  readonly peak!: number | null;
}

@objectType('SimulationMetrics', 'Everything one simulation measured.')
export class SimulationMetrics {
  @field(() => RequestCounts, 'What became of the requests.')
  readonly requests!: RequestCounts;
  @field(() => LatencySummary, 'Time to first token, ms.')
  readonly ttftMs!: LatencySummary;
  @field(() => LatencySummary, 'Time between tokens over all gaps, ms.')
  readonly tbtMs!: LatencySummary;
  @field(() => LatencySummary, 'Time per output token of each request, ms.')
  readonly tpotMs!: LatencySummary;
  @field(() => LatencySummary, 'End-to-end latency, ms.')
  readonly e2eMs!: LatencySummary;
  @field(() => LatencySummary, 'Arrival to the first time scheduled, ms.')
  readonly schedulingDelayMs!: LatencySummary;
  @field(() => Throughput, 'What was served per second.')
  readonly throughput!: Throughput;
  @field(() => SafeInt, 'Engine steps.')
  readonly iterations!: number;
  @field(() => SafeInt, 'Requests put back because the KV cache was full.')
  readonly preemptions!: number;
  @optional(() => Float, 'Model FLOPs utilisation: FLOPs done ÷ (time × peak dense FLOPs of the GPUs), 0..1.')
  readonly mfu!: number | null;
  @optional(() => Float, 'Time-weighted mean memory in use ÷ GPU memory, 0..1.')
  readonly memoryUtilization!: number | null;
  @field(() => KvUtilization, 'Share of the KV cache in use.')
  readonly kvUtilization!: KvUtilization;
  @optional(() => Float, 'Time-weighted mean requests in the running batch of one replica.')
  readonly meanBatchSize!: number | null;
  @field(() => Int, 'Most requests running at once in one replica.')
  readonly peakBatchSize!: number;
  @optional(() => Float, "Share of busy time spent outside the profile's measured range, 0..1.")
  readonly extrapolatedTimeFraction!: number | null;
  @optional(
    () => Float,
    'Share of the prompt tokens found in the prefix cache, 0..1; null without prefix caching.',
  )
  readonly prefixCacheHitRate!: number | null;
  @optional(() => Float, 'Time simulated, s.')
  readonly simulatedS!: number | null;
}

@objectType('Target', 'A latency target: this quantile of this metric is at most limitMs.')
export class Target {
  @field(() => LatencyMetric, 'The latency.')
  readonly metric!: TargetMetric;
  @field(() => Float, 'The quantile, 0..1: 0.95 is p95.')
  readonly quantile!: number;
  @field(() => Float, 'The limit, ms.')
  readonly limitMs!: number;
}

@objectType(
  'TargetOutcome',
  'A target and what became of it at the maximum sustainable QPS; for INFEASIBLE at the lowest rate.',
)
export class TargetOutcome {
  @field(() => Target, 'The target.')
  readonly target!: Target;
  @optional(() => Float, `The quantile reached, ms; ${NEVER}.`)
  readonly valueMs!: number | null;
  @field(() => Boolean, 'Whether the target holds.')
  readonly met!: boolean;
  @optional(
    () => Float,
    '(limit − value) ÷ limit; negative when missed, null where requests never got there.',
  )
  readonly slack!: number | null;
}

@objectType('LoadPoint', 'One rate that was simulated, and the latencies at it.')
export class LoadPoint {
  @field(() => Float, 'Arrival rate over all replicas, requests/s.')
  readonly rateQps!: number;
  @field(() => Boolean, 'Whether every target held and the queue did not grow.')
  readonly passed!: boolean;
  @optional(() => BindingTarget, 'What failed first; null where it passed.')
  readonly failedOn!: string | null;
  @field(() => Boolean, 'Ended as soon as failure was certain: the latencies are of the requests until then.')
  readonly stoppedEarly!: boolean;
  @field(() => LatencySummary, 'Time to first token, ms.')
  readonly ttftMs!: LatencySummary;
  @field(() => LatencySummary, 'Time between tokens over all gaps, ms.')
  readonly tbtMs!: LatencySummary;
  @field(() => LatencySummary, 'Time per output token of each request, ms.')
  readonly tpotMs!: LatencySummary;
  @field(() => LatencySummary, 'End-to-end latency, ms.')
  readonly e2eMs!: LatencySummary;
}

@objectType('MemoryPlan', 'Where the memory of one GPU goes, and the KV blocks of one replica.')
export class MemoryPlan {
  @field(() => Float, 'Weights, bytes.')
  readonly weightBytes!: number;
  @field(() => Float, 'Activations, bytes.')
  readonly activationBytes!: number;
  @field(() => Float, 'Kept by the engine, bytes.')
  readonly engineReserveBytes!: number;
  @field(() => Float, 'KV cache of one token on one GPU, bytes.')
  readonly kvBytesPerToken!: number;
  @field(() => SafeInt, 'KV blocks of one replica.')
  readonly numGpuBlocks!: number;
  @field(() => MemorySource, 'Where the number of blocks comes from.')
  readonly source!: CoreMemoryPlan['source'];
}

@objectType('Overhead', 'Time that kernel-level profiles do not contain.')
export class Overhead {
  @field(() => Float, 'CPU, sampler and small kernels of one engine step, ms.')
  readonly stepMs!: number;
  @field(() => Float, 'API server work of one request, ms; occupies no GPU.')
  readonly requestMs!: number;
  @field(() => Float, "Engine steps between the making of a request's first token and its delivery.")
  readonly firstTokenExtraSteps!: number;
}
