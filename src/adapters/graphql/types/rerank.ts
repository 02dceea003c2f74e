import { Float, ID, Int } from 'type-graphql';
import { CandidateConfig, CandidateCost, QpsInterval } from './candidate';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { CandidateStatus, Objective } from './enums';
import { TargetOutcome } from './measurements';
import { ResolvedConstraints, ResolvedPrices } from './resolved-request';
import { BindingTarget } from './traffic-enums';

@objectType('QpsBracket', 'Rates between which a new search would find a maximum.')
export class QpsBracket {
  @field(() => Float, 'It is at least this, requests/s; 0: perhaps no rate holds.')
  readonly fromQps!: number;
  @optional(() => Float, 'It is below this, requests/s; null: no stored rate surely fails.')
  readonly toQps!: number | null;
}

@objectType('StoredCandidate', 'What the plan itself says of a candidate.')
export class StoredCandidate {
  @field(() => CandidateStatus, 'What became of it.')
  readonly status!: string;
  @optional(() => Float, 'Its maximum sustainable load, requests/s; null where there is none.')
  readonly maxSustainableQps!: number | null;
  @optional(() => Float, 'US dollars per hour; null where no price is known.')
  readonly costPerHourUsd!: number | null;
  @optional(() => Float, 'Sustainable requests/s for each US dollar per hour; null where there is none.')
  readonly qpsPerDollar!: number | null;
}

@objectType(
  'RerankedCandidate',
  'A stored candidate under other targets, prices, limits or another objective.',
)
export class RerankedCandidate {
  @field(() => ID, 'Id of the candidate: <id of the run>:<configId>.')
  readonly id!: string;
  @field(() => Int, 'Position in the enumeration, from 1.')
  readonly configId!: number;
  @field(() => CandidateConfig, 'The deployment.', { complexity: 0 })
  readonly config!: CandidateConfig;
  @field(() => CandidateStatus, 'What becomes of it now.')
  readonly status!: string;
  @optional(() => String, 'Why, with the numbers; null for FEASIBLE.')
  readonly reason!: string | null;
  @optional(
    () => Float,
    'Its maximum sustainable load, requests/s; where it is not decided the best guess inside the bracket.',
  )
  readonly maxSustainableQps!: number | null;
  @optional(() => QpsInterval, '90% interval of the sampling noise of maxSustainableQps.', { complexity: 0 })
  readonly maxSustainableQpsInterval!: QpsInterval | null;
  @optional(
    () => QpsBracket,
    'Rates between which a new search would find the maximum; null where no load is known.',
    { complexity: 0 },
  )
  readonly bracket!: QpsBracket | null;
  @field(() => Boolean, 'False where only a simulation can tell the status or the load.')
  readonly decided!: boolean;
  @field(() => Boolean, 'Never simulated as far as this question goes: nothing is guessed of its load.')
  readonly needsSimulation!: boolean;
  @optional(() => BindingTarget, 'What limits it.')
  readonly bindingTarget!: string | null;
  @field(
    () => [TargetOutcome],
    'Outcome of each target at maxSustainableQps, interpolated where that rate was not simulated.',
    { complexity: 1 },
  )
  readonly targets!: readonly TargetOutcome[];
  @field(() => Boolean, 'Whether every target holds at maxSustainableQps.')
  readonly meetsAllTargets!: boolean;
  @optional(() => CandidateCost, 'What it costs; null where no price is known.', { complexity: 0 })
  readonly cost!: CandidateCost | null;
  @field(() => StoredCandidate, 'What the plan itself says of it.', { complexity: 0 })
  readonly stored!: StoredCandidate;
  @field(() => Boolean, 'Whether the plan recommends it.')
  readonly wasBest!: boolean;
}

export const RerankedCandidateConnection = connectionOf(
  RerankedCandidate,
  'RerankedCandidate',
  'reranked candidates',
  {
    counted: true,
  },
);

@objectType('SimulationNeed', 'What to simulate to be certain of the recommendation.')
export class SimulationNeed {
  @field(() => RerankedCandidate, 'The candidate.', { complexity: ({ childComplexity }) => childComplexity })
  readonly candidate!: RerankedCandidate;
  @field(() => Float, 'From this rate, requests/s.')
  readonly fromQps!: number;
  @optional(() => Float, 'To this rate, requests/s; null: to the end of the range.')
  readonly toQps!: number | null;
}

@objectType('RerankResult', 'A stored plan ranked anew from its load curves, without simulating.')
export class RerankResult {
  @field(() => ResolvedConstraints, 'What a candidate has to meet now.', { complexity: 1 })
  readonly constraints!: ResolvedConstraints;
  @field(() => Objective, 'What the best candidate is best at now.')
  readonly objective!: string;
  @optional(() => Float, 'Load to serve, requests/s; null: none was given.')
  readonly targetQps!: number | null;
  @field(() => ResolvedPrices, 'Which prices are used now.', { complexity: 1 })
  readonly prices!: ResolvedPrices;
  @optional(() => RerankedCandidate, 'The recommendation now; null: no candidate is feasible.')
  readonly best!: RerankedCandidate | null;
  @optional(
    () => RerankedCandidate,
    'The recommendation of the plan as it is stored, with what becomes of it now; null: it had none.',
  )
  readonly bestBefore!: RerankedCandidate | null;
  @field(() => Boolean, 'Whether the recommendation changes.')
  readonly bestChanged!: boolean;
  @optional(() => RerankedCandidate, 'The cheapest feasible candidate per hour.')
  readonly budget!: RerankedCandidate | null;
  @optional(() => RerankedCandidate, 'The feasible candidate with the highest sustainable QPS.')
  readonly premium!: RerankedCandidate | null;
  @field(() => [RerankedCandidate], "Candidates within the best one's 90% interval, cheapest first.")
  readonly tied!: readonly RerankedCandidate[];
  @field(
    () => [RerankedCandidate],
    'Feasible candidates of which none costs no more and sustains more, by cost.',
  )
  readonly frontier!: readonly RerankedCandidate[];
  @field(() => Boolean, 'Whether no simulation could change the recommendation.')
  readonly certain!: boolean;
  @field(() => [RerankedCandidate], 'Candidates that a simulation could make the recommendation instead.')
  readonly couldWin!: readonly RerankedCandidate[];
  @field(() => [SimulationNeed], 'What to simulate to be certain; empty when it is.')
  readonly toSimulate!: readonly SimulationNeed[];
  @field(
    () => [String],
    'For people: what changed, whether the recommendation did and why, what is left open.',
  )
  readonly sentences!: readonly string[];
  readonly all!: readonly RerankedCandidate[];
}
