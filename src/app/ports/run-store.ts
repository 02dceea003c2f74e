import type { ActiveCalibration } from '../../core/calibration/active-calibration';
import type { PriceBook } from '../../core/cost/price-book';
import type { Deployment } from '../../core/engine/deployment';
import type { Profile } from '../../core/profile/profile';
import type { Choice } from '../../core/search/choose';
import type { PlanRequest } from '../../core/search/request';
import type { CandidateResult } from '../../core/search/result';
import type { UsedProfile } from '../prepare-candidates';
import type { PlanPriority, PlanRecord, RunRecord, StopReason } from './records';

// Launching plans and doing their tasks. A run is a list of tasks, each done by one worker in one go and saved in one
// transaction together with what it finds: `prepare` (list the candidates, settle those that need no simulation),
// `evaluate` (one family), `conclude` (choose, or list a further round). A task is done once, however often it is tried.

export interface NewPlan {
  readonly workspaceId: string;
  readonly name: string;
  readonly idempotencyKey: string | null;
  readonly launchHash: string;
  readonly requestHash: string;
  readonly modelId: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** Encoded, traces by id. */
  readonly request: unknown;
  readonly traceIds: readonly string[];
  readonly assumptions: readonly string[];
  readonly profileIds: readonly string[];
  readonly priority: PlanPriority;
  readonly deadlineS: number | null;
  readonly simulationsMax: number | null;
  readonly useCalibrations: boolean;
  readonly acceptProfileErrors: boolean;
  readonly createdById: string | null;
}

/** What a run is made with. */
export interface RunVersions {
  readonly engineVersion: string;
  readonly catalogVersion: string;
  readonly priceBookId: string;
  /** Those its candidates may use. */
  readonly calibrationIds: readonly string[];
}

export type TaskKind = 'prepare' | 'evaluate' | 'conclude';

export interface TaskMember {
  readonly configId: number;
  readonly deployment: Deployment;
}

export interface ClaimedTask {
  readonly runId: string;
  readonly position: number;
  readonly jobId: string;
  readonly kind: TaskKind;
  /** Of `evaluate`; as stored. */
  readonly members: unknown;
  /** This one counted. */
  readonly attempt: number;
  /** What went wrong in the attempt before. */
  readonly lastError: string | null;
}

/** All that is needed to work on a run. */
export interface RunWork {
  readonly run: RunRecord;
  readonly request: PlanRequest;
  readonly userProfiles: readonly Profile[];
  readonly calibrations: readonly ActiveCalibration[];
  readonly prices: PriceBook;
  readonly assumptions: readonly string[];
  readonly acceptProfileErrors: boolean;
  readonly simulationsMax: number | null;
  readonly priority: PlanPriority;
}

/** Candidates of one round: those settled, and the tasks that will evaluate the others. */
export interface Round {
  readonly settled: readonly CandidateResult[];
  readonly families: readonly (readonly TaskMember[])[];
}

export interface EvaluatedTask {
  readonly candidates: readonly CandidateResult[];
  readonly simulations: number;
  /** Time a thread was busy with it, s. */
  readonly simulationS: number;
}

/** The database cannot be reached, or ended the connection; the same call may work in a moment. */
export class StoreUnavailableError extends Error {
  constructor(cause: unknown) {
    super(`the database cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'StoreUnavailableError';
  }
}

/** Calls reject with a StoreUnavailableError when the database is away. */
export interface RunStore {
  /** Writes the plan and its first run, and queues it. The plan that was launched with this idempotency key before, if there is one: `created` is then false. */
  launch(
    plan: NewPlan,
    versions: RunVersions,
  ): Promise<{
    readonly plan: PlanRecord;
    readonly run: RunRecord;
    readonly created: boolean;
    readonly sameLaunch: boolean;
  }>;
  /** A further run of a plan, with today's versions. Null when the workspace has no such plan; nothing is done while a run of it is unfinished. */
  rerun(
    workspaceId: string,
    planId: string,
    versions: RunVersions,
  ): Promise<RunRecord | { readonly unfinished: number } | null>;
  /** Tells an unfinished run to stop. False when it is finished or already told. */
  stop(runId: string, reason: StopReason): Promise<boolean>;

  /** Takes up to `count` tasks from the queue for a worker. */
  claim(workerId: string, count: number): Promise<readonly ClaimedTask[]>;
  /** Null when there is no such run. */
  open(runId: string): Promise<RunWork | null>;
  savePrepared(
    task: ClaimedTask,
    prepared: {
      readonly round: Round;
      /** Ids as in `RunWork`, or library ids. */
      readonly profiles: readonly UsedProfile[];
      /** Ids of those that its candidates use: the others are not the run's any more. */
      readonly calibrationIds: readonly string[];
      readonly notes: readonly string[];
      readonly warnings: readonly string[];
    },
  ): Promise<void>;
  /** False when the run no longer takes results: nothing is stored then. */
  saveEvaluated(task: ClaimedTask, evaluated: EvaluatedTask): Promise<boolean>;
  /** Candidates stored so far, without metrics, details and load curves; and the members of tasks not done. */
  candidatesSoFar(
    runId: string,
    request: PlanRequest,
  ): Promise<{
    readonly candidates: readonly CandidateResult[];
    readonly undone: readonly TaskMember[];
    readonly stopping: boolean;
  }>;
  /** Everything a run found, by config id. */
  candidateResults(runId: string, request: PlanRequest): Promise<readonly CandidateResult[]>;
  /** Encoded requests by plan request id, in the ids' order; null where the workspace has none. */
  encodedRequests(workspaceId: string, ids: readonly string[]): Promise<readonly unknown[]>;
  addRound(task: ClaimedTask, round: Round): Promise<void>;
  /** Ends a run. `left` are candidates that will not be evaluated. Does nothing to a finished run. */
  finish(
    runId: string,
    end: { readonly choice: Choice; readonly left: readonly CandidateResult[] },
  ): Promise<void>;
  /** Ends a run that cannot go on. */
  fail(runId: string, error: string): Promise<void>;
  /** Gives a task back to the queue. `error` null: it was not its fault, and the attempt does not count. */
  release(task: ClaimedTask, error: string | null): Promise<void>;
  /**
   * Gives back what a worker has claimed and does not know of: the answer to its claim was lost with the connection, or
   * its release never arrived. `held`: the tasks it has. Attempts do not count. How many.
   */
  releaseUnknown(workerId: string, held: readonly ClaimedTask[]): Promise<number>;

  /** Notes down that a worker lives. `host`: see `hostIdentity`. */
  heartbeat(worker: {
    readonly id: string;
    readonly host: string;
    readonly pid: number;
    readonly threads: number;
    readonly engineVersion: string;
  }): Promise<void>;
  forgetWorker(id: string): Promise<void>;
  /** Gives tasks of workers that have not been seen for `deadAfterS` back to the queue; how many. */
  takeOver(deadAfterS: number): Promise<number>;
  /** The same, at once, for workers of `host` whose process `isGone`. */
  takeOverGone(host: string, isGone: (pid: number) => boolean): Promise<number>;
  /** Stops runs whose deadline has passed; their ids. */
  stopOverdue(): Promise<readonly string[]>;
  /** Ids of runs told to stop and not finished for a while: whoever was to conclude them is gone. */
  unfinishedStops(): Promise<readonly string[]>;
  /** For metrics. */
  queueDepth(): Promise<{ readonly waiting: number; readonly active: number; readonly workers: number }>;
}
