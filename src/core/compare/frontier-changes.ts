import type { CandidateResult } from '../search/result';
import type { PairContext } from './explain-winner';
import { beyondIntervals, type CandidateFigures, figuresOf } from './snapshot';

export interface FrontierChange {
  readonly kind:
    | 'entered'
    | 'left'
    /** On both frontiers, at another cost or, beyond the intervals, another load. */
    | 'moved';
  /** In the first plan, and in the second; null where it is not among the candidates. */
  readonly from: CandidateFigures | null;
  readonly to: CandidateFigures | null;
}

/** What the second frontier has that the first one has not, and the other way round; by cost, first those that left. */
export function frontierChanges({ from, to, matching }: PairContext): FrontierChange[] {
  const partners = new Map<CandidateResult, CandidateResult>();
  for (const match of matching.matches) partners.set(match.from, match.to).set(match.to, match.from);
  const membersOf = ({ candidates, frontier }: typeof from.result) => {
    const byId = new Map(candidates.map((c) => [c.configId, c]));
    return frontier.flatMap((id) => byId.get(id) ?? []);
  };
  const [before, now] = [membersOf(from.result), membersOf(to.result)];
  const [wasOn, isOn] = [new Set(before), new Set(now)];
  const figures = (c: CandidateResult | undefined) => (c === undefined ? null : figuresOf(c));
  const left = before.flatMap((c): FrontierChange[] => {
    const partner = partners.get(c);
    if (partner !== undefined && isOn.has(partner)) return [];
    return [{ kind: 'left', from: figuresOf(c), to: figures(partner) }];
  });
  const rest = now.flatMap((c): FrontierChange[] => {
    const partner = partners.get(c);
    const [a, b] = [figures(partner), figuresOf(c)];
    if (partner === undefined || !wasOn.has(partner)) return [{ kind: 'entered', from: a, to: b }];
    const moved = a!.costPerHourUsd !== b.costPerHourUsd || beyondIntervals(a!, b);
    return moved ? [{ kind: 'moved', from: a, to: b }] : [];
  });
  return [...left, ...rest];
}
