import type { Target } from '../search/request';
import type { CandidateResult, PlanResult } from '../search/result';
import { type Advice, type Change, relativeChange } from './advice';
import { measuredAtQps, withinBudget } from './candidates';
import { formatDuration, formatQps, plural } from './format-number';
import { deploymentLabel, targetKey } from './names';
import { roundLimitUp } from './round-limit';

/**
 * Latency limits to relax: for each target the smallest change that admits a candidate by itself and, where it admits
 * more, the one that admits half of those that miss this target only. A candidate needs all targets at once, so where
 * no single limit helps (or several small ones are the smaller change) the smallest combined relaxation is added.
 */
export function adviseTargets(result: PlanResult): Advice[] {
  const shortfalls = listShortfalls(result);
  const single = result.request.constraints.targets.flatMap((target) =>
    adviseOne(target, shortfalls, result),
  );
  const combined = adviseCombined(shortfalls, result);
  if (combined === null) return single;
  const smallest = Math.min(...single.map((advice) => advice.relativeChange ?? Infinity), Infinity);
  return (combined.relativeChange ?? Infinity) < smallest ? [...single, combined] : single;
}

/** A candidate that only latency limits keep out, and the ones it misses at the lowest rate. */
export interface Shortfall {
  readonly candidate: CandidateResult;
  readonly missed: readonly { readonly target: Target; readonly valueMs: number }[];
}

/** Leaves out candidates whose queue grows, whose requests never finish or whose outcomes are not all known: no limit surely admits those. */
export function listShortfalls(result: PlanResult): Shortfall[] {
  const requested = result.request.constraints.targets.map(targetKey);
  const allKnown = (c: CandidateResult) =>
    requested.every((key) => c.targets.some((o) => targetKey(o.target) === key));
  return result.candidates
    .filter(
      (c) => c.status === 'INFEASIBLE' && c.binding !== 'queue' && withinBudget(c, result) && allKnown(c),
    )
    .map((candidate) => {
      const missed = candidate.targets
        .filter((o) => !o.met)
        .map(({ target, valueMs }) => ({ target, valueMs }));
      return { candidate, missed };
    })
    .filter(
      ({ missed }) =>
        missed.length > 0 &&
        missed.every(({ target, valueMs }) => Number.isFinite(valueMs) && valueMs > target.limitMs),
    );
}

function adviseOne(target: Target, shortfalls: readonly Shortfall[], result: PlanResult): Advice[] {
  const key = targetKey(target);
  const values = shortfalls
    .filter(({ missed }) => missed.length === 1 && missed.every((miss) => targetKey(miss.target) === key))
    .flatMap(({ missed }) => missed.map((miss) => miss.valueMs))
    .sort((a, b) => a - b);
  const nearest = values[0];
  const middle = values[Math.floor((values.length - 1) / 2)];
  if (nearest === undefined || middle === undefined) return [];
  const smallest = adviceFor([{ target, to: roundLimitUp(nearest) }], shortfalls, result);
  const wider = adviceFor([{ target, to: roundLimitUp(middle) }], shortfalls, result);
  return wider.admits > smallest.admits ? [smallest, wider] : [smallest];
}

function adviseCombined(shortfalls: readonly Shortfall[], result: PlanResult): Advice | null {
  const excess = ({ missed }: Shortfall) => sum(missed.map((miss) => miss.valueMs / miss.target.limitMs - 1));
  const nearest = shortfalls
    .filter(({ missed }) => missed.length > 1)
    .reduce<Shortfall | null>(
      (best, next) => (best === null || excess(next) < excess(best) ? next : best),
      null,
    );
  if (nearest === null) return null;
  const relaxed = nearest.missed.map(({ target, valueMs }) => ({ target, to: roundLimitUp(valueMs) }));
  return adviceFor(relaxed, shortfalls, result);
}

interface Relaxed {
  readonly target: Target;
  readonly to: number;
}

function adviceFor(
  relaxed: readonly Relaxed[],
  shortfalls: readonly Shortfall[],
  result: PlanResult,
): Advice {
  const limits = new Map(relaxed.map(({ target, to }) => [targetKey(target), to]));
  const admitted = shortfalls.filter(({ missed }) =>
    missed.every(({ target, valueMs }) => valueMs <= (limits.get(targetKey(target)) ?? target.limitMs)),
  );
  const example = admitted[0]?.candidate ?? null;
  const rate = example && measuredAtQps(example, result);
  const { minQps } = result.request.constraints;
  const certain = minQps === null || (rate !== null && minQps <= rate);
  const changes: Change[] = relaxed.map(({ target, to }) => ({
    key: targetKey(target),
    from: target.limitMs,
    to,
  }));
  return {
    changes,
    admits: admitted.length,
    certain,
    relativeChange: sum(relaxed.map(({ target, to }) => relativeChange(target.limitMs, to) ?? 0)),
    sentence: [
      `Relaxing ${relaxed.map(inWords).join(' and ')}${relaxed.length > 1 ? ' together' : ''} admits ${plural(admitted.length, 'candidate')}`,
      rate === null ? '' : ` at ${formatQps(rate)} QPS`,
      example === null ? '' : `, e.g. #${example.configId}: ${deploymentLabel(example.deployment)}`,
      certain ? '.' : `; min_qps ${formatQps(minQps)} is then still to be searched for.`,
    ].join(''),
  };
}

function inWords({ target, to }: Relaxed): string {
  const inSeconds = to >= 1000 ? ` (${formatDuration(to)})` : '';
  return `${targetKey(target)} from ${target.limitMs} to ${to}${inSeconds}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
