import { isMet } from '../../../core/report/slo-compliance';
import type { Target } from '../../../core/search/request';
import type {
  LatencySummary as CoreLatency,
  SimulationMetrics as CoreMetrics,
  TargetOutcome as CoreOutcome,
  LoadPoint as CorePoint,
} from '../../../core/search/result';
import { quantileKey } from '../../../core/search/target-label';
import type { LatencySummary, LoadPoint, SimulationMetrics, TargetOutcome } from '../types/measurements';
import { finite } from './finite';

// What simulations measured, with null where a number is infinite or there is none.

export function toMetrics(m: CoreMetrics): SimulationMetrics {
  return {
    requests: m.requests,
    ttftMs: toLatency(m.ttftMs),
    tbtMs: toLatency(m.tbtMs),
    tpotMs: toLatency(m.tpotMs),
    e2eMs: toLatency(m.e2eMs),
    schedulingDelayMs: toLatency(m.schedulingDelayMs),
    throughput: {
      requestsPerS: finite(m.throughput.requestsPerS),
      outputTokensPerS: finite(m.throughput.outputTokensPerS),
      promptTokensPerS: finite(m.throughput.promptTokensPerS),
    },
    iterations: m.iterations,
    preemptions: m.preemptions,
    mfu: finite(m.mfu),
    memoryUtilization: finite(m.memoryUtilization),
    kvUtilization: { mean: finite(m.kvUtilization.mean), peak: finite(m.kvUtilization.peak) },
    meanBatchSize: finite(m.meanBatchSize),
    peakBatchSize: m.peakBatchSize,
    extrapolatedTimeFraction: finite(m.extrapolatedTimeFraction),
    prefixCacheHitRate: finite(m.prefixCacheHitRate ?? null),
    simulatedS: finite(m.simulatedS),
  };
}

const toLatency = (l: CoreLatency): LatencySummary => ({
  mean: finite(l.mean),
  p50: finite(l.p50),
  p90: finite(l.p90),
  p95: finite(l.p95),
  p99: finite(l.p99),
  max: finite(l.max),
});

export const toLoadPoint = (point: CorePoint): LoadPoint => ({
  rateQps: point.rateQps,
  passed: point.verdict === 'pass',
  failedOn: point.failedOn === null ? null : bindingOf(point.failedOn),
  stoppedEarly: point.stoppedEarly,
  ttftMs: toLatency(point.ttftMs),
  tbtMs: toLatency(point.tbtMs),
  tpotMs: toLatency(point.tpotMs),
  e2eMs: toLatency(point.e2eMs),
});

/** The value of the enum BindingTarget. */
export const bindingOf = (binding: Target | 'queue'): string =>
  binding === 'queue' ? 'queue' : `${binding.metric}_${quantileKey(binding.quantile)}`;

export const toTargetOutcome = (outcome: CoreOutcome): TargetOutcome => ({
  target: outcome.target,
  valueMs: finite(outcome.valueMs),
  met: isMet(outcome),
  slack: finite(outcome.slack),
});
