import { formatDuration, formatQps, formatUsd, plural } from '../report/format-number';
import { bindingLabel, deploymentLabel, OBJECTIVE_LABELS, STATUS_LABELS } from '../report/names';
import type { Choice } from '../search/choose';
import type { Objective, PlanRequest, PriceSelection, Target } from '../search/request';
import type { CandidateResult } from '../search/result';
import { targetKey, targetLabel } from '../search/target-label';
import { type RerankChanges, sameTargets } from './changes';
import type { Reranked } from './rerank-candidate';

interface Told {
  readonly request: PlanRequest;
  readonly wanted: PlanRequest;
  readonly changes: RerankChanges;
  readonly candidates: readonly CandidateResult[];
  readonly all: readonly Reranked[];
  readonly choice: Choice;
  readonly before: Choice;
  readonly couldWin: readonly number[];
  readonly certain: boolean;
}

/** What changed, whether the recommendation did and why, and what only a simulation can tell. */
export function sentencesOf(told: Told): string[] {
  const changed = whatChanged(told);
  return [
    changed.length === 0
      ? 'Nothing is changed: this is the plan as it was made.'
      : `Changed: ${changed.join('; ')}.`,
    winnerSentence(told),
    ...openSentences(told),
  ];
}

function whatChanged({ request, wanted, changes }: Told): string[] {
  const [was, is] = [request.constraints, wanted.constraints];
  const limits = [
    ...targetChanges(was.targets, is.targets),
    ...numberChange(
      'the budget',
      was.maxCostPerHourUsd,
      is.maxCostPerHourUsd,
      (usd) => `${formatUsd(usd)}/h`,
    ),
    ...numberChange('min_qps', was.minQps, is.minQps, formatQps),
  ];
  const { prices } = changes;
  if (prices !== undefined) {
    limits.push(`prices are ${pricesLabel(prices.selection)} of price book ${prices.book.version}`);
  }
  const objectives = [request.objective, wanted.objective].map(objectiveLabel);
  if (objectives[0] !== objectives[1]) limits.push(`the objective is ${objectives[1]}, was ${objectives[0]}`);
  return limits;
}

function targetChanges(was: readonly Target[], is: readonly Target[]): string[] {
  if (sameTargets(was, is)) return [];
  const old = new Map(was.map((target) => [targetKey(target), target]));
  const now = new Set(is.map(targetKey));
  return [
    ...is.flatMap((target) => {
      const before = old.get(targetKey(target));
      const limit = formatDuration(target.limitMs);
      if (before === undefined) return [`${targetLabel(target)} is to be at most ${limit}`];
      if (before.limitMs === target.limitMs) return [];
      return [`${targetLabel(target)} from ${formatDuration(before.limitMs)} to ${limit}`];
    }),
    ...was
      .filter((target) => !now.has(targetKey(target)))
      .map((target) => `no target for ${targetLabel(target)}`),
  ];
}

function numberChange(
  name: string,
  was: number | null,
  is: number | null,
  format: (value: number) => string,
): string[] {
  if (was === is) return [];
  if (is === null) return [`${name} is dropped`];
  return [was === null ? `${name} is ${format(is)}` : `${name} from ${format(was)} to ${format(is)}`];
}

const pricesLabel = ({ provider, kind, usdPerGpuHour }: PriceSelection): string => {
  const own = Object.keys(usdPerGpuHour).length;
  return `${provider ?? 'the default provider'}, ${kind}${own > 0 ? `, with ${plural(own, 'price')} of your own` : ''},`;
};

const objectiveLabel = ({ kind, targetQps }: Objective): string =>
  OBJECTIVE_LABELS[kind] + (targetQps === null ? '' : ` at ${formatQps(targetQps)} QPS`);

function winnerSentence({ all, choice, before, candidates }: Told): string {
  const now = all.find(({ candidate }) => candidate.configId === choice.best)?.candidate ?? null;
  const was = candidates.find(({ configId }) => configId === before.best) ?? null;
  if (now === null && was === null) return 'No candidate can be recommended, as before.';
  if (now === null) return `No candidate can be recommended any more: ${whyItLost(was!, all, null)}.`;
  if (was === null) return `${nameOf(now)} can be recommended now: ${figures(now)}.`;
  if (now.configId === was.configId) {
    const moved = figures(now) === figures(was) ? '' : `, was ${figures(was)}`;
    return `The recommendation stays ${nameOf(now)}: ${figures(now)}${moved}.`;
  }
  return `The recommendation is now ${nameOf(now)} (${figures(now)}), no longer #${was.configId}: ${whyItLost(was, all, now)}.`;
}

