import type { CandidateResult } from '../search/result';
import { type CandidateChange, candidateChange } from './candidate-change';
import { explainWinner, type PairContext, type WinnerChange } from './explain-winner';
import { type FrontierChange, frontierChanges } from './frontier-changes';
import { type InputDifference, inputDifferences } from './input-differences';
import { matchCandidates } from './match-candidates';
import { type CandidateFigures, figuresOf, type PlanSnapshot } from './snapshot';

/** A candidate that only one of two plans has. */
export interface Unmatched {
  readonly candidate: CandidateFigures;
  /** Why the other plan does not have it. */
  readonly reason: string;
}

/** The first plan against another one. */
export interface PairComparison {
  readonly from: string;
  readonly to: string;
  readonly winner: WinnerChange;
  /** Candidates of both plans, in the order of the first. */
  readonly candidates: readonly CandidateChange[];
  readonly onlyInFrom: readonly Unmatched[];
  readonly onlyInTo: readonly Unmatched[];
  readonly frontier: readonly FrontierChange[];
}

export interface PlanComparison {
  readonly labels: readonly string[];
  /** What the plans were computed from, where it is not the same in all of them. */
  readonly inputs: readonly InputDifference[];
  /** One a plan; null where nothing can be recommended. */
  readonly winners: readonly (CandidateFigures | null)[];
  readonly winnerChanged: boolean;
  /** The first plan against each of the others, in their order. */
  readonly pairs: readonly PairComparison[];
}

/** Most plans of one comparison. */
export const COMPARED_PLANS_MAX = 4;

/** 2 to 4 plans: what differs in their inputs, and what became of winner, frontier and candidates against the first. */
export function comparePlans(snapshots: readonly PlanSnapshot[]): PlanComparison {
  const [first, ...others] = snapshots;
  if (first === undefined || others.length === 0 || snapshots.length > COMPARED_PLANS_MAX)
    throw new RangeError(`2 to ${COMPARED_PLANS_MAX} plans can be compared, not ${snapshots.length}`);
  const pairs = others.map((other) => comparePair(first, other));
  const winnerOf = ({ result: { candidates, best } }: PlanSnapshot) =>
    candidates.find((c) => c.configId === best) ?? null;
  return {
    labels: snapshots.map(({ label }) => label),
    inputs: inputDifferences(snapshots),
    winners: snapshots.map(winnerOf).map((c) => c && figuresOf(c)),
    winnerChanged: pairs.some(({ winner }) => winner.changed),
    pairs,
  };
}

function comparePair(from: PlanSnapshot, to: PlanSnapshot): PairComparison {
  const differences = inputDifferences([from, to]);
  const matching = matchCandidates(from.result.candidates, to.result.candidates);
  const changes = matching.matches.map((match) => candidateChange(match, differences));
  const pair: PairContext = { from, to, matching, changes, differences };
  const unmatched = (candidates: readonly CandidateResult[], other: PlanSnapshot): Unmatched[] =>
    candidates.map((c) => ({ candidate: figuresOf(c), reason: whyNotIn(c, other, differences) }));
  return {
    from: from.label,
    to: to.label,
    winner: explainWinner(pair),
    candidates: changes,
    onlyInFrom: unmatched(matching.onlyFrom, to),
    onlyInTo: unmatched(matching.onlyTo, from),
    frontier: frontierChanges(pair),
  };
}

/** Names the dimension of the space that leaves it out; else what else the settings follow from. */
function whyNotIn(
  { deployment: d }: CandidateResult,
  { label, request: { space, objective } }: PlanSnapshot,
  differences: readonly InputDifference[],
): string {
  const dimensions: readonly (readonly [string, boolean, string | number])[] = [
    ['gpu_types', space.gpuIds.includes(d.gpuId), d.gpuId],
    ['tensor_parallel', space.tensorParallel.includes(d.tensorParallel), d.tensorParallel],
    ['pipeline_parallel', space.pipelineParallel.includes(d.pipelineParallel), d.pipelineParallel],
    [
      'num_gpus',
      space.numGpus?.includes(d.tensorParallel * d.pipelineParallel) ?? true,
      d.tensorParallel * d.pipelineParallel,
    ],
    ['num_replicas', space.numReplicas.includes(d.numReplicas), d.numReplicas],
    ['schedulers', space.schedulers.includes(d.scheduler), d.scheduler],
    ['max_batch_sizes', space.maxBatchSizes.includes(d.maxBatchSize), d.maxBatchSize],
  ];
  const missing = dimensions.find(([, listed]) => !listed);
  if (missing?.[0] === 'num_replicas' && objective.kind === 'min_cost')
    return `${label} serves its load with another number of replicas`;
  if (missing !== undefined) return `${missing[0]} of ${label} does not list ${missing[2]}`;
  const settings = differences.filter((diff) => ['space', 'workload', 'model'].includes(diff.aspect));
  if (settings.length === 0) return `${label} was stopped before it came to it`;
  return `${label} has it with other engine settings (${settings.map((diff) => diff.path).join(', ')})`;
}
