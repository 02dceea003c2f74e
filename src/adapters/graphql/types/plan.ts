import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import type {
  PlanPriority as PlanPriorityValue,
  RunStatus as RunStatusValue,
  StopReason as StopReasonValue,
} from '../../../app/ports/records';
import { Candidate } from './candidate';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { AlternativeKind, PlanPriority, RunStatus, StopReason } from './enums';
import { Profile } from './profiles';
import { SafeInt } from './scalars';

@objectType('Plan', 'A capacity-planning question asked under a name. Its answers are its runs.')
export class Plan {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Its name.')
  readonly name!: string;
  @field(() => ID, 'Catalogue id of the model.')
  readonly modelId!: string;
  @field(() => PlanPriority, 'Which plans the workers take first.')
  readonly priority!: PlanPriorityValue;
  @optional(() => Float, 'Its runs stop this long after their launch, s; null: they do not.')
  readonly deadlineS!: number | null;
  @optional(() => Int, 'Its runs stop after this many simulations; null: they do not.')
  readonly simulationsMax!: number | null;
  @optional(() => String, 'Key that makes a repeated launch harmless; null: none was given.')
  readonly idempotencyKey!: string | null;
  @field(() => Boolean, 'Whether profiles in which the lint finds errors are used.')
  readonly acceptProfileErrors!: boolean;
  @field(() => GraphQLDateTime, 'When it was launched.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was archived; null: in use.')
  readonly archivedAt!: Date | null;
}

export const PlanConnection = connectionOf(Plan, 'Plan', 'plans', { counted: true });

@objectType('RunProgress', 'How far a run is.')
export class RunProgress {
  @field(() => RunStatus, 'Where it stands.')
  readonly status!: RunStatusValue;
  @field(
    () => Int,
    'Candidates known so far: 0 until the run is prepared, a moment after its launch; MIN_COST may add some on the way.',
  )
  readonly candidateCount!: number;
  @field(() => Int, 'Candidates with an answer.')
  readonly evaluatedCount!: number;
  @field(() => Float, 'evaluatedCount ÷ candidateCount, 0..1; 1 when the run is finished.')
  readonly fractionDone!: number;
  @field(() => Boolean, 'Whether the run will never change again.')
  readonly finished!: boolean;
}

@objectType(
  'PlanRun',
  'One evaluation of the candidates of a plan, with the versions of everything it used. Never changes once finished.',
)
export class PlanRun {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => Int, 'Number within the plan, from 1.')
  readonly number!: number;
  @field(() => RunStatus, 'Where it stands.')
  readonly status!: RunStatusValue;
  @optional(() => StopReason, 'Why it ended early; null: it did not.')
  readonly stopReason!: StopReasonValue | null;
  @optional(() => String, 'Why it failed; null: it did not.')
  readonly error!: string | null;
  @field(() => String, 'Version of the simulation engine.')
  readonly engineVersion!: string;
  @field(() => String, 'Version of the catalogue of GPUs and models.')
  readonly catalogVersion!: string;
  @field(
    () => Int,
    'Candidates known so far: 0 until the run is prepared, a moment after its launch; previewPlan tells it before.',
  )
  readonly candidateCount!: number;
  @field(() => Int, 'Candidates with an answer.')
  readonly evaluatedCount!: number;
  @field(() => Int, 'Candidates whose evaluation failed by a fault of the planner.')
  readonly failedCount!: number;
  @field(() => Int, 'Candidates that meet every target: FEASIBLE or CAPPED.')
  readonly feasibleCount!: number;
  @field(() => SafeInt, 'Simulations run.')
  readonly simulations!: number;
  @field(() => Float, 'Time threads spent simulating, s.')
  readonly simulationS!: number;
  @field(() => GraphQLDateTime, 'When it was queued.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When its first candidate was taken up; null: not yet.')
  readonly startedAt!: Date | null;
  @optional(() => GraphQLDateTime, 'When it ended; null: not yet.')
  readonly finishedAt!: Date | null;
  @optional(() => GraphQLDateTime, 'When it will be stopped; null: it has no deadline.')
  readonly deadlineAt!: Date | null;
}

@objectType(
  'PlanAlternative',
  'A candidate offered beside the best one; a budget or premium option may be the best one itself.',
)
export class PlanAlternative {
  @field(() => AlternativeKind, 'Why it is offered.')
  readonly kind!: string;
  @field(() => Candidate, 'The candidate.', { complexity: ({ childComplexity }) => childComplexity })
  readonly candidate!: Candidate;
}

@objectType('RunProfile', 'A profile that a run took iteration times from.')
export class RunProfile {
  @field(() => ID, 'Catalogue id of the GPU it served for.')
  readonly gpuId!: string;
  @field(() => Int, 'Tensor-parallel degree it served for.')
  readonly tensorParallel!: number;
  @field(() => Boolean, 'Whether its times were scaled, because it is of another GPU or degree.')
  readonly scaled!: boolean;
  @optional(() => Profile, 'The profile; null where it is not of this workspace any more.')
  readonly profile!: Profile | null;
}

@objectType('PlanRequestDocument', 'What a plan was asked, as given and as understood.')
export class PlanRequestDocument {
  @field(() => GraphQLJSONObject, 'As given, with the keys of the request files.')
  readonly document!: Readonly<Record<string, unknown>>;
  @field(() => [String], 'Every default used, one sentence each.')
  readonly assumptions!: readonly string[];
  readonly planRequestId!: string;
}
