import type { Drift } from '../../core/calibration/drift';
import type { PlanComparison } from '../../core/compare/compare-plans';
import type { HistoryPoint } from '../../core/compare/history';
import type { Deployment, Overhead } from '../../core/engine/deployment';
import type { LintFinding } from '../../core/profile/lint-finding';
import type { Profile } from '../../core/profile/profile';
import type { RerankResult } from '../../core/rerank/rerank';
import type { PlanRequest } from '../../core/search/request';
import type { CandidateStatus, MemoryPlan, SimulationMetrics } from '../../core/search/result';
import type { Telemetry, TelemetryFinding } from '../../core/telemetry/telemetry';
import type { ArrivalProcess, Lengths } from '../../core/workload/workload';
import type { Caller } from '../access';
import type { ReportFormat } from '../render-report';
import type { Page, PageRequest } from './paging';
import type { HistoryRow } from './read-store';
import type {
  ApiKeyRecord,
  CalibrationRecord,
  PlanPriority,
  PlanRecord,
  PriceBookRecord,
  PriceQuoteRecord,
  ProfileRecord,
  Role,
  RunRecord,
  TelemetrySetRecord,
  TraceRecord,
  WorkloadRecord,
} from './records';
import type { ObservedOnThread } from './simulator';
import type { Stored } from './write-store';

// What an API adapter asks for besides reading: everything that writes or computes. Each method checks the caller's role
// (AccessError) and its input (InputError), knows only the caller's workspace (NotFoundError for all else), and rejects
// with ConflictError or LimitError where its comment says so.

/** A document as a client gave it: the YAML text of a request file, or the value it would hold. */
export type GivenDocument =
  | { readonly kind: 'yaml'; readonly text: string }
  /** With the keys of the request files. */
  | { readonly kind: 'value'; readonly value: Readonly<Record<string, unknown>> };

export interface ProfileUpload {
  /** Under which it is kept; null: `<gpu>/<model>/tp<degree>`. */
  readonly name: string | null;
  /** JSON text of fitted_profile.json. */
  readonly fittedProfile: string;
  /** JSON text of metadata.json; null: what is below has to say it. */
  readonly metadata: string | null;
  /** JSON text of model_memory.json. */
  readonly modelMemory: string | null;
  /** These win over the metadata. */
  readonly model: string | null;
  readonly gpu: string | null;
  readonly tensorParallel: number | null;
}

/** A profile read and checked, not stored. */
export interface ProfileCheck {
  readonly profile: Profile;
  readonly findings: readonly LintFinding[];
}

export interface TelemetryUpload {
  readonly name: string;
  /** A telemetry document; it names no files. */
  readonly telemetry: GivenDocument;
}

/** Telemetry read and checked, not stored. */
export interface TelemetryCheck {
  readonly telemetry: Telemetry;
  readonly findings: readonly TelemetryFinding[];
  /** What was taken as given, one sentence each. */
  readonly notes: readonly string[];
}

export interface CalibrationOrder {
  /** All of one model, GPU, degree and engine. */
  readonly telemetrySetIds: readonly string[];
  /** The stored profile to correct; null: the one that the telemetry names, else the library's. */
  readonly profileId: string | null;
  /** Share of each set, from its start, that is fitted on; the rest judges. */
  readonly fitShare: number;
  /** Have plans use it also where nothing is held out to verify it. */
  readonly acceptUnverified: boolean;
  readonly acceptProfileErrors: boolean;
}

/** Telemetry beside what a plan would say of the same requests. */
export interface Observation {
  readonly telemetrySet: TelemetrySetRecord;
  /** The one that corrected the predictions; null: none did. */
  readonly calibration: CalibrationRecord | null;
  readonly observed: ObservedOnThread;
  readonly drift: Drift;
}

