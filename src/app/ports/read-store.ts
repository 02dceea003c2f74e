import type { SchedulerName } from '../../core/engine/deployment';
import type { CandidateStatus, LoadPoint } from '../../core/search/result';
import type { Page, PageRequest } from './paging';
import type {
  ApiKeyRecord,
  CalibrationRecord,
  CandidateDetail,
  CandidateKey,
  CandidateRecord,
  FrontierRecord,
  PlanRecord,
  PriceBookRecord,
  PriceQuoteRecord,
  ProfileContent,
  ProfileRecord,
  RunProfileRecord,
  RunRecord,
  RunRemarks,
  RunStatus,
  StoredTelemetry,
  StoredTrace,
  TelemetryKind,
  TelemetrySetRecord,
  TraceRecord,
  WorkloadRecord,
  WorkspaceRecord,
} from './records';

// Reading what is kept. Everything takes the workspace that asks: rows of others are as if they were not there, the
// shared workspace's are there for all. Methods that take several keys answer in one statement, in the keys' order,
// null where there is none: what DataLoader wants.

export type SortDirection = 'asc' | 'desc';

export interface PlanFilter {
  readonly modelIds?: readonly string[];
  /** Part of the name, in any case. */
  readonly nameContains?: string;
  /** Of the newest run. */
  readonly statuses?: readonly RunStatus[];
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** Candidates of the newest run include this GPU. */
  readonly gpuId?: string;
  /** Default false: archived ones are left out. */
  readonly includeArchived?: boolean;
}
export interface PlanOrder {
  readonly field: 'created_at' | 'name';
  readonly direction: SortDirection;
}

export interface CandidateFilter {
  readonly statuses?: readonly CandidateStatus[];
  readonly gpuIds?: readonly string[];
  readonly schedulers?: readonly SchedulerName[];
  readonly tensorParallel?: readonly number[];
  readonly pipelineParallel?: readonly number[];
  readonly maxBatchSizes?: readonly number[];
  readonly numReplicas?: readonly number[];
  readonly totalGpusMax?: number;
  readonly costPerHourUsdMax?: number;
  readonly maxQpsMin?: number;
  readonly meetsAllTargets?: boolean;
  readonly onFrontier?: boolean;
}
export const CANDIDATE_ORDER_FIELDS = [
  'config_id',
  'max_qps',
  'qps_per_dollar',
  'cost_per_hour_usd',
  'cost_per_1k_requests_usd',
  'total_gpus',
  'ttft_p95_ms',
  'tbt_p99_ms',
  'e2e_p99_ms',
] as const;
/** Rows without a value of the field come last, whatever the direction. Ties: by run, then config id. */
export interface CandidateOrder {
  readonly field: (typeof CANDIDATE_ORDER_FIELDS)[number];
  readonly direction: SortDirection;
}
/** `config_id` needs a run; across runs only `max_qps`, `qps_per_dollar` and `cost_per_hour_usd` are indexed and allowed. */
export type CandidateScope = { readonly runId: string } | { readonly workspaceId: string };

export interface ProfileFilter {
  readonly modelIds?: readonly string[];
  readonly gpuIds?: readonly string[];
  readonly tensorParallel?: readonly number[];
  readonly nameContains?: string;
  /** `own`: uploaded to this workspace; `library`: shipped. */
  readonly origin?: 'own' | 'library';
  readonly includeArchived?: boolean;
}

export interface TelemetryFilter {
  readonly kinds?: readonly TelemetryKind[];
  readonly modelIds?: readonly string[];
  readonly gpuIds?: readonly string[];
  readonly tensorParallel?: readonly number[];
  /** Default false: archived ones are left out. */
  readonly includeArchived?: boolean;
}
export interface CalibrationFilter {
  readonly modelIds?: readonly string[];
  readonly gpuIds?: readonly string[];
  readonly tensorParallel?: readonly number[];
  readonly applied?: boolean;
  /** Default false: archived ones are left out. */
  readonly includeArchived?: boolean;
}

/** One run of a model in which a GPU was a candidate, with the best candidate on that GPU. */
export interface HistoryRow {
  readonly run: RunRecord;
  /** By QPS per dollar; null where none on the GPU is feasible. */
  readonly bestOnGpu: CandidateKey | null;
}

export interface ReadStore {
  workspace(id: string): Promise<WorkspaceRecord | null>;
  apiKeys(workspaceId: string): Promise<readonly ApiKeyRecord[]>;

  plans(
    workspaceId: string,
    filter: PlanFilter,
    order: PlanOrder,
    page: PageRequest,
  ): Promise<Page<PlanRecord>>;
  countPlans(workspaceId: string, filter: PlanFilter): Promise<number>;
  plansById(workspaceId: string, ids: readonly string[]): Promise<readonly (PlanRecord | null)[]>;
  /** By run id. */
  plansOfRuns(workspaceId: string, runIds: readonly string[]): Promise<readonly (PlanRecord | null)[]>;
  /** What was asked, with the keys of the request files, and the defaults used. By plan request id. */
  requestDocuments(ids: readonly string[]): Promise<
    readonly ({
      readonly document: Readonly<Record<string, unknown>>;
      readonly assumptions: readonly string[];
    } | null)[]
  >;
  /** Profiles named at launch, by plan. */
  planProfiles(planIds: readonly string[]): Promise<readonly (readonly ProfileRecord[])[]>;

