import type { Evaluation, Family } from '../../src/core/search/family';
import type { CandidateResult } from '../../src/core/search/result';
import { cost } from '../support/plan-fixture';

/** What a plan keeps of an evaluation. */
export function candidateOf(evaluation: Evaluation, family: Family): CandidateResult {
  const { simulations: _, ...found } = evaluation;
  const { deployment, memory } = family.members.find((m) => m.configId === evaluation.configId)!;
  return {
    ...found,
    maxQpsInterval: found.samplingInterval,
    timeError: null,
    calibrationId: null,
    deployment,
    memory,
    overhead: family.overhead,
    profile: 'small',
    basis: 'measured',
    meetsAllTargets: evaluation.maxQps !== null,
    cost: cost(deployment, evaluation.maxQps),
  };
}
