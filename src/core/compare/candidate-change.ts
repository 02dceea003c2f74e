import { formatMs, formatPercent, formatQps, formatUsd } from '../report/format-number';
import { bindingKey, bindingLabel } from '../report/names';
import type { Target } from '../search/request';
import type { CandidateResult } from '../search/result';
import { targetKey, targetLabel } from '../search/target-label';
import type { InputAspect, InputDifference } from './input-differences';
import type { Match, MatchKind } from './match-candidates';
import { beyondIntervals, type CandidateFigures, figuresOf, ratioOf } from './snapshot';

/** A candidate of two plans, and what became of it from one to the other. */
export interface CandidateChange {
  readonly matchedBy: MatchKind;
  readonly from: CandidateFigures;
  readonly to: CandidateFigures;
  /** to ÷ from; null where one of them is not there. */
  readonly maxQpsRatio: number | null;
  /** The 90% intervals of its maximum have no load in common. */
  readonly qpsBeyondIntervals: boolean;
  readonly costRatio: number | null;
  readonly qpsPerDollarRatio: number | null;
  readonly statusChanged: boolean;
  readonly bindingChanged: boolean;
  /** Of the targets that either plan has: the quantiles at each plan's maximum. */
  readonly targets: readonly {
    readonly metric: Target['metric'];
    readonly quantile: Target['quantile'];
    readonly fromMs: number | null;
    readonly toMs: number | null;
    readonly ratio: number | null;
  }[];
  /** Paths of the input differences that can have caused the change of load, and of cost. */
  readonly qpsCauses: readonly string[];
  readonly costCauses: readonly string[];
  /** What changed and through what, for a person. */
  readonly sentence: string;
}

export function candidateChange(
  { kind, from, to }: Match,
  differences: readonly InputDifference[],
): CandidateChange {
  const [a, b] = [figuresOf(from), figuresOf(to)];
  const change = {
    matchedBy: kind,
    from: a,
    to: b,
    maxQpsRatio: ratioOf(a.maxQps, b.maxQps),
    qpsBeyondIntervals: beyondIntervals(a, b),
    costRatio: ratioOf(a.costPerHourUsd, b.costPerHourUsd),
    qpsPerDollarRatio: ratioOf(a.qpsPerDollar, b.qpsPerDollar),
    statusChanged: a.status !== b.status,
    bindingChanged: bindingKey(a.binding) !== bindingKey(b.binding),
    targets: targetsOf(from, to),
    qpsCauses: causesOf(QPS_ASPECTS, { kind, from, to }, differences),
    costCauses: causesOf(COST_ASPECTS, { kind, from, to }, differences),
  };
  return { ...change, sentence: sentenceOf(change, causesOf(['budget'], { kind, from, to }, differences)) };
}

/** What load and latency follow from; the cost of a deployment follows from prices alone. */
const QPS_ASPECTS: readonly InputAspect[] = [
  'engine',
  'catalog',
  'model',
  'workload',
  'targets',
  'profile',
  'calibration',
  'overhead',
  'simulation',
];
const COST_ASPECTS: readonly InputAspect[] = ['prices'];

/** Differences of these aspects that concern the candidate, and the GPU or the settings it was matched in spite of. */
function causesOf(
  aspects: readonly InputAspect[],
  { kind, from, to }: Match,
  differences: readonly InputDifference[],
): string[] {
  const concerns = ({ gpuId, tensorParallel }: InputDifference) =>
    [from, to].some(
      ({ deployment: d }) =>
        (gpuId === null || gpuId === d.gpuId) &&
        (tensorParallel === null || tensorParallel === d.tensorParallel),
    );
  const causes = differences
    .filter((difference) => aspects.includes(difference.aspect) && concerns(difference))
    .map(({ path }) => path);
  // A space that lists another GPU, or other settings, is why the two are not the same deployment.
  const spacePaths = differences.filter((d) => d.aspect === 'space').map(({ path }) => path);
  const ofGpus = spacePaths.filter((path) => path === GPU_TYPES);
  if (kind === 'gpu') return [...ofGpus, ...causes.filter((path) => !ofHardware(path))];
  if (kind === 'settings' && aspects !== COST_ASPECTS)
    return [...spacePaths.filter((path) => path !== GPU_TYPES), ...causes];
  return causes;
}

const GPU_TYPES = 'config_space.gpu_types';

/** Follows from the GPU: no cause of its own. */
const ofHardware = (path: string): boolean => /^(profile|calibration) /.test(path);

function targetsOf(from: CandidateResult, to: CandidateResult): CandidateChange['targets'] {
  const values = (c: CandidateResult) => new Map(c.targets.map((o) => [targetKey(o.target), o.valueMs]));
  const [a, b] = [values(from), values(to)];
  const targets = new Map([...from.targets, ...to.targets].map(({ target }) => [targetKey(target), target]));
  return [...targets].map(([key, { metric, quantile }]) => {
    const [fromMs, toMs] = [a.get(key) ?? null, b.get(key) ?? null];
    return { metric, quantile, fromMs, toMs, ratio: ratioOf(fromMs, toMs) };
  });
}

function sentenceOf(change: Omit<CandidateChange, 'sentence'>, budgetCauses: readonly string[]): string {
  const { from, to } = change;
  const parts: string[] = [];
  if (change.matchedBy === 'gpu') parts.push(`on ${to.deployment.gpuId} instead of ${from.deployment.gpuId}`);
  if (change.matchedBy === 'settings') parts.push('with other engine settings');
  if (change.statusChanged) {
    const causes =
      to.status === 'OVER_BUDGET' || from.status === 'OVER_BUDGET'
        ? [...change.costCauses, ...budgetCauses]
        : [];
    parts.push(
      `${from.status} became ${to.status}${to.reason === null ? '' : `: ${to.reason}`}${through(causes)}`,
    );
  }
  if (change.maxQpsRatio !== null && change.maxQpsRatio !== 1) {
    const noise = change.qpsBeyondIntervals ? '' : ', within the intervals';
    const bound =
      change.bindingChanged && to.binding !== null ? `, now bound by ${bindingLabel(to.binding)}` : '';
    parts.push(
      `max QPS ${formatQps(from.maxQps)} → ${formatQps(to.maxQps)} (${percent(change.maxQpsRatio)}${noise})${bound}${through(change.qpsCauses)}`,
    );
  }
  if (change.costRatio !== null && change.costRatio !== 1) {
    parts.push(
      `${formatUsd(from.costPerHourUsd)}/h → ${formatUsd(to.costPerHourUsd)}/h (${percent(change.costRatio)})${through(change.costCauses)}`,
    );
  }
  const slower = change.targets.find((t) => t.ratio !== null && Math.abs(t.ratio - 1) > 0.05);
  if (parts.length === 0 && slower !== undefined)
    parts.push(
      `${targetLabel(slower)} ${formatMs(slower.fromMs!)} → ${formatMs(slower.toMs!)} at the same load${through(change.qpsCauses)}`,
    );
  return parts.length === 0 ? 'Unchanged.' : `${capital(parts.join('; '))}.`;
}

const through = (causes: readonly string[]): string =>
  causes.length === 0 ? '' : ` (through ${causes.join(', ')})`;

/** `+12%`, `−3.1%`. */
export function percent(ratio: number): string {
  const change = ratio - 1;
  return `${change < 0 ? '−' : '+'}${formatPercent(Math.abs(change))}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