  /** By run id. */
  runRemarks(runIds: readonly string[]): Promise<readonly RunRemarks[]>;
  runsById(workspaceId: string, ids: readonly string[]): Promise<readonly (RunRecord | null)[]>;
  /** All runs of each plan, newest first. */
  runsOfPlans(planIds: readonly string[]): Promise<readonly (readonly RunRecord[])[]>;
  /** The newest run of each plan. */
  latestRuns(planIds: readonly string[]): Promise<readonly (RunRecord | null)[]>;
  runProfiles(runIds: readonly string[]): Promise<readonly (readonly RunProfileRecord[])[]>;
  runCalibrations(runIds: readonly string[]): Promise<readonly (readonly CalibrationRecord[])[]>;
  /** Finished runs of a model on a GPU, newest first. */
  history(workspaceId: string, modelId: string, gpuId: string, page: PageRequest): Promise<Page<HistoryRow>>;

  candidates(
    scope: CandidateScope,
    filter: CandidateFilter,
    order: CandidateOrder,
    page: PageRequest,
  ): Promise<Page<CandidateRecord>>;
  /** The first page of the candidates of each run, in one statement. */
  candidatesOfRuns(
    runIds: readonly string[],
    filter: CandidateFilter,
    order: CandidateOrder,
    first: number,
  ): Promise<readonly Page<CandidateRecord>[]>;
  countCandidates(scope: CandidateScope, filter: CandidateFilter): Promise<number>;
  candidatesByKey(keys: readonly CandidateKey[]): Promise<readonly (CandidateRecord | null)[]>;
  candidateDetails(keys: readonly CandidateKey[]): Promise<readonly (CandidateDetail | null)[]>;
  /** By rate. */
  loadCurves(keys: readonly CandidateKey[]): Promise<readonly (readonly LoadPoint[])[]>;
  /** Undominated candidates of each run, by cost. */
  frontiers(runIds: readonly string[]): Promise<readonly (readonly FrontierRecord[])[]>;

  profiles(workspaceId: string, filter: ProfileFilter, page: PageRequest): Promise<Page<ProfileRecord>>;
  countProfiles(workspaceId: string, filter: ProfileFilter): Promise<number>;
  profilesById(workspaceId: string, ids: readonly string[]): Promise<readonly (ProfileRecord | null)[]>;
  /** The newest version of a profile under this name, not archived; a library id names a shipped one. */
  profileByName(workspaceId: string, name: string): Promise<ProfileRecord | null>;
  profileContents(ids: readonly string[]): Promise<readonly (ProfileContent | null)[]>;

  workloads(workspaceId: string, page: PageRequest): Promise<Page<WorkloadRecord>>;
  workloadsById(workspaceId: string, ids: readonly string[]): Promise<readonly (WorkloadRecord | null)[]>;
  workloadByName(workspaceId: string, name: string): Promise<WorkloadRecord | null>;
  traces(workspaceId: string, page: PageRequest): Promise<Page<TraceRecord>>;
  tracesById(workspaceId: string, ids: readonly string[]): Promise<readonly (TraceRecord | null)[]>;
  /** With its requests; by id or by name. */
  loadTrace(workspaceId: string, idOrName: string): Promise<StoredTrace | null>;

  telemetrySets(
    workspaceId: string,
    filter: TelemetryFilter,
    page: PageRequest,
  ): Promise<Page<TelemetrySetRecord>>;
  telemetrySetsById(
    workspaceId: string,
    ids: readonly string[],
  ): Promise<readonly (TelemetrySetRecord | null)[]>;
  /** With its samples. */
  loadTelemetry(workspaceId: string, id: string): Promise<StoredTelemetry | null>;
  calibrations(
    workspaceId: string,
    filter: CalibrationFilter,
    page: PageRequest,
  ): Promise<Page<CalibrationRecord>>;
  calibrationsById(
    workspaceId: string,
    ids: readonly string[],
  ): Promise<readonly (CalibrationRecord | null)[]>;
  /**
   * The newest calibration that helps for each GPU, degree and profile of a model: of this version of the simulation, for
   * the profile as it is now, and not archived.
   */
  activeCalibrations(
    workspaceId: string,
    modelId: string,
    engineVersion: string,
  ): Promise<readonly CalibrationRecord[]>;
  /** What each calibration was fitted on. */
  calibrationTelemetry(
    calibrationIds: readonly string[],
  ): Promise<readonly (readonly TelemetrySetRecord[])[]>;

  /** Newest first; those of the workspace, then the shipped one. */
  priceBooks(workspaceId: string, page: PageRequest): Promise<Page<PriceBookRecord>>;
  priceBooksById(workspaceId: string, ids: readonly string[]): Promise<readonly (PriceBookRecord | null)[]>;
  /** The newest of the workspace, else the shipped one. */
  currentPriceBook(workspaceId: string): Promise<PriceBookRecord>;
  quotesOf(priceBookIds: readonly string[]): Promise<readonly (readonly PriceQuoteRecord[])[]>;
}
