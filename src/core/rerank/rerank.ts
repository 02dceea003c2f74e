import { type Choice, choose } from '../search/choose';
import type { PlanRequest, Target } from '../search/request';
import type { CandidateCost, CandidateResult, CandidateStatus, TargetOutcome } from '../search/result';
import { couldWin, surelyEligible } from './certainty';
import { changedRequest, type RerankChanges } from './changes';
import { createReranker, type Reranked } from './rerank-candidate';
import { sentencesOf } from './sentences';

export interface RerankInput {
  /** The request of the stored plan and what was found. */
  readonly request: PlanRequest;
  readonly candidates: readonly CandidateResult[];
  readonly changes: RerankChanges;
}

export interface RerankedCandidate {
  readonly configId: number;
  readonly deployment: CandidateResult['deployment'];
  readonly status: CandidateStatus;
  /** Why, for every status but FEASIBLE. */
  readonly reason: string | null;
  /** Where `decided` is false, the best guess inside the bracket. */
  readonly maxQps: number | null;
  /** 90% interval of the sampling noise, as wide relative to the load as the plan found it. */
  readonly maxQpsInterval: readonly [number, number] | null;
  /**
   * A new search would find its maximum from the first to below the second; 0: perhaps at no rate; null as the second: the
   * curve has no rate that surely fails. Null where no load is known.
   */
  readonly bracketQps: readonly [number, number | null] | null;
  /** False where only a simulation can tell the status or the load. */
  readonly decided: boolean;
  /** Never simulated as far as this question goes: nothing is guessed of its load. */
  readonly needsSimulation: boolean;
  readonly binding: Target | 'queue' | null;
  /** At `maxQps`, interpolated between two probes where it is none; of an INFEASIBLE one at the lowest rate. */
  readonly targets: readonly TargetOutcome[];
  readonly meetsAllTargets: boolean;
  readonly cost: CandidateCost | null;
  /** What the plan says of it. */
  readonly stored: Pick<CandidateResult, 'status' | 'maxQps' | 'cost'>;
  /** The plan recommends it. */
  readonly wasBest: boolean;
}

export interface RerankResult {
  /** The request with the changes. */
  readonly request: PlanRequest;
  /** Every candidate, in the order given. */
  readonly candidates: readonly RerankedCandidate[];
  readonly choice: Choice;
  /** The recommendation of the plan as it is stored. */
  readonly bestBefore: number | null;
  /** No simulation could change the recommendation. */
  readonly certain: boolean;
  /** configIds that a simulation could make the recommendation instead. */
  readonly couldWin: readonly number[];
  /** What to simulate to be certain: the rates between which the maximum lies; null: up to the end of the range. */
  readonly toSimulate: readonly {
    readonly configId: number;
    readonly fromQps: number;
    readonly toQps: number | null;
  }[];
  /** For a person: what changed, whether the recommendation did and why, what is left open. */
  readonly sentences: readonly string[];
}

/**
 * A stored plan under other targets, prices, limits or another objective, from its load curves, without simulating. With
 * no change it says what the plan says. Where the curves cannot decide it says so and what could follow.
 * Throws an InputError for a provider that the price book does not have.
 */
export function rerank({ request, candidates, changes }: RerankInput): RerankResult {
  const wanted = changedRequest(request, changes);
  const all = candidates.map(createReranker(request, changes));
  const choice = choose(
    all.map(({ candidate }) => candidate),
    wanted.objective,
  );
  const before = choose(candidates, request.objective);
  const rivals = couldWin(all, choice.best, wanted);
  const winner = all.find(({ candidate }) => candidate.configId === choice.best) ?? null;
  const certain = rivals.length === 0 && (winner === null || surelyEligible(winner, wanted));
  const open = new Set(certain ? [] : choice.best === null ? rivals : [choice.best, ...rivals]);
  const toSimulate = all
    .filter((reranked) => open.has(reranked.candidate.configId) && !reranked.decided)
    .map(({ candidate: { configId }, bracketQps }) => ({
      configId,
      fromQps: Math.max(bracketQps?.[0] ?? 0, request.rateRangeQps[0]),
      toQps: bracketQps?.[1] ?? null,
    }));
  return {
    request: wanted,
    candidates: all.map((reranked, i) => toResult(reranked, candidates[i]!, before.best)),
    choice,
    bestBefore: before.best,
    certain,
    couldWin: rivals,
    toSimulate,
    sentences: sentencesOf({
      request,
      wanted,
      changes,
      candidates,
      all,
      choice,
      before,
      couldWin: rivals,
      certain,
    }),
  };
}

function toResult(
  { candidate, bracketQps, decided, needsSimulation }: Reranked,
  stored: CandidateResult,
  bestBefore: number | null,
): RerankedCandidate {
  return {
    configId: candidate.configId,
    deployment: candidate.deployment,
    status: candidate.status,
    reason: candidate.reason,
    maxQps: candidate.maxQps,
    maxQpsInterval: candidate.maxQpsInterval,
    bracketQps,
    decided,
    needsSimulation,
    binding: candidate.binding,
    targets: candidate.targets,
    meetsAllTargets: candidate.meetsAllTargets,
    cost: candidate.cost,
    stored: { status: stored.status, maxQps: stored.maxQps, cost: stored.cost },
    wasBest: stored.configId === bestBefore,
  };
}
