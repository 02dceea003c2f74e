import { GraphQLDateTime } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import type {
  CandidateFilter,
  CandidateOrder,
  PlanFilter,
  PlanOrder,
  ProfileFilter,
} from '../../../app/ports/read-store';
import { enumOf, inputType, optional, withDefault } from '../types/described';
import { CandidateStatus, RunStatus, Scheduler, SortDirection } from '../types/enums';
import { ProfileOrigin, TelemetryKind } from '../types/profile-enums';

// Conditions that are given must all hold; within one list any may.

const PlanOrderField = enumOf('PlanOrderField', 'What plans are ordered by.', {
  CREATED_AT: ['created_at', 'When they were launched.'],
  NAME: ['name', 'Their name.'],
});

@inputType('PlanOrderInput', 'Order of a list of plans.')
export class PlanOrderInput {
  @withDefault(() => PlanOrderField, 'created_at', 'What to order by.')
  readonly field!: PlanOrder['field'];
  @withDefault(() => SortDirection, 'desc', 'In which direction.')
  readonly direction!: PlanOrder['direction'];
}

@inputType('PlanFilterInput', 'Which plans: all conditions that are given hold.')
export class PlanFilterInput {
  @optional(() => [ID], 'Of one of these models (catalogue ids or other names).')
  readonly modelIds?: readonly string[] | null;
  @optional(() => String, 'The name has this part, in any case.')
  readonly nameContains?: string | null;
  @optional(() => [RunStatus], 'The newest run has one of these statuses.')
  readonly statuses?: PlanFilter['statuses'] | null;
  @optional(() => GraphQLDateTime, 'Launched then or later.')
  readonly createdAfter?: Date | null;
  @optional(() => GraphQLDateTime, 'Launched before.')
  readonly createdBefore?: Date | null;
  @optional(() => ID, 'The newest run has candidates on this GPU (catalogue id or another name).')
  readonly gpuId?: string | null;
  @withDefault(() => Boolean, false, 'Archived plans too.')
  readonly includeArchived!: boolean;
}

const CandidateOrderField = enumOf(
  'CandidateOrderField',
  'What candidates are ordered by. Those without a value come last.',
  {
    CONFIG_ID: ['config_id', 'Position in the enumeration; within one run only.'],
    MAX_QPS: ['max_qps', 'Maximum sustainable load, requests/s.'],
    QPS_PER_DOLLAR: ['qps_per_dollar', 'Sustainable requests/s for each US dollar per hour.'],
    COST_PER_HOUR_USD: ['cost_per_hour_usd', 'US dollars per hour.'],
    COST_PER_1K_REQUESTS_USD: [
      'cost_per_1k_requests_usd',
      'US dollars per 1,000 requests; within one run only.',
    ],
    TOTAL_GPUS: ['total_gpus', 'GPUs of all replicas; within one run only.'],
    TTFT_P95_MS: ['ttft_p95_ms', '95th percentile of the time to first token, ms; within one run only.'],
    TBT_P99_MS: ['tbt_p99_ms', '99th percentile of the time between tokens, ms; within one run only.'],
    E2E_P99_MS: ['e2e_p99_ms', '99th percentile of the end-to-end latency, ms; within one run only.'],
  },
);

@inputType('CandidateOrderInput', 'Order of a list of candidates.')
export class CandidateOrderInput {
  @withDefault(() => CandidateOrderField, 'qps_per_dollar', 'What to order by.')
  readonly field!: CandidateOrder['field'];
  @withDefault(() => SortDirection, 'desc', 'In which direction.')
  readonly direction!: CandidateOrder['direction'];
}

@inputType('CandidateFilterInput', 'Which candidates: all conditions that are given hold.')
export class CandidateFilterInput {
  @optional(() => [CandidateStatus], 'One of these statuses.')
  readonly statuses?: CandidateFilter['statuses'] | null;
  @optional(() => [ID], 'One of these GPUs (catalogue ids or other names).')
  readonly gpuIds?: readonly string[] | null;
  @optional(() => [Scheduler], 'One of these schedulers.')
  readonly schedulers?: CandidateFilter['schedulers'] | null;
  @optional(() => [Int], 'One of these tensor-parallel degrees.')
  readonly tensorParallel?: readonly number[] | null;
  @optional(() => [Int], 'One of these numbers of pipeline stages.')
  readonly pipelineParallel?: readonly number[] | null;
  @optional(() => [Int], 'One of these batch sizes.')
  readonly maxBatchSizes?: readonly number[] | null;
  @optional(() => [Int], 'One of these numbers of replicas.')
  readonly numReplicas?: readonly number[] | null;
  @optional(() => Int, 'At most so many GPUs over all replicas.')
  readonly totalGpusMax?: number | null;
  @optional(() => Float, 'At most so many US dollars per hour.')
  readonly costPerHourUsdMax?: number | null;
  @optional(() => Float, 'At least this sustainable load, requests/s.')
  readonly maxQpsMin?: number | null;
  @optional(() => Boolean, 'Whether every target holds.')
  readonly meetsAllTargets?: boolean | null;
  @optional(() => Boolean, 'Whether it is on the frontier of its run.')
  readonly onFrontier?: boolean | null;
}

@inputType('ProfileFilterInput', 'Which profiles: all conditions that are given hold.')
export class ProfileFilterInput {
  @optional(() => [ID], 'Of one of these models (catalogue ids or other names).')
  readonly modelIds?: readonly string[] | null;
  @optional(() => [ID], 'Of one of these GPUs (catalogue ids or other names).')
  readonly gpuIds?: readonly string[] | null;
  @optional(() => [Int], 'Of one of these tensor-parallel degrees.')
  readonly tensorParallel?: readonly number[] | null;
  @optional(() => String, 'The name has this part, in any case.')
  readonly nameContains?: string | null;
  @optional(() => ProfileOrigin, 'Uploaded or shipped.')
  readonly origin?: ProfileFilter['origin'] | null;
  @withDefault(() => Boolean, false, 'Archived profiles too.')
  readonly includeArchived!: boolean;
}

@inputType('TelemetryFilterInput', 'Which telemetry sets: all conditions that are given hold.')
export class TelemetryFilterInput {
  @optional(() => [TelemetryKind], 'Of one of these kinds.')
  readonly kinds?: readonly ('requests' | 'iterations' | 'bench' | 'scrape')[] | null;
  @optional(() => [ID], 'Of one of these models (catalogue ids or other names).')
  readonly modelIds?: readonly string[] | null;
  @optional(() => [ID], 'Of one of these GPUs (catalogue ids or other names).')
  readonly gpuIds?: readonly string[] | null;
  @optional(() => [Int], 'Of one of these tensor-parallel degrees.')
  readonly tensorParallel?: readonly number[] | null;
  @withDefault(() => Boolean, false, 'Archived ones too.')
  readonly includeArchived!: boolean;
}

@inputType('CalibrationFilterInput', 'Which calibrations: all conditions that are given hold.')
export class CalibrationFilterInput {
  @optional(() => [ID], 'Of one of these models (catalogue ids or other names).')
  readonly modelIds?: readonly string[] | null;
  @optional(() => [ID], 'Of one of these GPUs (catalogue ids or other names).')
  readonly gpuIds?: readonly string[] | null;
  @optional(() => [Int], 'Of one of these tensor-parallel degrees.')
  readonly tensorParallel?: readonly number[] | null;
  @optional(() => Boolean, 'Whether it helps on held-out samples.')
  readonly applied?: boolean | null;
  @withDefault(() => Boolean, false, 'Archived ones too.')
  readonly includeArchived!: boolean;
}
