import { readCurve } from '../rerank/read-curve';
import type { Target } from '../search/request';
import type { LatencySummary, LoadPoint } from '../search/result';
import type { TimeError } from './time-error';

/**
 * If every step takes `f` times as long and requests arrive `f` times as slowly, all latencies are `f` times what they
 * were. So a deployment with steps `f` times as long has, at rate q, `f` times the latencies that the load curve shows
 * at rate f·q; that is how one curve tells what errors of the time model do.
 */

/** 90% interval of the sustainable QPS: sampling noise and the error of the time model, independent of each other. */
export function qpsInterval(input: {
  readonly maxQps: number;
  readonly sampling: readonly [number, number];
  readonly timeError: TimeError;
  readonly loadCurve: readonly LoadPoint[];
  readonly targets: readonly Target[];
  readonly rangeEndQps: number;
  readonly capped: boolean;
}): readonly [number, number] {
  const { maxQps, sampling, timeError, capped } = input;
  const slow = Math.min(maxQps, qpsAtTimes(timeError.highRatio, input));
  const fast = capped ? maxQps : Math.max(maxQps, qpsAtTimes(timeError.lowRatio, input));
  const low =
    slow <= 0 ? 0 : maxQps * Math.exp(-Math.hypot(Math.log(maxQps / sampling[0]), Math.log(maxQps / slow)));
  const high = maxQps * Math.exp(Math.hypot(Math.log(sampling[1] / maxQps), Math.log(fast / maxQps)));
  return [low, high];
}

/** What would be sustained with steps `factor` times as long; 0: nothing that the curve shows. */
function qpsAtTimes(
  factor: number,
  {
    maxQps,
    loadCurve,
    targets,
    rangeEndQps,
  }: { maxQps: number; loadCurve: readonly LoadPoint[]; targets: readonly Target[]; rangeEndQps: number },
): number {
  const scaled = targets.map((target) => ({ ...target, limitMs: target.limitMs / factor }));
  const reading = readCurve(loadCurve, scaled, { rangeEndQps, saturatedQps: null });
  if (reading === null) return maxQps / factor;
  return (reading.maxQps ?? 0) / factor;
}

export type LatencyMetric = 'ttftMs' | 'tbtMs' | 'tpotMs' | 'e2eMs';

/**
 * How many times as long as predicted steps may take before `rateQps` is beyond the last load simulated to its end, and
 * latencies have no upper bound. Null: no load was.
 */
export function boundedUpToRatio(loadCurve: readonly LoadPoint[], rateQps: number): number | null {
  const rates = loadCurve.filter((point) => !point.stoppedEarly).map((point) => point.rateQps);
  return rates.length === 0 ? null : Math.max(...rates) / rateQps;
}

/** 90% interval of one latency quantile at `rateQps`, ms; Infinity beyond the last load simulated to its end. */
export function latencyInterval(
  loadCurve: readonly LoadPoint[],
  of: {
    readonly rateQps: number;
    readonly sampling: readonly [number, number];
    readonly timeError: TimeError;
    readonly metric: LatencyMetric;
    readonly quantile: keyof Pick<LatencySummary, 'p50' | 'p90' | 'p95' | 'p99'>;
  },
): readonly [number, number] | null {
  const points = [...loadCurve].filter((point) => !point.stoppedEarly).sort((a, b) => a.rateQps - b.rateQps);
  const value = (point: LoadPoint) => point[of.metric][of.quantile];
  if (points.length === 0) return null;
  const at = (rateQps: number): number => {
    const above = points.findIndex((point) => point.rateQps >= rateQps * (1 - 1e-9));
    if (above < 0) return Number.POSITIVE_INFINITY;
    const b = points[above]!;
    const a = points[above - 1];
    if (a === undefined || b.rateQps <= rateQps * (1 + 1e-9)) return value(b);
    const share = Math.log(rateQps / a.rateQps) / Math.log(b.rateQps / a.rateQps);
    return value(a) * (value(b) / value(a)) ** share;
  };
  const { rateQps, sampling, timeError } = of;
  const { lowRatio, highRatio } = timeError;
  return [
    lowRatio * at(rateQps * lowRatio * (rateQps / sampling[1])),
    highRatio * at(rateQps * highRatio * (rateQps / sampling[0])),
  ];
}
