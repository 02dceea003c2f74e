import type { LatencySummary, SimulationMetrics } from './result';
import type { Target } from './request';

const METRIC_LABELS = { ttft: 'TTFT', tbt: 'TBT', tpot: 'TPOT', e2e: 'latency' } as const;
const QUANTILE_KEYS = { 0.5: 'p50', 0.9: 'p90', 0.95: 'p95', 0.99: 'p99' } as const;

/** Name of a target for people: `TTFT p95`, `latency p99`. */
export const targetLabel = (target: Pick<Target, 'metric' | 'quantile'>): string =>
  `${METRIC_LABELS[target.metric]} ${QUANTILE_KEYS[target.quantile]}`;

/** The latencies a target speaks of. */
export function summaryOf(metrics: Latencies, target: Pick<Target, 'metric'>): LatencySummary {
  return { ttft: metrics.ttftMs, tbt: metrics.tbtMs, tpot: metrics.tpotMs, e2e: metrics.e2eMs }[target.metric];
}

type Latencies = Pick<SimulationMetrics, 'ttftMs' | 'tbtMs' | 'tpotMs' | 'e2eMs'>;

/** The quantile a target speaks of, ms; NaN when no value was seen. */
export const quantileOf = (metrics: Latencies, target: Target): number =>
  summaryOf(metrics, target)[QUANTILE_KEYS[target.quantile]];
