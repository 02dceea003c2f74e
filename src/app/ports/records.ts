import type { CalibrationJson } from '../../core/calibration/calibration-json';
import type { Deployment, Overhead } from '../../core/engine/deployment';
import type { LintFinding } from '../../core/profile/lint-finding';
import type { Profile, ProfileKind } from '../../core/profile/profile';
import type { PriceKind } from '../../core/search/request';
import type {
  CandidateStatus,
  MemoryPlan,
  SimulationMetrics,
  TargetOutcome,
  TimeBasis,
  UncalibratedOutcome,
} from '../../core/search/result';
import type { Telemetry, TelemetryFinding } from '../../core/telemetry/telemetry';
import type { Trace } from '../../core/workload/workload';

// What is kept, as the use cases see it: plain data, one interface a table. Ids are UUIDs unless they are catalogue ids.

/** Holds what is shipped: the library's profiles, the shipped price book. Every workspace reads it, none writes it. */
export const SHARED_WORKSPACE_ID = '00000000-0000-0000-0000-000000000000';

export const ROLES = ['viewer', 'planner', 'admin'] as const;
/** Each role may do what those before it may. */
export type Role = (typeof ROLES)[number];

export interface WorkspaceRecord {
  readonly id: string;
  readonly name: string;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  /** First characters of the secret. */
  readonly prefix: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface PriceBookRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly version: string;
  readonly contentHash: string;
  readonly note: string | null;
  readonly createdAt: Date;
}

export interface PriceQuoteRecord {
  readonly gpuId: string;
  readonly provider: string;
  readonly region: string | null;
  readonly kind: PriceKind;
  readonly usdPerGpuHour: number;
  readonly gpusPerInstance: number | null;
  readonly product: string;
  readonly date: string | null;
  readonly source: string;
}

/** A profile without its rows. */
export interface ProfileRecord {
  readonly id: string;
  readonly workspaceId: string;
  /** Of a shipped one its library id. Several versions may have one name. */
  readonly name: string;
  readonly version: number;
  readonly contentHash: string;
  readonly gpuId: string;
  readonly modelId: string;
  readonly tensorParallel: number;
  readonly kind: ProfileKind;
  readonly engine: string | null;
  readonly dtype: string | null;
  readonly weightBytesPerParam: number | null;
  /** As the metadata gives it. */
  readonly measuredOn: string | null;
  readonly prefillRowCount: number;
  readonly decodeRowCount: number;
  readonly findings: readonly LintFinding[];
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

/** The part of a profile that is read only when asked for. */
export type ProfileContent = Pick<Profile, 'prefill' | 'decode' | 'memory' | 'notes'>;

export interface TraceRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly contentHash: string;
  readonly requestCount: number;
  readonly durationS: number;
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  /** Hashes of the blocks that its prompts are made of; null: it has none. */
  readonly promptBlockCount: number | null;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

export type StoredTrace = Trace & { readonly id: string };

export interface WorkloadRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly contentHash: string;
  /** The `workload` section of a request file; a trace is named by its id. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly traceId: string | null;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

export const TELEMETRY_KINDS = ['requests', 'iterations', 'bench', 'scrape'] as const;
export type TelemetryKind = (typeof TELEMETRY_KINDS)[number];

export interface TelemetrySetRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly kind: TelemetryKind;
  readonly modelId: string;
  readonly gpuId: string;
  readonly tensorParallel: number;
  /** Of the engine that served. */
  readonly engineVersion: string | null;
  readonly sampleCount: number;
  readonly findings: readonly TelemetryFinding[];
  /** What was taken as given, one sentence each. */
  readonly notes: readonly string[];
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

/** With its samples. */
export type StoredTelemetry = Telemetry & { readonly id: string };

export interface CalibrationRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly modelId: string;
  readonly gpuId: string;
  readonly tensorParallel: number;
  /** Of the engine that served. */
  readonly servingEngine: string;
  /** Counted for each model, GPU, degree and serving engine. */
  readonly version: number;
  /** Of the simulation it was fitted with. */
  readonly engineVersion: string;
  /** The profile whose times it corrects. */
  readonly profileId: string;
  readonly result: CalibrationJson;
  /** Whether it helps on held-out samples; plans use no other. */
  readonly applied: boolean;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

export const PLAN_PRIORITIES = ['low', 'normal', 'high'] as const;
export type PlanPriority = (typeof PLAN_PRIORITIES)[number];

export interface PlanRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly planRequestId: string;
  readonly modelId: string;
  readonly name: string;
  readonly idempotencyKey: string | null;
  readonly priority: PlanPriority;
  readonly deadlineS: number | null;
  readonly simulationsMax: number | null;
  /** Its runs use the newest calibrations that help. */
  readonly useCalibrations: boolean;
  readonly acceptProfileErrors: boolean;
  readonly createdById: string | null;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
}

