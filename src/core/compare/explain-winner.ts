import { formatQps, formatUsd } from '../report/format-number';
import { bindingKey, bindingLabel, deploymentLabel, OBJECTIVE_LABELS } from '../report/names';
import type { PlanRequest } from '../search/request';
import { type CandidateChange, percent } from './candidate-change';
import type { InputAspect, InputDifference } from './input-differences';
import type { Matching } from './match-candidates';
import { type CandidateFigures, figuresOf, type PlanSnapshot } from './snapshot';

export type WinnerReasonCode =
  | 'objective-changed'
  /** The new winner is not among the candidates of the first plan, the old one not among those of the second. */
  | 'candidate-new'
  | 'candidate-removed'
  | 'cost-changed'
  /** Beyond both 90% intervals. */
  | 'qps-changed'
  /** A target that changed is what limits it now. */
  | 'target-binds'
  | 'status-changed'
  /** One of the plans was stopped before it had looked at the winner of the other. */
  | 'not-evaluated'
  /** Nothing but differences within the intervals. */
  | 'within-intervals';

export interface WinnerReason {
  readonly code: WinnerReasonCode;
  /** The candidate it speaks of: the winner of the first plan, of the second, or neither. */
  readonly of: 'old' | 'new' | null;
  readonly sentence: string;
  /** Paths of the input differences that can have caused it. */
  readonly causes: readonly string[];
}

export interface WinnerChange {
  readonly from: CandidateFigures | null;
  readonly to: CandidateFigures | null;
  /** Another deployment wins; the same one on another GPU type or with other settings is another. */
  readonly changed: boolean;
  /** The old winner in the second plan, and the new winner in the first one; null where it is not among the candidates. */
  readonly oldIn: CandidateFigures | null;
  readonly newIn: CandidateFigures | null;
  /** Why, strongest first; empty where the winner did not change. */
  readonly reasons: readonly WinnerReason[];
  readonly sentence: string;
}

export interface PairContext {
  readonly from: PlanSnapshot;
  readonly to: PlanSnapshot;
  readonly matching: Matching;
  readonly changes: readonly CandidateChange[];
  readonly differences: readonly InputDifference[];
}

export function explainWinner(pair: PairContext): WinnerChange {
  const winnerOf = ({ result: { candidates, best } }: PlanSnapshot): CandidateFigures | null => {
    const found = candidates.find((c) => c.configId === best);
    return found === undefined ? null : figuresOf(found);
  };
  const [from, to] = [winnerOf(pair.from), winnerOf(pair.to)];
  const oldChange = pair.changes.find((change) => change.from.configId === from?.configId) ?? null;
  const newChange = pair.changes.find((change) => change.to.configId === to?.configId) ?? null;
  const same = oldChange !== null && oldChange === newChange && oldChange.matchedBy === 'deployment';
  const changed = (from !== null || to !== null) && !same;
  const reasons = changed ? reasonsOf(pair, { from, to, oldChange, newChange }) : [];
  return {
    from,
    to,
    changed,
    oldIn: oldChange?.to ?? null,
    newIn: newChange?.from ?? null,
    reasons,
    sentence: sentenceOf({ from, to, changed, reasons, kept: oldChange === newChange ? oldChange : null }),
  };
}

interface Winners {
  readonly from: CandidateFigures | null;
  readonly to: CandidateFigures | null;
  readonly oldChange: CandidateChange | null;
  readonly newChange: CandidateChange | null;
}

function reasonsOf(pair: PairContext, { from, to, oldChange, newChange }: Winners): WinnerReason[] {
  const { differences } = pair;
  const pathsOf = (...aspects: InputAspect[]) =>
    differences.filter((d) => aspects.includes(d.aspect)).map((d) => d.path);
  const reasons: WinnerReason[] = [];
  const objective = pathsOf('objective');
  if (objective.length > 0) {
    const [before, now] = [objectiveLabel(pair.from.request), objectiveLabel(pair.to.request)];
    reasons.push({
      code: 'objective-changed',
      of: null,
      sentence: `the objective is ${now}, was ${before}`,
      causes: objective,
    });
  }
  if (to !== null && (newChange === null || newChange.matchedBy !== 'deployment')) {
    reasons.push({
      code: 'candidate-new',
      of: 'new',
      sentence: `#${to.configId} (${deploymentLabel(to.deployment)}) is not among the candidates of ${pair.from.label}`,
      causes: spaceCauses(pair),
    });
  }
  if (from !== null && (oldChange === null || oldChange.matchedBy !== 'deployment')) {
    reasons.push({
      code: 'candidate-removed',
      of: 'old',
      sentence: `#${from.configId} (${deploymentLabel(from.deployment)}) is not among the candidates of ${pair.to.label}`,
      causes: spaceCauses(pair),
    });
  }
  if (oldChange?.matchedBy === 'deployment') reasons.push(...turnsOf(oldChange, 'old', pair));
  if (newChange?.matchedBy === 'deployment') reasons.push(...turnsOf(newChange, 'new', pair));
  if (reasons.length === 0) {
    reasons.push({
      code: 'within-intervals',
      of: null,
      sentence: 'both are as good within their intervals',
      causes: [...new Set([...(oldChange?.qpsCauses ?? []), ...(newChange?.qpsCauses ?? [])])],
    });
  }
  return reasons;
}

