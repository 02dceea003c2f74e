import type { RunRecord } from '../../../app/ports/records';
import type { CandidateChange as CoreChange } from '../../../core/compare/candidate-change';
import type {
  PlanComparison as CoreComparison,
  PairComparison as CorePair,
  Unmatched,
} from '../../../core/compare/compare-plans';
import type { WinnerChange as CoreWinner } from '../../../core/compare/explain-winner';
import type { CandidateFigures as CoreFigures } from '../../../core/compare/snapshot';
import type {
  CandidateChange,
  CandidateFigures,
  PairComparison,
  PlanComparison,
  UnmatchedCandidate,
  WinnerChange,
} from '../types/compare';
import { finite } from './finite';
import { candidateId } from './ids';
import { toConfig } from './to-candidate';
import { bindingOf } from './to-metrics';

/** A comparison as the API shows it; `runs` are those compared, in their order. */
export function toPlanComparison(runs: readonly RunRecord[], comparison: CoreComparison): PlanComparison {
  const [first, ...others] = runs;
  return {
    runs,
    inputs: comparison.inputs,
    winners: comparison.winners.map((winner, i) => toFigures(runs[i]!.id, winner)),
    winnerChanged: comparison.winnerChanged,
    pairs: comparison.pairs.map((pair, i) => toPair(first!, others[i]!, pair)),
  };
}

function toPair(fromRun: RunRecord, toRun: RunRecord, pair: CorePair): PairComparison {
  const [from, to] = [fromRun.id, toRun.id];
  return {
    fromRun,
    toRun,
    winner: toWinner(from, to, pair.winner),
    frontier: pair.frontier.map((change) => ({
      kind: change.kind,
      from: toFigures(from, change.from),
      to: toFigures(to, change.to),
    })),
    changes: pair.candidates.map((change) => toChange(from, to, change)),
    onlyFrom: pair.onlyInFrom.map((unmatched) => toUnmatched(from, unmatched)),
    onlyTo: pair.onlyInTo.map((unmatched) => toUnmatched(to, unmatched)),
  };
}

const toWinner = (from: string, to: string, winner: CoreWinner): WinnerChange => ({
  from: toFigures(from, winner.from),
  to: toFigures(to, winner.to),
  changed: winner.changed,
  oldIn: toFigures(to, winner.oldIn),
  newIn: toFigures(from, winner.newIn),
  reasons: winner.reasons,
  sentence: winner.sentence,
});

const toChange = (from: string, to: string, change: CoreChange): CandidateChange => ({
  ...change,
  from: figuresOf(from, change.from),
  to: figuresOf(to, change.to),
  targets: change.targets.map(({ metric, quantile, fromMs, toMs, ratio }) => ({
    metric,
    quantile,
    fromMs: finite(fromMs),
    toMs: finite(toMs),
    ratio: finite(ratio),
  })),
});

const toUnmatched = (runId: string, { candidate, reason }: Unmatched): UnmatchedCandidate => ({
  candidate: figuresOf(runId, candidate),
  reason,
});

export const toFigures = (runId: string, figures: CoreFigures | null): CandidateFigures | null =>
  figures && figuresOf(runId, figures);

function figuresOf(runId: string, figures: CoreFigures): CandidateFigures {
  const {
    configId,
    deployment,
    status,
    reason,
    maxQps,
    maxQpsInterval,
    binding,
    costPerHourUsd,
    qpsPerDollar,
  } = figures;
  return {
    id: candidateId({ runId, configId }),
    configId,
    config: toConfig(deployment),
    status,
    reason,
    maxSustainableQps: maxQps,
    maxSustainableQpsInterval: maxQpsInterval && { lowQps: maxQpsInterval[0], highQps: maxQpsInterval[1] },
    bindingTarget: binding === null ? null : bindingOf(binding),
    costPerHourUsd,
    qpsPerDollar,
  };
}
