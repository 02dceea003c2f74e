import { Field, Float, ID, Int } from 'type-graphql';
import { CandidateConfig, QpsInterval } from './candidate';
import { FrontierChangeKind, InputAspect, MatchKind, WinnerReasonCode, WinnerSide } from './compare-enums';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { CandidateStatus } from './enums';
import { PlanRun } from './plan';
import { BindingTarget, LatencyMetric } from './traffic-enums';

const PART_OF = { complexity: ({ childComplexity }: { childComplexity: number }) => childComplexity };
const RATIO = 'second ÷ first; null where one of them is not there';

@objectType('InputDifference', 'One input that is not the same in all plans.')
export class InputDifference {
  @field(() => InputAspect, 'What it is about.')
  readonly aspect!: string;
  @field(
    () => String,
    'Key of a request file, e.g. constraints.max_ttft_p95_ms, or what else it is, e.g. price_book.',
  )
  readonly path!: string;
  @field(() => [String], 'One text a plan, in their order; "none" where a plan does not have it.')
  readonly values!: readonly string[];
  @optional(() => ID, 'Where it concerns candidates on one GPU only: its catalogue id.')
  readonly gpuId!: string | null;
  @optional(() => Int, 'Where it concerns candidates of one tensor-parallel degree only: that degree.')
  readonly tensorParallel!: number | null;
}

@objectType('CandidateFigures', 'A candidate of one run, in short.')
export class CandidateFigures {
  @field(() => ID, 'Id of the candidate: <id of the run>:<configId>.')
  readonly id!: string;
  @field(() => Int, 'Position in the enumeration of its plan, from 1.')
  readonly configId!: number;
  @field(() => CandidateConfig, 'The deployment.', { complexity: 0 })
  readonly config!: CandidateConfig;
  @field(() => CandidateStatus, 'What became of it.')
  readonly status!: string;
  @optional(() => String, 'Why, with the numbers; null for FEASIBLE.')
  readonly reason!: string | null;
  @optional(() => Float, 'Maximum sustainable load, requests/s; null where there is none.')
  readonly maxSustainableQps!: number | null;
  @optional(() => QpsInterval, '90% interval of maxSustainableQps.', { complexity: 0 })
  readonly maxSustainableQpsInterval!: QpsInterval | null;
  @optional(() => BindingTarget, 'What limits it.')
  readonly bindingTarget!: string | null;
  @optional(() => Float, 'US dollars per hour; null where no price is known.')
  readonly costPerHourUsd!: number | null;
  @optional(() => Float, 'Sustainable requests/s for each US dollar per hour; null where there is none.')
  readonly qpsPerDollar!: number | null;
}

@objectType('TargetChange', 'The quantile that a target speaks of, at the maximum of each plan.')
export class TargetChange {
  @field(() => LatencyMetric, 'The latency.')
  readonly metric!: string;
  @field(() => Float, 'The quantile, 0..1: 0.95 is p95.')
  readonly quantile!: number;
  @optional(
    () => Float,
    'In the first plan, ms; null where requests never got there or nothing was simulated.',
  )
  readonly fromMs!: number | null;
  @optional(
    () => Float,
    'In the second plan, ms; null where requests never got there or nothing was simulated.',
  )
  readonly toMs!: number | null;
  @optional(() => Float, `The change: ${RATIO}.`)
  readonly ratio!: number | null;
}

@objectType('CandidateChange', 'A candidate of both plans, and what became of it.')
export class CandidateChange {
  @field(() => MatchKind, 'Why the two are compared.')
  readonly matchedBy!: string;
  @field(() => CandidateFigures, 'In the first plan.', PART_OF)
  readonly from!: CandidateFigures;
  @field(() => CandidateFigures, 'In the second plan.', PART_OF)
  readonly to!: CandidateFigures;
  @optional(() => Float, `Maximum sustainable load: ${RATIO}.`)
  readonly maxQpsRatio!: number | null;
  @field(() => Boolean, 'Whether the 90% intervals of its maximum have no load in common.')
  readonly qpsBeyondIntervals!: boolean;
  @optional(() => Float, `Cost per hour: ${RATIO}.`)
  readonly costRatio!: number | null;
  @optional(() => Float, `Load for each dollar: ${RATIO}.`)
  readonly qpsPerDollarRatio!: number | null;
  @field(() => Boolean, 'Whether its status is another.')
  readonly statusChanged!: boolean;
  @field(() => Boolean, 'Whether another target limits it.')
  readonly bindingChanged!: boolean;
  @field(() => [TargetChange], 'The quantiles of the targets that either plan has.', { complexity: 1 })
  readonly targets!: readonly TargetChange[];
  @field(() => [String], 'Paths of the input differences that can have changed its load.')
  readonly qpsCauses!: readonly string[];
  @field(() => [String], 'Paths of the input differences that can have changed its cost.')
  readonly costCauses!: readonly string[];
  @field(() => String, 'What changed and through what, for a person.')
  readonly sentence!: string;
}

