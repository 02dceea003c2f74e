import type { Target, TargetMetric } from './request';
import type { SimulationMetrics } from './result';

export const METRIC_LABELS: Readonly<Record<TargetMetric, string>> = {
  ttft: 'TTFT',
  tbt: 'TBT',
  tpot: 'TPOT',
  e2e: 'latency',
};

/** `p50`, `p90`, `p95`, `p99`. */
export const quantileKey = (quantile: Target['quantile']): 'p50' | 'p90' | 'p95' | 'p99' =>
  QUANTILE_KEYS[quantile];

const QUANTILE_KEYS = { 0.5: 'p50', 0.9: 'p90', 0.95: 'p95', 0.99: 'p99' } as const;

/** Name of a target for machines: `ttft_p95`, `e2e_p99`; the targets of one request differ in it. */
export const targetKey = (target: Pick<Target, 'metric' | 'quantile'>): string =>
  `${target.metric}_${quantileKey(target.quantile)}`;

/** Name of a target for people: `TTFT p95`, `latency p99`. */
export const targetLabel = (target: Pick<Target, 'metric' | 'quantile'>): string =>
  `${METRIC_LABELS[target.metric]} ${quantileKey(target.quantile)}`;

/** The four latencies that targets are set on, of a simulation or of one probe. */
export type Latencies = Pick<SimulationMetrics, 'ttftMs' | 'tbtMs' | 'tpotMs' | 'e2eMs'>;

/** The quantile a target speaks of, ms; NaN when no value was seen. */
export const quantileOf = (latencies: Latencies, target: Pick<Target, 'metric' | 'quantile'>): number =>
  latencies[`${target.metric}Ms`][quantileKey(target.quantile)];