const objectiveLabel = ({ objective: { kind, targetQps } }: PlanRequest): string =>
  OBJECTIVE_LABELS[kind] + (targetQps === null ? '' : ` at ${formatQps(targetQps)} QPS`);

/** A new or missing candidate follows from what is enumerated: the space, and settings that follow from model and traffic. */
function spaceCauses({ differences }: PairContext): string[] {
  const space = differences.filter((d) => d.aspect === 'space');
  const other = differences.filter((d) => d.aspect === 'model' || d.aspect === 'workload');
  return (space.length > 0 ? space : other).map((d) => d.path);
}

/** What turned against the old winner, or for the new one. */
function turnsOf(change: CandidateChange, of: 'old' | 'new', pair: PairContext): WinnerReason[] {
  const { from, to } = change;
  const name = `#${(of === 'old' ? from : to).configId}`;
  const worse = (ratio: number | null) => ratio !== null && (of === 'old' ? ratio < 1 : ratio > 1);
  const reasons: WinnerReason[] = [];
  const add = (code: WinnerReasonCode, sentence: string, causes: readonly string[]) =>
    reasons.push({ code, of, sentence: `${name} ${sentence}`, causes });
  if (change.statusChanged) {
    const [status, other] = of === 'old' ? [to, pair.to] : [from, pair.from];
    const code = status.status === 'NOT_EVALUATED' ? 'not-evaluated' : 'status-changed';
    const why = status.reason === null ? '' : ` (${status.reason})`;
    const budget = pair.differences.filter((d) => d.aspect === 'budget').map((d) => d.path);
    add(code, `is ${status.status} in ${other.label}${why}`, [
      ...new Set([...budget, ...change.costCauses, ...change.qpsCauses]),
    ]);
  }
  if (change.costRatio !== null && change.costRatio !== 1 && worse(1 / change.costRatio)) {
    const money = `${formatUsd(to.costPerHourUsd)}/h instead of ${formatUsd(from.costPerHourUsd)}/h`;
    add('cost-changed', `costs ${money} (${percent(change.costRatio)})`, change.costCauses);
  }
  if (change.qpsBeyondIntervals && worse(change.maxQpsRatio)) {
    const qps = `${formatQps(to.maxQps)} QPS instead of ${formatQps(from.maxQps)}`;
    add('qps-changed', `sustains ${qps} (${percent(change.maxQpsRatio!)})`, change.qpsCauses);
  }
  const bound = boundBy(to, pair.differences);
  if (of === 'old' && bound !== null && (change.statusChanged || worse(change.maxQpsRatio)))
    add('target-binds', `is now bound by ${bindingLabel(to.binding!)}`, [bound]);
  return reasons;
}

/** The path of the changed target that limits it. */
function boundBy({ binding }: CandidateFigures, differences: readonly InputDifference[]): string | null {
  if (binding === null || binding === 'queue') return null;
  const path = `constraints.${bindingKey(binding)}`;
  return differences.some((d) => d.aspect === 'targets' && d.path === path) ? path : null;
}

function sentenceOf(winner: {
  readonly from: CandidateFigures | null;
  readonly to: CandidateFigures | null;
  readonly changed: boolean;
  readonly reasons: readonly WinnerReason[];
  /** The two winners are one candidate of both plans. */
  readonly kept: CandidateChange | null;
}): string {
  const { from, to, changed, reasons, kept } = winner;
  if (from === null && to === null) return 'No candidate can be recommended in either plan.';
  const between = kept === null ? '' : ` ${kept.sentence}`;
  if (!changed && to !== null) return `The recommendation stays ${nameOf(to)}.${between}`;
  const why = reasons.map(({ sentence, causes }) =>
    causes.length === 0 ? sentence : `${sentence} (through ${causes.join(', ')})`,
  );
  const turn =
    to === null
      ? 'No candidate can be recommended any more'
      : from === null
        ? `${nameOf(to)} can be recommended now`
        : `The recommendation changes from ${nameOf(from)} to ${nameOf(to)}`;
  return `${turn}: ${why.join('; ')}.${between}`;
}

const nameOf = ({ configId, deployment, maxQps, costPerHourUsd }: CandidateFigures): string =>
  `#${configId}: ${deploymentLabel(deployment)} (${formatQps(maxQps)} QPS, ${formatUsd(costPerHourUsd)}/h)`;