export const CandidateChangeConnection = connectionOf(
  CandidateChange,
  'CandidateChange',
  'changes of candidates',
  {
    counted: true,
  },
);

@objectType('UnmatchedCandidate', 'A candidate that only one of two plans has.')
export class UnmatchedCandidate {
  @field(() => CandidateFigures, 'The candidate.', PART_OF)
  readonly candidate!: CandidateFigures;
  @field(() => String, 'Why the other plan does not have it.')
  readonly reason!: string;
}

export const UnmatchedCandidateConnection = connectionOf(
  UnmatchedCandidate,
  'UnmatchedCandidate',
  'candidates that only one plan has',
  { counted: true },
);

@objectType('WinnerReason', 'Why another candidate is recommended.')
export class WinnerReason {
  @field(() => WinnerReasonCode, 'What it is.')
  readonly code!: string;
  @optional(() => WinnerSide, 'Which winner it speaks of; null: neither.')
  readonly of!: string | null;
  @field(() => String, 'For a person, with the numbers.')
  readonly sentence!: string;
  @field(() => [String], 'Paths of the input differences that can have caused it.')
  readonly causes!: readonly string[];
}

@objectType('WinnerChange', 'What became of the recommendation.')
export class WinnerChange {
  @optional(() => CandidateFigures, 'Of the first plan; null: it has none.')
  readonly from!: CandidateFigures | null;
  @optional(() => CandidateFigures, 'Of the second plan; null: it has none.')
  readonly to!: CandidateFigures | null;
  @field(() => Boolean, 'Whether another deployment wins.')
  readonly changed!: boolean;
  @optional(
    () => CandidateFigures,
    'The old winner in the second plan; null: it is not among its candidates.',
  )
  readonly oldIn!: CandidateFigures | null;
  @optional(() => CandidateFigures, 'The new winner in the first plan; null: it is not among its candidates.')
  readonly newIn!: CandidateFigures | null;
  @field(() => [WinnerReason], 'Why, strongest first; empty where the winner is the same.')
  readonly reasons!: readonly WinnerReason[];
  @field(() => String, 'For a person.')
  readonly sentence!: string;
}

@objectType('FrontierChange', 'A candidate that is on one frontier only, or elsewhere on it.')
export class FrontierChange {
  @field(() => FrontierChangeKind, 'What happened.')
  readonly kind!: string;
  @optional(() => CandidateFigures, 'In the first plan; null: it is not among its candidates.')
  readonly from!: CandidateFigures | null;
  @optional(() => CandidateFigures, 'In the second plan; null: it is not among its candidates.')
  readonly to!: CandidateFigures | null;
}

@objectType('PairComparison', 'The first plan against another one.')
export class PairComparison {
  @field(() => PlanRun, 'The run of the first plan.')
  readonly fromRun!: object;
  @field(() => PlanRun, 'The run of the second plan.')
  readonly toRun!: object;
  @field(() => WinnerChange, 'What became of the recommendation, and why.')
  readonly winner!: WinnerChange;
  @field(() => [FrontierChange], 'What became of the frontier: first those that left it, by cost.')
  readonly frontier!: readonly FrontierChange[];
  readonly changes!: readonly CandidateChange[];
  readonly onlyFrom!: readonly UnmatchedCandidate[];
  readonly onlyTo!: readonly UnmatchedCandidate[];
}

@objectType(
  'PlanComparison',
  'What changed between plans: in their inputs, their recommendation, their frontier, candidate by candidate.',
)
export class PlanComparison {
  @field(() => [PlanRun], 'The runs that are compared, in the order asked for.')
  readonly runs!: readonly object[];
  @field(() => [InputDifference], 'What they were computed from, where it is not the same in all of them.')
  readonly inputs!: readonly InputDifference[];
  @Field(() => [CandidateFigures], {
    nullable: 'items',
    description: 'The recommendation of each, in their order; null where nothing can be recommended.',
  })
  readonly winners!: readonly (CandidateFigures | null)[];
  @field(() => Boolean, 'Whether any recommends another deployment than the first one.')
  readonly winnerChanged!: boolean;
  @field(() => [PairComparison], 'The first one against each of the others, in their order.')
  readonly pairs!: readonly PairComparison[];
}
