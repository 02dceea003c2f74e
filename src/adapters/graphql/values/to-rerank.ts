import type {
  RerankedCandidate as CoreCandidate,
  RerankResult as CoreResult,
} from '../../../core/rerank/rerank';
import type { RerankedCandidate, RerankResult } from '../types/rerank';
import { candidateId } from './ids';
import { toConfig } from './to-candidate';
import { bindingOf, toTargetOutcome } from './to-metrics';
import { toPrices } from './to-request';

/** A run ranked anew, as the API shows it. */
export function toRerankResult(runId: string, result: CoreResult): RerankResult {
  const { choice, request } = result;
  const all = result.candidates.map((candidate) => toReranked(runId, candidate));
  const byId = new Map(all.map((candidate) => [candidate.configId, candidate]));
  const one = (configId: number | null) => (configId === null ? null : (byId.get(configId) ?? null));
  const many = (configIds: readonly number[]) => configIds.flatMap((configId) => one(configId) ?? []);
  return {
    constraints: request.constraints,
    objective: request.objective.kind,
    targetQps: request.objective.targetQps,
    prices: toPrices(request.prices),
    best: one(choice.best),
    bestBefore: one(result.bestBefore),
    bestChanged: choice.best !== result.bestBefore,
    budget: one(choice.budget),
    premium: one(choice.premium),
    tied: many(choice.tied),
    frontier: many(choice.frontier),
    certain: result.certain,
    couldWin: many(result.couldWin),
    toSimulate: result.toSimulate.flatMap(({ configId, fromQps, toQps }) => {
      const candidate = one(configId);
      return candidate === null ? [] : [{ candidate, fromQps, toQps }];
    }),
    sentences: result.sentences,
    all,
  };
}

function toReranked(runId: string, candidate: CoreCandidate): RerankedCandidate {
  const { configId, maxQpsInterval, bracketQps, stored } = candidate;
  return {
    id: candidateId({ runId, configId }),
    configId,
    config: toConfig(candidate.deployment),
    status: candidate.status,
    reason: candidate.reason,
    maxSustainableQps: candidate.maxQps,
    maxSustainableQpsInterval: maxQpsInterval && { lowQps: maxQpsInterval[0], highQps: maxQpsInterval[1] },
    bracket: bracketQps && { fromQps: bracketQps[0], toQps: bracketQps[1] },
    decided: candidate.decided,
    needsSimulation: candidate.needsSimulation,
    bindingTarget: candidate.binding === null ? null : bindingOf(candidate.binding),
    targets: candidate.targets.map(toTargetOutcome),
    meetsAllTargets: candidate.meetsAllTargets,
    cost: candidate.cost,
    stored: {
      status: stored.status,
      maxSustainableQps: stored.maxQps,
      costPerHourUsd: stored.cost?.costPerHourUsd ?? null,
      qpsPerDollar: stored.cost?.qpsPerDollar ?? null,
    },
    wasBest: candidate.wasBest,
  };
}