export interface PlanLaunch {
  /** Null: made from the model and the GPUs. */
  readonly name: string | null;
  readonly request: GivenDocument;
  /** Ids of stored profiles, before any the request names. */
  readonly profileIds: readonly string[];
  /** A registered workload, by id or name, in place of the request's section `workload`. */
  readonly workload: string | null;
  readonly model: string | null;
  readonly priority: PlanPriority;
  /** The run stops this long after its launch, s. */
  readonly deadlineS: number | null;
  /** The run stops after this many simulations. */
  readonly simulationsMax: number | null;
  /** The same key with the same content gives the plan launched before; with other content a ConflictError. */
  readonly idempotencyKey: string | null;
  /** Use the newest calibrations that help; never beside an overhead that the request gives, which they would replace. */
  readonly useCalibrations: boolean;
  readonly acceptProfileErrors: boolean;
}

export interface LaunchedPlan {
  readonly plan: PlanRecord;
  readonly run: RunRecord;
  /** False when the idempotency key had launched it before. */
  readonly created: boolean;
}

/** What a launch would do. */
export interface PlanPreview {
  readonly request: ResolvedRequest;
  readonly candidateCount: number;
  /** Candidates that need no simulation, by what they are. */
  readonly settled: Readonly<Partial<Record<CandidateStatus, number>>>;
  /** Defaults used, one sentence each. */
  readonly assumptions: readonly string[];
  /** Findings on the profiles, one sentence each. */
  readonly warnings: readonly string[];
  /** Profiles the iteration times would come from, in words. */
  readonly profiles: readonly string[];
  /** Corrections of these times that would be used. */
  readonly calibrations: readonly CalibrationRecord[];
}

/** A plan request with every default in place; a trace by the id of the stored one. */
export type ResolvedRequest = Omit<PlanRequest, 'workload'> & {
  readonly workload: {
    readonly arrival: ArrivalProcess;
    readonly lengths:
      | Extract<Lengths, { kind: 'drawn' }>
      | (Omit<Extract<Lengths, { kind: 'trace' }>, 'trace'> & { readonly traceId: string });
  };
};

export interface SimulationOrder {
  /** What a deployment file of `simulate` holds; `profile` and `model` may be left out when `profileId` is given. */
  readonly deployment: GivenDocument;
  readonly profileId: string | null;
  readonly acceptProfileErrors: boolean;
}

export interface SimulationOutcome {
  readonly modelId: string;
  readonly deployment: Deployment;
  readonly overhead: Overhead;
  readonly memory: MemoryPlan;
  readonly metrics: SimulationMetrics;
  /** CPU time, s. */
  readonly cpuS: number;
  readonly engineVersion: string;
  readonly notes: readonly string[];
}

/** How to rank a stored run anew, without simulating. */
export interface RerankQuestion {
  readonly runId: string;
  /**
   * The sections `constraints`, `objective` and `prices` of a request, with its keys. A section given replaces the whole
   * section of the plan; one left out stays.
   */
  readonly changes: Readonly<Record<string, unknown>>;
  /** The prices to use; null: the run's own. */
  readonly priceBookId: string | null;
}

export interface PriceUpdate {
  /** Name of the new book, e.g. its date. */
  readonly version: string;
  readonly note: string | null;
  readonly quotes: readonly PriceQuoteRecord[];
  /** `merge`: quotes of the current book stay where no new one has their GPU, provider, region, kind and product. */
  readonly mode: 'merge' | 'replace';
}

export interface PlannerApi {
  /** Stores a profile, with the lint's findings; the same content is stored once. */
  ingestProfile(caller: Caller, upload: ProfileUpload): Promise<Stored<ProfileRecord>>;
  /** The same checks, storing nothing. */
  lintProfile(caller: Caller, upload: ProfileUpload): Promise<ProfileCheck>;
  setProfileArchived(caller: Caller, id: string, archived: boolean): Promise<ProfileRecord>;

