import type { Evaluation, PlanContext } from './family';
import type { Probe, Saturation } from './probe';
import type { Target } from './request';
import type { TargetOutcome } from './result';
import { quantileOf, targetLabel } from './target-label';

/** What the probes of a member say of it. */
export type Found = Omit<Evaluation, 'configId' | 'loadCurve' | 'simulations' | 'uncalibrated'>;

function outcomesOf(context: PlanContext, { metrics }: Probe): TargetOutcome[] {
  return context.targets.map((target) => {
    const valueMs = quantileOf(metrics, target);
    // No value at all (one-token outputs have no gaps): nothing misses the target.
    if (Number.isNaN(valueMs)) return { target, valueMs, met: true, slack: 1 };
    return {
      target,
      valueMs,
      met: valueMs <= target.limitMs,
      slack: (target.limitMs - valueMs) / target.limitMs,
    };
  });
}

export function infeasible(context: PlanContext, probe: Probe): Found {
  const { failedOn, rateQps } = probe.point;
  const targets = outcomesOf(context, probe);
  const missed = targets.find((t) => t.target === failedOn);
  const refused = probe.metrics.requests.rejected;
  const cause =
    missed === undefined
      ? 'requests pile up'
      : `${targetLabel(missed.target)} is ${describeMs(missed.valueMs)} against a target of ${describeMs(missed.target.limitMs)}`;
  const refusals =
    refused > 0
      ? `; ${refused} of ${probe.metrics.requests.arrived} requests are longer than it accepts`
      : '';
  return {
    status: 'INFEASIBLE',
    reason: `even at ${round(rateQps)} QPS, the lowest rate, ${cause}${refusals}`,
    maxQps: null,
    samplingInterval: null,
    binding: failedOn,
    targets,
    metrics: probe.metrics,
  };
}

export function saturatedAtLowest(lowestQps: number, saturationQps: number): Found {
  const reason =
    saturationQps > 0
      ? `saturates at ${round(saturationQps)} QPS, below the lowest rate of ${round(lowestQps)} QPS: the queue grows without end`
      : 'can serve none of the requests: each is longer than it accepts';
  return {
    status: 'INFEASIBLE',
    reason,
    maxQps: null,
    samplingInterval: null,
    binding: 'queue',
    targets: [],
    metrics: null,
  };
}

export function capped(context: PlanContext, probe: Probe): Found {
  const qps = probe.point.rateQps;
  return {
    status: 'CAPPED',
    reason: `still meets every target at ${round(qps)} QPS, the end of the range: its maximum is higher`,
    maxQps: qps,
    samplingInterval: [qps, qps],
    binding: null,
    targets: outcomesOf(context, probe),
    metrics: probe.metrics,
  };
}

/** The load curve just below a member's maximum. */
export interface Curve {
  readonly binding: Target | 'queue' | null;
  /** Rise of the share of values over the binding target's limit, per unit of ln(rate); null: not known. */
  readonly slope: number | null;
}

export const UNKNOWN_CURVE: Curve = { binding: null, slope: null };

export function feasible(input: {
  context: PlanContext;
  /** At the best rate. */
  probe: Probe;
  /** The lowest rate that failed. */
  nextQps: number;
  curve: Curve;
  saturation: Saturation;
}): Found {
  const { context, probe, nextQps, curve, saturation } = input;
  const maxQps = probe.point.rateQps;
  // Service times vary from sample to sample as they do at saturation, whatever the binding target.
  const serviceError = saturation.standardError / saturation.qps;
  const half = Z90 * Math.max(serviceError, rateErrorOf(context, probe, curve));
  const spread = Math.min(half, MAX_HALF_WIDTH);
  return {
    status: 'FEASIBLE',
    reason: null,
    maxQps,
    samplingInterval: [maxQps * Math.exp(-spread), nextQps * Math.exp(spread)],
    binding: curve.binding,
    targets: outcomesOf(context, probe),
    metrics: probe.metrics,
  };
}

// Two-sided 90%. Half widths are relative; beyond this one the load curve is too flat to say more.
const Z90 = 1.645;
const MAX_HALF_WIDTH = 0.5;

/**
 * Relative standard error of the rate at which the binding target is just met. The share of values over the limit is
 * known at the best rate with the error that its spread over the window shows; dividing by how fast that share rises
 * with the rate turns it into an error of the rate. 0 where the share does not rise: the target gives way at once, as
 * at saturation.
 */
function rateErrorOf(context: PlanContext, probe: Probe, { binding, slope }: Curve): number {
  if (binding === null || binding === 'queue') return 0;
  if (slope === null) return MAX_HALF_WIDTH;
  return slope > 0 ? probe.exceedance[context.targets.indexOf(binding)]!.standardError / slope : 0;
}

const round = (qps: number): string => String(Number(qps.toPrecision(3)));

const describeMs = (ms: number): string =>
  !Number.isFinite(ms)
    ? 'never reached'
    : ms >= 1000
      ? `${Number((ms / 1000).toPrecision(3))} s`
      : `${Number(ms.toPrecision(3))} ms`;
