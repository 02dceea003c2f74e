import type { CandidateResult, PlanResult } from '../search/result';
import { type LatencyMetric, latencyInterval } from '../uncertainty/with-time-error';
import { measuredAtQps } from './candidates';
import { significant } from './format-number';
import type * as Json from './report-json-types';
import { targetOutcomeJson } from './target-json';

const QUANTILES = ['p50', 'p95', 'p99'] as const;

/** How sure the figures of a candidate are, and what they would be without its calibration. Null: nothing was simulated. */
export function uncertaintyJson(candidate: CandidateResult, result: PlanResult): Json.UncertaintyJson | null {
  const { timeError, samplingInterval, uncalibrated } = candidate;
  if (timeError === null) return null;
  return {
    max_qps_sampling_interval: pair(samplingInterval),
    step_time_ratio: pair([timeError.lowRatio, timeError.highRatio])!,
    latency_intervals_ms: latencyIntervals(candidate, measuredAtQps(candidate, result)),
    calibration: candidate.calibrationId,
    uncalibrated: uncalibrated && {
      status: uncalibrated.status,
      max_qps: significant(uncalibrated.maxQps, 5),
      targets: uncalibrated.targets.map(targetOutcomeJson),
    },
  };
}

function latencyIntervals(
  { timeError, samplingInterval, maxQps, loadCurve }: CandidateResult,
  rateQps: number | null,
): Json.LatencyIntervalsJson | null {
  if (timeError === null || rateQps === null || loadCurve.length === 0) return null;
  const sampling =
    samplingInterval === null || maxQps === null
      ? ([rateQps, rateQps] as const)
      : ([(rateQps * samplingInterval[0]) / maxQps, (rateQps * samplingInterval[1]) / maxQps] as const);
  const of = (metric: LatencyMetric): Json.LatencyIntervalJson => {
    const [p50, p95, p99] = QUANTILES.map((quantile) =>
      pair(latencyInterval(loadCurve, { rateQps, sampling, timeError, metric, quantile })),
    );
    return { p50: p50!, p95: p95!, p99: p99! };
  };
  return { ttft_ms: of('ttftMs'), tbt_ms: of('tbtMs'), tpot_ms: of('tpotMs'), e2e_ms: of('e2eMs') };
}

const pair = (interval: readonly [number, number] | null): readonly [number | null, number | null] | null =>
  interval && [significant(interval[0], 5), significant(interval[1], 5)];
