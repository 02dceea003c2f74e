import { Float, ID, Int } from 'type-graphql';
import type { Routing as RoutingName, SchedulerName } from '../../../core/engine/deployment';
import type { TimeBasis as Basis, CandidateStatus as Status } from '../../../core/search/result';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { CandidateStatus, Routing, Scheduler, TimeBasis } from './enums';
import { TargetOutcome } from './measurements';
import { SafeInt } from './scalars';
import { BindingTarget, LatencyMetric } from './traffic-enums';

@objectType('CandidateConfig', 'One deployment.')
export class CandidateConfig {
  @field(() => ID, 'Catalogue id of the GPU.')
  readonly gpuType!: string;
  @field(() => Int, 'GPUs of one replica: tensorParallel × pipelineParallel.')
  readonly numGpusPerReplica!: number;
  @field(() => Int, 'Tensor-parallel degree.')
  readonly tensorParallel!: number;
  @field(() => Int, 'Pipeline stages.')
  readonly pipelineParallel!: number;
  @field(() => Int, 'Copies of the model.')
  readonly numReplicas!: number;
  @field(() => Int, 'GPUs of all replicas.')
  readonly totalGpus!: number;
  @field(() => Scheduler, 'How batches are made.')
  readonly scheduler!: SchedulerName;
  @field(() => Int, 'Most requests in the running batch of one replica.')
  readonly maxBatchSize!: number;
  @optional(() => SafeInt, 'Most new tokens of one iteration; null: no limit.')
  readonly maxBatchedTokens!: number | null;
  @field(() => Int, 'Prefill chunk of SARATHI, tokens.')
  readonly chunkSize!: number;
  @field(() => Int, 'Tokens of one KV block.')
  readonly blockSize!: number;
  @optional(() => SafeInt, 'KV blocks set by the request; null: computed, see memory.')
  readonly numGpuBlocks!: number | null;
  @field(() => Float, 'Share of GPU memory the engine may use, 0..1.')
  readonly gpuMemoryUtilization!: number;
  @field(() => Float, 'Fraction of the KV blocks kept free on admission (VLLM_V0, SARATHI), 0..0.5.')
  readonly watermark!: number;
  @field(() => SafeInt, 'Longest prompt + output accepted, tokens.')
  readonly maxModelLen!: number;
  @field(() => Routing, 'Which replica a request goes to.')
  readonly routing!: RoutingName;
}

@objectType('QpsInterval', 'A 90% interval of a rate.')
export class QpsInterval {
  @field(() => Float, 'Lower end, requests/s.')
  readonly lowQps!: number;
  @field(() => Float, 'Upper end, requests/s.')
  readonly highQps!: number;
}

@objectType(
  'TimeError',
  '90% interval of true step times ÷ those used: what a profile, its scaling or a calibration may be off by.',
)
export class TimeError {
  @field(() => Float, 'Lower end: below 1, steps may be faster.')
  readonly lowRatio!: number;
  @field(() => Float, 'Upper end: above 1, steps may be slower.')
  readonly highRatio!: number;
}

@objectType('LatencyInterval', 'A 90% interval of one latency at the maximum sustainable QPS.')
export class LatencyInterval {
  @field(() => LatencyMetric, 'Which latency.')
  readonly metric!: string;
  @field(() => Int, 'Which percentile: 50, 95 or 99.')
  readonly percentile!: number;
  @optional(() => Float, 'Lower end, ms; null where it is not known.')
  readonly lowMs!: number | null;
  @optional(
    () => Float,
    'Upper end, ms; null where there is none: with steps as slow as timeError allows, this load may not be held.',
  )
  readonly highMs!: number | null;
}

@objectType('UncalibratedOutcome', 'What is found for a candidate without its calibration.')
export class UncalibratedOutcome {
  @field(() => CandidateStatus, 'What would become of it.')
  readonly status!: Status;
  @optional(
    () => Float,
    'Highest arrival rate at which every target holds, requests/s; null where there is none.',
  )
  readonly maxSustainableQps!: number | null;
  @field(() => [TargetOutcome], 'Outcome of each target then.')
  readonly targets!: readonly TargetOutcome[];
}

@objectType(
  'Performance',
  'What a candidate sustains, and the latencies then. Null where nothing of it was measured.',
)
export class Performance {
  @optional(
    () => Float,
    'Highest arrival rate over all replicas at which every target holds, requests/s; null where there is none.',
  )
  readonly maxSustainableQps!: number | null;
  @optional(
    () => QpsInterval,
    '90% interval of maxSustainableQps: sampling noise and the error of step times.',
  )
  readonly maxSustainableQpsInterval!: QpsInterval | null;
  @optional(() => QpsInterval, 'What sampling noise alone makes of it.')
  readonly samplingInterval!: QpsInterval | null;
  @optional(() => TimeError, 'How far true step times may be from those used; null before engine 1.2.')
  readonly timeError!: TimeError | null;
  @optional(
    () => BindingTarget,
    'What fails first above maxSustainableQps, or (INFEASIBLE) even at the lowest rate.',
  )
  readonly bindingTarget!: string | null;
  @optional(() => Float, 'Median end-to-end latency at maxSustainableQps, ms.')
  readonly p50LatencyMs!: number | null;
  @optional(() => Float, '95th percentile of the end-to-end latency at maxSustainableQps, ms.')
  readonly p95LatencyMs!: number | null;
  @optional(() => Float, '99th percentile of the end-to-end latency at maxSustainableQps, ms.')
  readonly p99LatencyMs!: number | null;
  @optional(() => Float, '95th percentile of the time to first token at maxSustainableQps, ms.')
  readonly p95TtftMs!: number | null;
  @optional(
    () => Float,
    '99th percentile of the time between tokens at maxSustainableQps, over all gaps, ms.',
  )
  readonly p99TbtMs!: number | null;
  @optional(() => Float, 'Mean model FLOPs utilisation, 0..1.')
  readonly meanMfu!: number | null;
  @optional(() => Float, 'Mean memory in use ÷ GPU memory, 0..1.')
  readonly meanMemoryUtil!: number | null;
  @optional(
    () => Float,
    'Share of the prompt tokens found in the prefix cache, 0..1; null without prefix caching.',
  )
  readonly prefixCacheHitRate!: number | null;
}