export const RUN_STATUSES = [
  'queued',
  'running',
  'stopping',
  'completed',
  'stopped',
  'cancelled',
  'failed',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
const FINISHED_STATUSES = ['completed', 'stopped', 'cancelled', 'failed'] as const;
/** A run of such a status never changes again. */
export const isFinished = (status: RunStatus): boolean =>
  (FINISHED_STATUSES as readonly RunStatus[]).includes(status);

export type StopReason = 'cancelled' | 'deadline' | 'simulations';

export interface RunRecord {
  readonly id: string;
  readonly planId: string;
  readonly workspaceId: string;
  readonly modelId: string;
  /** 1 for the first run of a plan. */
  readonly number: number;
  readonly status: RunStatus;
  readonly stopReason: StopReason | null;
  readonly error: string | null;
  readonly engineVersion: string;
  readonly catalogVersion: string;
  readonly priceBookId: string;
  readonly candidateCount: number;
  /** Candidates with an answer. */
  readonly evaluatedCount: number;
  readonly failedCount: number;
  readonly feasibleCount: number;
  readonly simulations: number;
  readonly simulationS: number;
  readonly bestConfigId: number | null;
  readonly budgetConfigId: number | null;
  readonly premiumConfigId: number | null;
  readonly tiedConfigIds: readonly number[];
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly deadlineAt: Date | null;
}

/** A profile that a run took iteration times from. */
export interface RunProfileRecord {
  readonly runId: string;
  readonly gpuId: string;
  readonly tensorParallel: number;
  readonly profileId: string;
  readonly scaled: boolean;
}

/** Names a candidate: no other has its run's id and its config id. */
export interface CandidateKey {
  readonly runId: string;
  readonly configId: number;
}

/** What a run says of itself, one sentence each: longer than the rest of it, and no list shows it. */
export interface RunRemarks {
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** What charts show of a candidate of a frontier. */
export interface FrontierRecord extends CandidateKey {
  readonly maxQps: number;
  readonly costPerHourUsd: number;
  readonly qpsPerDollar: number | null;
  readonly gpuId: string;
  readonly totalGpus: number;
}

/** What lists, charts and filters of candidates need. Latencies are those at `maxQps`; for INFEASIBLE at the lowest rate. */
export interface CandidateRecord extends CandidateKey {
  readonly workspaceId: string;
  readonly deployment: Deployment;
  readonly totalGpus: number;
  readonly status: CandidateStatus;
  readonly reason: string | null;
  readonly basis: TimeBasis | null;
  readonly profileLabel: string | null;
  readonly maxQps: number | null;
  readonly maxQpsLow: number | null;
  readonly maxQpsHigh: number | null;
  readonly samplingQpsLow: number | null;
  readonly samplingQpsHigh: number | null;
  readonly timeRatioLow: number | null;
  readonly timeRatioHigh: number | null;
  readonly calibrationId: string | null;
  /** `ttft_p95`, …, or `queue`. */
  readonly binding: string | null;
  readonly meetsAllTargets: boolean;
  readonly costPerHourUsd: number | null;
  readonly costPer1kRequestsUsd: number | null;
  readonly costPerMillionInputTokensUsd: number | null;
  readonly costPerMillionOutputTokensUsd: number | null;
  readonly qpsPerDollar: number | null;
  readonly priceSource: string | null;
  readonly e2eP50Ms: number | null;
  readonly e2eP95Ms: number | null;
  readonly e2eP99Ms: number | null;
  readonly ttftP95Ms: number | null;
  readonly tbtP99Ms: number | null;
  readonly mfu: number | null;
  readonly memoryUtilization: number | null;
  /** Of the prompt tokens, 0..1; null where nothing is cached. */
  readonly prefixCacheHitRate: number | null;
}

/** The part of a candidate that is read only when asked for. */
export interface CandidateDetail {
  readonly targets: readonly TargetOutcome[];
  readonly metrics: SimulationMetrics | null;
  readonly memory: MemoryPlan | null;
  readonly overhead: Overhead | null;
  readonly uncalibrated: UncalibratedOutcome | null;
}
