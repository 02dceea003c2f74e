import type { LoadPoint } from '../search/result';
import type { TimeError } from './time-error';
import { type LatencyMetric, latencyInterval } from './with-time-error';

const INTERVAL_METRICS = ['ttftMs', 'tbtMs', 'tpotMs', 'e2eMs'] as const satisfies readonly LatencyMetric[];
const INTERVAL_QUANTILES = ['p50', 'p95', 'p99'] as const;

export interface LatencyInterval {
  readonly metric: LatencyMetric;
  readonly quantile: (typeof INTERVAL_QUANTILES)[number];
  /** ms; the upper end Infinity where the load may not be held. Null: not known. */
  readonly interval: readonly [number, number] | null;
}

/** 90% intervals of the latencies at `rateQps`; null where the candidate was not simulated. */
export function latencyIntervals(
  candidate: {
    readonly maxQps: number | null;
    readonly samplingInterval: readonly [number, number] | null;
    readonly timeError: TimeError | null;
    readonly loadCurve: readonly LoadPoint[];
  },
  rateQps: number | null,
): readonly LatencyInterval[] | null {
  const { timeError, samplingInterval, maxQps, loadCurve } = candidate;
  if (timeError === null || rateQps === null || loadCurve.length === 0) return null;
  const sampling =
    samplingInterval === null || maxQps === null
      ? ([rateQps, rateQps] as const)
      : ([(rateQps * samplingInterval[0]) / maxQps, (rateQps * samplingInterval[1]) / maxQps] as const);
  return INTERVAL_METRICS.flatMap((metric) =>
    INTERVAL_QUANTILES.map((quantile) => ({
      metric,
      quantile,
      interval: latencyInterval(loadCurve, { rateQps, sampling, timeError, metric, quantile }),
    })),
  );
}