  registerTrace(
    caller: Caller,
    trace: { readonly name: string; readonly csv: string },
  ): Promise<Stored<TraceRecord>>;
  /** `definition`: the section `workload` of a request. */
  registerWorkload(
    caller: Caller,
    workload: { readonly name: string; readonly definition: GivenDocument },
  ): Promise<Stored<WorkloadRecord>>;
  setWorkloadArchived(caller: Caller, id: string, archived: boolean): Promise<WorkloadRecord>;

  /** Checks and stores telemetry. Content that is already there is not stored again. */
  registerTelemetry(caller: Caller, upload: TelemetryUpload): Promise<Stored<TelemetrySetRecord>>;
  /** The same checks, storing nothing: findings are answers here, errors among them too. */
  lintTelemetry(caller: Caller, upload: TelemetryUpload): Promise<TelemetryCheck>;
  setTelemetryArchived(caller: Caller, id: string, archived: boolean): Promise<TelemetrySetRecord>;
  /** Fits a calibration and waits for it. It is stored whether it helps or not. LimitError: too many samples to wait for. */
  calibrate(caller: Caller, order: CalibrationOrder): Promise<CalibrationRecord>;
  setCalibrationArchived(caller: Caller, id: string, archived: boolean): Promise<CalibrationRecord>;
  /** `calibrationId` null: with the one that plans use now, if there is one. */
  predictedVsObserved(
    caller: Caller,
    of: { readonly telemetrySetId: string; readonly calibrationId: string | null },
  ): Promise<Observation>;

  updatePrices(caller: Caller, update: PriceUpdate): Promise<Stored<PriceBookRecord>>;

  /** Checks everything, then queues the plan and returns at once. ConflictError: the idempotency key has other content. */
  launchPlan(caller: Caller, launch: PlanLaunch): Promise<LaunchedPlan>;
  /** The same checks, storing nothing. */
  previewPlan(caller: Caller, launch: PlanLaunch): Promise<PlanPreview>;
  /** Stops the plan's unfinished run; a finished one stays as it is. Resolves with the newest run. */
  cancelPlan(caller: Caller, planId: string): Promise<RunRecord>;
  /** A new run with today's engine, prices and calibrations. ConflictError: a run of the plan is not finished. */
  rerunPlan(caller: Caller, planId: string): Promise<RunRecord>;
  setPlanArchived(caller: Caller, planId: string, archived: boolean): Promise<PlanRecord>;
  /** ConflictError: the plan is not archived, or a run of it is not finished. */
  deletePlan(caller: Caller, planId: string): Promise<void>;

  /** Simulates one deployment under one load and waits for it. */
  simulate(caller: Caller, order: SimulationOrder): Promise<SimulationOutcome>;

  /** The report of a run. */
  report(caller: Caller, runId: string, format: ReportFormat): Promise<string>;
  /** ConflictError: the run is not finished. Faults of the changes have the source `request`. */
  rerank(caller: Caller, question: RerankQuestion): Promise<RerankResult>;
  /** 2 to 4 runs side by side, against the first; by ids of runs, or of plans (their newest run with results). */
  comparePlans(
    caller: Caller,
    ids: readonly string[],
  ): Promise<{ readonly comparison: PlanComparison; readonly runs: readonly RunRecord[] }>;
  /** Finished runs of a model on a GPU, newest first, each against the one before that asked the same. */
  history(
    caller: Caller,
    of: { readonly modelId: string; readonly gpuId: string },
    page: PageRequest,
  ): Promise<Page<HistoryRow & { readonly point: HistoryPoint }>>;
  /** By plan request id, in the ids' order; null where the workspace has none. */
  resolvedRequests(caller: Caller, ids: readonly string[]): Promise<readonly (ResolvedRequest | null)[]>;

  createApiKey(
    caller: Caller,
    key: { readonly name: string; readonly role: Role; readonly expiresAt: Date | null },
  ): Promise<{ readonly key: ApiKeyRecord; readonly secret: string }>;
  revokeApiKey(caller: Caller, id: string): Promise<ApiKeyRecord>;
}
