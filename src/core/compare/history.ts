import { formatQps } from '../report/format-number';
import { choose } from '../search/choose';
import type { PlanRequest } from '../search/request';
import type { CandidateResult, PlanResult } from '../search/result';
import { percent } from './candidate-change';
import { fingerprint, workloadText } from './fingerprint';
import { type InputDifference, inputDifferences } from './input-differences';
import { beyondIntervals, type CandidateFigures, figuresOf, type PlanInputs, ratioOf } from './snapshot';

/** The best candidate of one model on one GPU type, as one run found it. */
export interface HistoryEntry {
  /** What tells the runs apart. */
  readonly id: string;
  /** ISO time at which the run finished. */
  readonly finishedAt: string;
  readonly gpuId: string;
  readonly request: PlanRequest;
  readonly inputs: PlanInputs;
  /** Null: none of the GPU could be recommended. */
  readonly best: CandidateResult | null;
}

export interface HistoryPoint {
  readonly id: string;
  readonly finishedAt: string;
  /** Equal for runs that asked the same: traffic, targets, limits, objective and space of this GPU type. */
  readonly comparabilityKey: string;
  readonly best: CandidateFigures | null;
  /** The run before it that asked the same, and the changes against it; null for the first. */
  readonly change: {
    readonly against: string;
    /** Now ÷ then; null where one of them is not there. */
    readonly maxQpsRatio: number | null;
    readonly costRatio: number | null;
    readonly qpsPerDollarRatio: number | null;
    /** Inputs that are not the same as then and concern this GPU type; values are then, now. */
    readonly inputs: readonly InputDifference[];
    /** Max QPS, or QPS per dollar, fell beyond both 90% intervals, or nothing can be recommended any more. */
    readonly regression: boolean;
    readonly sentence: string;
  } | null;
}

/** What the recommendation would be with this GPU type alone; null where none of it is feasible. */
export function bestOnGpu(
  { candidates, request }: Pick<PlanResult, 'candidates' | 'request'>,
  gpuId: string,
): CandidateResult | null {
  const ofGpu = candidates.filter((c) => c.deployment.gpuId === gpuId);
  const { best } = choose(ofGpu, request.objective);
  return ofGpu.find((c) => c.configId === best) ?? null;
}

/** The runs by time (then id), each against the last one before it that asked the same. */
export function historyOf(entries: readonly HistoryEntry[]): HistoryPoint[] {
  const lastOfKey = new Map<string, HistoryEntry>();
  return [...entries].sort(byTime).map((entry) => {
    const comparabilityKey = comparabilityKeyOf(entry);
    const before = lastOfKey.get(comparabilityKey);
    lastOfKey.set(comparabilityKey, entry);
    return {
      id: entry.id,
      finishedAt: entry.finishedAt,
      comparabilityKey,
      best: entry.best && figuresOf(entry.best),
      change: before === undefined ? null : changeOf(before, entry),
    };
  });
}

const byTime = (a: HistoryEntry, b: HistoryEntry): number =>
  compareText(a.finishedAt, b.finishedAt) || compareText(a.id, b.id);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Prices, overhead and the simulated span may differ: they are inputs that a history is to show. */
function comparabilityKeyOf({ gpuId, request }: HistoryEntry): string {
  const { gpuIds: _, ...space } = request.space;
  const sorted = Object.fromEntries(
    Object.entries(space).map(([key, values]) => [
      key,
      values === null ? null : [...values].map(String).sort(),
    ]),
  );
  const { targets, ...limits } = request.constraints;
  const asked = {
    gpuId,
    modelId: request.modelId,
    workload: workloadText(request.workload),
    rateRangeQps: request.rateRangeQps,
    targets: targets.map((t) => `${t.metric} ${t.quantile} ${t.limitMs}`).sort(),
    limits,
    objective: request.objective,
    space: sorted,
  };
  return fingerprint(JSON.stringify(asked));
}

function changeOf(before: HistoryEntry, entry: HistoryEntry): NonNullable<HistoryPoint['change']> {
  const then = before.best && figuresOf(before.best);
  const now = entry.best && figuresOf(entry.best);
  const ratios = {
    maxQpsRatio: ratioOf(then?.maxQps ?? null, now?.maxQps ?? null),
    costRatio: ratioOf(then?.costPerHourUsd ?? null, now?.costPerHourUsd ?? null),
    qpsPerDollarRatio: ratioOf(then?.qpsPerDollar ?? null, now?.qpsPerDollar ?? null),
  };
  const concerns = ({ gpuId, path }: InputDifference) =>
    (gpuId === null || gpuId === entry.gpuId) && path !== 'config_space.gpu_types';
  const inputs = inputDifferences([before, entry]).filter(concerns);
  const lost = then !== null && now === null;
  const regression = lost || (then !== null && now !== null && (loadFell(then, now) || valueFell(then, now)));
  return {
    against: before.id,
    ...ratios,
    inputs,
    regression,
    sentence: sentenceOf(then, now, ratios, inputs),
  };
}

const loadFell = (then: CandidateFigures, now: CandidateFigures): boolean =>
  now.maxQps! < then.maxQps! && beyondIntervals(then, now);

/** The same for QPS per dollar: a cost is exact, so its interval is that of the load. */
function valueFell(then: CandidateFigures, now: CandidateFigures): boolean {
  if (then.samplingInterval === null || now.samplingInterval === null) return false;
  if (!then.costPerHourUsd || !now.costPerHourUsd) return false;
  return now.samplingInterval[1] / now.costPerHourUsd < then.samplingInterval[0] / then.costPerHourUsd;
}

function sentenceOf(
  then: CandidateFigures | null,
  now: CandidateFigures | null,
  ratios: { maxQpsRatio: number | null; costRatio: number | null; qpsPerDollarRatio: number | null },
  inputs: readonly InputDifference[],
): string {
  const through =
    inputs.length === 0
      ? ''
      : ` Changed: ${inputs.map((d) => `${d.path} ${d.values.join(' → ')}`).join('; ')}.`;
  if (now === null)
    return `Nothing of this GPU can be recommended${then === null ? ', as before' : ' any more'}.${through}`;
  if (then === null)
    return `${formatQps(now.maxQps)} QPS where nothing could be recommended before.${through}`;
  const parts = [
    ['max QPS', ratios.maxQpsRatio] as const,
    ['cost', ratios.costRatio] as const,
    ['QPS per dollar', ratios.qpsPerDollarRatio] as const,
  ].flatMap(([name, ratio]) => (ratio === null || ratio === 1 ? [] : [`${name} ${percent(ratio)}`]));
  return `${parts.length === 0 ? 'Unchanged' : parts.join(', ')}.${through}`;
}