const nameOf = ({ configId, deployment }: CandidateResult): string =>
  `#${configId}: ${deploymentLabel(deployment)}`;

const figures = ({ maxQps, cost }: CandidateResult): string =>
  `${formatQps(maxQps)} QPS at ${formatUsd(cost?.costPerHourUsd ?? null)}/h, ${formatQps(cost?.qpsPerDollar ?? null)} QPS per dollar`;

/** What became of the plan's recommendation. */
function whyItLost(was: CandidateResult, all: readonly Reranked[], now: CandidateResult | null): string {
  const { candidate: c } = all.find(({ candidate }) => candidate.configId === was.configId)!;
  if (c.status !== 'FEASIBLE' && c.status !== 'CAPPED')
    return `it is ${c.status} (${c.reason ?? STATUS_LABELS[c.status]})`;
  const parts: string[] = [];
  if (c.maxQps !== was.maxQps) {
    const by = c.binding === null ? '' : `, bound by ${bindingLabel(c.binding)}`;
    parts.push(`it sustains ${formatQps(c.maxQps)} QPS instead of ${formatQps(was.maxQps)}${by}`);
  }
  const [hourly, before] = [c.cost?.costPerHourUsd ?? null, was.cost?.costPerHourUsd ?? null];
  if (hourly !== before) parts.push(`it costs ${formatUsd(hourly)}/h instead of ${formatUsd(before)}/h`);
  if (parts.length === 0) {
    parts.push(now === null ? 'it does not serve the load asked for' : `it now has ${figures(c)}`);
  }
  return parts.join(' and ');
}

function openSentences({ all, choice, couldWin, certain, wanted }: Told): string[] {
  const sentences: string[] = [];
  const open = all.filter(({ decided, needsSimulation }) => !decided && !needsSimulation);
  if (open.length > 0) {
    const ends = open.filter(({ bracketQps }) => bracketQps !== null && bracketQps[1] === null).length;
    const beyond =
      ends > 0
        ? ` (of ${ends} no simulated rate misses the new targets, so they may sustain more than is shown)`
        : '';
    sentences.push(
      `The stored curves leave the load of ${plural(open.length, 'candidate')} open between two simulated rates${beyond}.`,
    );
  }
  const never = all.filter(({ needsSimulation }) => needsSimulation);
  if (never.length > 0)
    sentences.push(
      `${plural(never.length, 'candidate')} within the new limits ${never.length === 1 ? 'was' : 'were'} never simulated.`,
    );
  if (certain) {
    if (sentences.length > 0) sentences.push('None of this can change the recommendation.');
    return sentences;
  }
  if (couldWin.length > 0) {
    const shown = couldWin.slice(0, 5).map((id) => `#${id}${bracketOf(id, all)}`);
    const more = couldWin.length > shown.length ? ` and ${couldWin.length - shown.length} more` : '';
    sentences.push(`A simulation could turn the recommendation to ${shown.join(', ')}${more}.`);
  }
  const undecided = all.find(({ candidate, decided }) => candidate.configId === choice.best && !decided);
  if (undecided !== undefined)
    sentences.push(
      `To be certain, simulate #${choice.best}${bracketOf(choice.best!, all)} ${couldWin.length > 0 ? 'and those ' : ''}with the new targets${wanted.objective.targetQps === null ? '' : ' at the load asked for'}.`,
    );
  else if (couldWin.length > 0) sentences.push('To be certain, simulate those with the new limits.');
  return sentences;
}

function bracketOf(configId: number, all: readonly Reranked[]): string {
  const reranked = all.find(({ candidate }) => candidate.configId === configId)!;
  if (reranked.needsSimulation) return ' (never simulated)';
  if (reranked.bracketQps === null || reranked.decided) return '';
  const [low, high] = reranked.bracketQps;
  if (high === null) return low > 0 ? ` (${formatQps(low)} QPS or more)` : ' (not known)';
  return ` (${formatQps(low)} to ${formatQps(high)} QPS)`;
}
