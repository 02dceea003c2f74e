import type { MetricComparison, PredictedVsObserved } from './predicted-vs-observed';

export interface Drift {
  /** The predictions do not hold any more: what was seen is outside what they allow for. */
  readonly alarm: boolean;
  /** What was found, and what to do. */
  readonly sentence: string;
}

/** Compares what was seen with what the predictions allow for. `predictions`: what they are called in a sentence. */
export function driftOf({ metrics }: PredictedVsObserved, predictions: string): Drift {
  if (metrics.length === 0)
    return { alarm: false, sentence: 'Nothing can be compared: no request or step could be predicted.' };
  const outside = metrics.filter((metric) => metric.outside);
  if (outside.length === 0)
    return { alarm: false, sentence: `What was seen is within what ${predictions} allows for.` };
  const told = outside.map(({ metric, ratio, expected: [low, high] }) => {
    const expected = `expected ${changeText(low)} to ${changeText(high)}`;
    return `${METRIC_NAMES[metric]} ${changeText(ratio)} (${expected})`;
  });
  return {
    alarm: true,
    sentence: `Seen against ${predictions}: ${told.join(', ')}. Check that the deployment is as described, then calibrate with this telemetry.`,
  };
}

/** The comparison for a reader at a terminal. */
export function observationText(observed: PredictedVsObserved, predictions: string): string {
  const { alarm, sentence } = driftOf(observed, predictions);
  const lines = [
    `Observed against ${predictions}`,
    '',
    `  ${'Latency'.padEnd(13)}${'seen'.padEnd(9)}${'median error'.padEnd(15)}${'uncalibrated'.padEnd(15)}${'seen ÷ predicted'.padEnd(19)}expected`,
    ...observed.metrics.map(rowOf),
    '',
    alarm ? `DRIFT: ${sentence}` : sentence,
  ];
  if (observed.unpredicted > 0) {
    lines.push(
      `${observed.unpredicted} observations are of requests that this deployment would refuse (max_model_len, KV cache): not compared.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const rowOf = (m: MetricComparison): string =>
  `  ${METRIC_NAMES[m.metric].padEnd(13)}${String(m.observations).padEnd(9)}${percent(m.medianAbsolute).padEnd(15)}` +
  `${percent(m.medianAbsoluteUncalibrated).padEnd(15)}${changeText(m.ratio).padEnd(19)}` +
  `${changeText(m.expected[0])} to ${changeText(m.expected[1])}${m.outside ? '  outside' : ''}`;

const METRIC_NAMES = { ttft: 'TTFT', tpot: 'TPOT', e2e: 'e2e latency', iteration: 'step time' } as const;

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const changeText = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${percent(ratio - 1)}`;
