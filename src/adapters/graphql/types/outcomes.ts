import { Float, ID, Int } from 'type-graphql';
import { Calibration, TelemetryFinding, TelemetrySet } from './calibration';
import { CandidateConfig } from './candidate';
import { Model } from './catalog';
import { field, objectType } from './described';
import { CandidateStatus } from './enums';
import { MemoryPlan, Overhead, SimulationMetrics } from './measurements';
import { Plan, PlanRun } from './plan';
import { PriceBook } from './prices';
import { LintFinding, Profile } from './profiles';
import { ResolvedRequest } from './resolved-request';
import { Trace, Workload } from './traffic';

const CREATED = 'False when the same content had been stored before and is returned.';

const CURRENT = 'False when the newest one has this content already and is returned.';

@objectType('IngestedProfile', 'A stored profile.')
export class IngestedProfile {
  @field(() => Profile, 'The profile.')
  readonly profile!: Profile;
  @field(() => [LintFinding], 'Findings of the lint, worst first.')
  readonly findings!: readonly LintFinding[];
  @field(() => Boolean, CURRENT)
  readonly created!: boolean;
}

@objectType('RegisteredTrace', 'A stored trace.')
export class RegisteredTrace {
  @field(() => Trace, 'The trace.')
  readonly trace!: Trace;
  @field(() => Boolean, CREATED)
  readonly created!: boolean;
}

@objectType('RegisteredWorkload', 'A stored workload.')
export class RegisteredWorkload {
  @field(() => Workload, 'The workload.')
  readonly workload!: Workload;
  @field(() => Boolean, CREATED)
  readonly created!: boolean;
}

@objectType('RegisteredTelemetry', 'Stored telemetry.')
export class RegisteredTelemetry {
  @field(() => TelemetrySet, 'The telemetry set.')
  readonly telemetrySet!: TelemetrySet;
  @field(() => Boolean, CREATED)
  readonly created!: boolean;
}

@objectType('TelemetryCheck', 'What the lint says of telemetry.')
export class TelemetryCheck {
  @field(() => [TelemetryFinding], 'What was found; an error means that it would not be stored.')
  readonly findings!: readonly TelemetryFinding[];
  @field(() => [String], 'What was taken as given, one sentence each.')
  readonly notes!: readonly string[];
}

@objectType('UpdatedPrices', 'A stored price book, now the current one.')
export class UpdatedPrices {
  @field(() => PriceBook, 'The price book.')
  readonly priceBook!: PriceBook;
  @field(() => Boolean, CURRENT)
  readonly created!: boolean;
}

@objectType('StatusCount', 'How many candidates have a status.')
class StatusCount {
  @field(() => CandidateStatus, 'The status.')
  readonly status!: string;
  @field(() => Int, 'Candidates.')
  readonly count!: number;
}

@objectType('PlanPreview', 'What a launch would do.')
export class PlanPreview {
  @field(() => ResolvedRequest, 'The request with every default in place.')
  readonly request!: ResolvedRequest;
  @field(() => Int, 'Candidates; MIN_COST may add some on the way.')
  readonly candidateCount!: number;
  @field(() => [StatusCount], 'Candidates that need no simulation, by what they are.')
  readonly settled!: readonly StatusCount[];
  @field(() => [String], 'Every default used, one sentence each.')
  readonly assumptions!: readonly string[];
  @field(() => [String], 'Findings on the profiles, one sentence each.')
  readonly warnings!: readonly string[];
  @field(() => [String], 'Profiles the iteration times would come from, in words.')
  readonly profiles!: readonly string[];
  @field(() => [Calibration], 'Corrections of these times that would be used.')
  readonly calibrations!: readonly Calibration[];
}

@objectType('LaunchedPlan', 'A plan that is stored and queued.')
export class LaunchedPlan {
  @field(() => Plan, 'The plan.')
  readonly plan!: Plan;
  @field(() => PlanRun, 'Its newest run.')
  readonly run!: PlanRun;
  @field(() => Boolean, 'False when the idempotency key had launched it before.')
  readonly created!: boolean;
}

@objectType('SimulationResult', 'One deployment under one load.')
export class SimulationResult {
  @field(() => Model, 'The model served.')
  readonly model!: Model;
  @field(() => CandidateConfig, 'The deployment, every default in place.')
  readonly config!: CandidateConfig;
  @field(() => MemoryPlan, 'Where the memory goes.')
  readonly memory!: MemoryPlan;
  @field(() => Overhead, 'Time added that the profile does not contain.')
  readonly overhead!: Overhead;
  @field(() => SimulationMetrics, 'What was measured.')
  readonly metrics!: SimulationMetrics;
  @field(() => Float, 'CPU time it took, s.')
  readonly cpuS!: number;
  @field(() => String, 'Version of the simulation engine.')
  readonly engineVersion!: string;
  @field(() => [String], 'Defaults used and what a reader must know of the profile, one sentence each.')
  readonly notes!: readonly string[];
}

@objectType('Deleted', 'What is gone.')
export class Deleted {
  @field(() => ID, 'Its id.')
  readonly id!: string;
}
