import type { CandidateResult, PlanResult } from '../search/result';
import { latencyIntervals } from '../uncertainty/latency-intervals';
import type { LatencyMetric } from '../uncertainty/with-time-error';
import { measuredAtQps } from './candidates';
import { significant } from './format-number';
import type * as Json from './report-json-types';
import { targetOutcomeJson } from './target-json';

/** How sure the figures of a candidate are, and what they would be without its calibration. Null: nothing was simulated. */
export function uncertaintyJson(candidate: CandidateResult, result: PlanResult): Json.UncertaintyJson | null {
  const { timeError, samplingInterval, uncalibrated } = candidate;
  if (timeError === null) return null;
  return {
    max_qps_sampling_interval: pair(samplingInterval),
    step_time_ratio: pair([timeError.lowRatio, timeError.highRatio])!,
    latency_intervals_ms: intervalsJson(candidate, measuredAtQps(candidate, result)),
    calibration: candidate.calibrationId,
    uncalibrated: uncalibrated && {
      status: uncalibrated.status,
      max_qps: significant(uncalibrated.maxQps, 5),
      targets: uncalibrated.targets.map(targetOutcomeJson),
    },
  };
}

function intervalsJson(candidate: CandidateResult, rateQps: number | null): Json.LatencyIntervalsJson | null {
  const intervals = latencyIntervals(candidate, rateQps);
  if (intervals === null) return null;
  const of = (metric: LatencyMetric): Json.LatencyIntervalJson => {
    const [p50, p95, p99] = intervals.filter((i) => i.metric === metric).map((i) => pair(i.interval));
    return { p50: p50!, p95: p95!, p99: p99! };
  };
  return { ttft_ms: of('ttftMs'), tbt_ms: of('tbtMs'), tpot_ms: of('tpotMs'), e2e_ms: of('e2eMs') };
}

const pair = (interval: readonly [number, number] | null): readonly [number | null, number | null] | null =>
  interval && [significant(interval[0], 5), significant(interval[1], 5)];
