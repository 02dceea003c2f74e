import type { CalibrationJson } from '../../core/calibration/calibration-json';
import type { Catalog } from '../../core/catalog/catalog';
import type { LintFinding } from '../../core/profile/lint-finding';
import type { Profile } from '../../core/profile/profile';
import type { Telemetry, TelemetryFinding } from '../../core/telemetry/telemetry';
import type { Trace } from '../../core/workload/workload';
import type {
  ApiKeyRecord,
  CalibrationRecord,
  PriceBookRecord,
  PriceQuoteRecord,
  ProfileRecord,
  Role,
  TelemetryKind,
  TelemetrySetRecord,
  TraceRecord,
  WorkloadRecord,
  WorkspaceRecord,
} from './records';

/** Whether a row was written, or the same content had been stored before and is returned. */
export interface Stored<T> {
  readonly record: T;
  readonly created: boolean;
}

/** Writing everything but plans and their runs. Content that is already there is not stored again. */
export interface WriteStore {
  /** Whether shipped data of this hash was stored before. */
  isSeeded(dataHash: string): Promise<boolean>;
  /** The shipped catalogue and library, when they are not there yet in this version. Safe to call from several servers at once. */
  seed(seed: {
    readonly dataHash: string;
    readonly catalog: Catalog;
    readonly profiles: readonly NewProfile[];
    readonly priceBookHash: string;
  }): Promise<void>;

  /** The workspace of this name, made when there is none. */
  ensureWorkspace(name: string): Promise<WorkspaceRecord>;
  createApiKey(key: {
    readonly workspaceId: string;
    readonly name: string;
    readonly prefix: string;
    readonly secretHash: Uint8Array;
    readonly role: Role;
    readonly expiresAt: Date | null;
  }): Promise<ApiKeyRecord>;
  /** Null when the workspace has no such key. Revoking again changes nothing. */
  revokeApiKey(workspaceId: string, id: string): Promise<ApiKeyRecord | null>;
  /** The key with this hash, and notes down (at most once a minute) that it was used. Rejects with a StoreUnavailableError when the database is away. */
  useApiKey(secretHash: Uint8Array): Promise<ApiKeyRecord | null>;
  countAdminKeys(): Promise<number>;

  /** As the newest version of its name, which it is then; `created` is false when that has this content already. */
  addProfile(workspaceId: string, profile: NewProfile): Promise<Stored<ProfileRecord>>;
  setProfileArchived(workspaceId: string, id: string, archived: boolean): Promise<ProfileRecord | null>;
  /** Rejects with an InputError when another trace of the workspace has the name. */
  addTrace(workspaceId: string, trace: Trace, contentHash: string): Promise<Stored<TraceRecord>>;
  addTelemetry(workspaceId: string, telemetry: NewTelemetry): Promise<Stored<TelemetrySetRecord>>;
  setTelemetryArchived(
    workspaceId: string,
    id: string,
    archived: boolean,
  ): Promise<TelemetrySetRecord | null>;
  /** As the next version for its model, GPU, degree and serving engine. */
  addCalibration(workspaceId: string, calibration: NewCalibration): Promise<CalibrationRecord>;
  setCalibrationArchived(
    workspaceId: string,
    id: string,
    archived: boolean,
  ): Promise<CalibrationRecord | null>;
  addWorkload(workspaceId: string, workload: NewWorkload): Promise<Stored<WorkloadRecord>>;
  setWorkloadArchived(workspaceId: string, id: string, archived: boolean): Promise<WorkloadRecord | null>;
  setPlanArchived(workspaceId: string, id: string, archived: boolean): Promise<boolean>;
  /** Deletes an archived plan whose runs are finished, with all it holds; `false` when there is no such plan. */
  deletePlan(workspaceId: string, id: string): Promise<boolean>;
  /** As the current book; `created` is false when that has this content already. */
  addPriceBook(
    workspaceId: string,
    book: {
      readonly version: string;
      readonly contentHash: string;
      readonly note: string | null;
      readonly quotes: readonly PriceQuoteRecord[];
    },
  ): Promise<Stored<PriceBookRecord>>;
}

export interface NewProfile {
  readonly name: string;
  readonly contentHash: string;
  readonly profile: Profile;
  readonly findings: readonly LintFinding[];
}

export interface NewWorkload {
  readonly name: string;
  readonly contentHash: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly traceId: string | null;
}

export interface NewTelemetry {
  readonly contentHash: string;
  readonly kind: TelemetryKind;
  readonly telemetry: Telemetry;
  readonly sampleCount: number;
  readonly findings: readonly TelemetryFinding[];
  readonly notes: readonly string[];
}

export interface NewCalibration {
  readonly result: CalibrationJson;
  /** Ids of the telemetry it was fitted on. */
  readonly telemetrySetIds: readonly string[];
}