@objectType(
  'CandidateCost',
  'What a candidate costs at its maximum sustainable QPS. The prices per million tokens each carry the whole cost: never add them.',
)
export class CandidateCost {
  @field(() => Float, 'US dollars per hour.')
  readonly costPerHourUsd!: number;
  @optional(() => Float, 'US dollars per 1,000 requests; null where it sustains no load.')
  readonly costPer1kRequestsUsd!: number | null;
  @optional(
    () => Float,
    'US dollars per million prompt tokens, the whole cost on them; null where it sustains no load.',
  )
  readonly costPerMillionInputTokensUsd!: number | null;
  @optional(
    () => Float,
    'US dollars per million output tokens, the whole cost on them; null where it sustains no load.',
  )
  readonly costPerMillionOutputTokensUsd!: number | null;
  @optional(
    () => Float,
    'Sustainable requests/s for each US dollar per hour; null where it sustains no load or costs nothing.',
  )
  readonly qpsPerDollar!: number | null;
  @field(() => String, 'The quote used, in words: provider, product, kind, date.')
  readonly priceSource!: string;
}

@objectType('SloCompliance', 'Which targets hold. Null: no such target was given, or nothing was simulated.')
export class SloCompliance {
  @optional(
    () => Boolean,
    'Every target holds, and the candidate is within the budget and above the least load.',
  )
  readonly meetsAllSlos!: boolean | null;
  @optional(() => Boolean, 'Every target on the time to first token holds.')
  readonly ttftSloMet!: boolean | null;
  @optional(() => Boolean, 'Every target on the time between tokens holds.')
  readonly tbtSloMet!: boolean | null;
  @optional(() => Boolean, 'Every target on the time per output token holds.')
  readonly tpotSloMet!: boolean | null;
  @optional(() => Boolean, 'Every target on the end-to-end latency holds.')
  readonly latencySloMet!: boolean | null;
}

@objectType('Candidate', 'One deployment of a plan and what a run found for it. Never changes.')
export class Candidate {
  @field(() => ID, '<id of the run>:<configId>.')
  readonly id!: string;
  @field(() => Int, 'Position in the enumeration, from 1: the same in every run of one request.')
  readonly configId!: number;
  @field(() => CandidateStatus, 'What became of it.')
  readonly status!: Status;
  @optional(() => String, 'Why, with the numbers; null for FEASIBLE.')
  readonly reason!: string | null;
  @optional(() => TimeBasis, 'How its iteration times are known; null where none were needed.')
  readonly basis!: Basis | null;
  @optional(() => String, 'The profile its times come from, and what was done to it, in words.')
  readonly profileLabel!: string | null;
  @field(() => Boolean, 'Whether every target holds at its maximum sustainable QPS.')
  readonly meetsAllTargets!: boolean;
  @field(() => CandidateConfig, 'The deployment.', { complexity: 0 })
  readonly config!: CandidateConfig;
  @field(() => Performance, 'What it sustains.', { complexity: 0 })
  readonly performance!: Performance;
  @optional(() => CandidateCost, 'What it costs; null where no price is known or it is INVALID.', {
    complexity: 0,
  })
  readonly cost!: CandidateCost | null;
  readonly runId!: string;
  readonly calibrationId!: string | null;
}

export const CandidateConnection = connectionOf(Candidate, 'Candidate', 'candidates', { counted: true });

@objectType('FrontierPoint', 'An undominated candidate: none costs no more and sustains more.')
export class FrontierPoint {
  @field(() => Int, 'configId of the candidate.')
  readonly configId!: number;
  @field(() => Float, 'Maximum sustainable load, requests/s.')
  readonly maxQps!: number;
  @field(() => Float, 'US dollars per hour.')
  readonly costPerHourUsd!: number;
  @optional(() => Float, 'Sustainable requests/s for each US dollar per hour; null where it costs nothing.')
  readonly qpsPerDollar!: number | null;
  @field(() => ID, 'Catalogue id of the GPU.')
  readonly gpuType!: string;
  @field(() => Int, 'GPUs of all replicas.')
  readonly totalGpus!: number;
  @field(() => Candidate, 'The candidate.', { complexity: ({ childComplexity }) => childComplexity })
  readonly candidate!: () => Promise<Candidate>;
}
