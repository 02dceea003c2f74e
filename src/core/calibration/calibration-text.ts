import type { CalibrationJson } from './calibration-json';

/** The calibration for a reader at a terminal. */
export function calibrationText(c: CalibrationJson): string {
  const lines = [
    `Calibration of ${c.model} on ${c.gpu_type}, tensor-parallel ${c.tensor_parallel}, ${c.engine}`,
    `  profile ${c.profile}`,
    `  ${c.verdict}`,
    '',
    '  Error, median (of the mean)    before            after',
    ...c.error_after.map((after, i) => {
      const before = c.error_before[i]!;
      return `  ${after.metric.padEnd(30)} ${errorText(before).padEnd(17)} ${errorText(after)}`;
    }),
    '',
    '  Parameter                      fitted    was       known',
    ...c.fitted.map(
      (p) =>
        `  ${p.name.padEnd(30)} ${p.value.toFixed(3).padEnd(9)} ${p.uncalibrated.toFixed(3).padEnd(9)} ` +
        (p.identified ? `± ${p.std.toFixed(3)}` : `little: ${UNKNOWN[p.name]}`),
    ),
  ];
  if (c.outlier_share > 0)
    lines.push(
      '',
      `  ${(100 * c.outlier_share).toFixed(1)}% of the observations were too far off to have a say.`,
    );
  if (c.unpredicted_observations > 0) {
    lines.push(
      '',
      `  ${c.unpredicted_observations} observations are of requests that this deployment would refuse (max_model_len, KV cache): left out.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Why a parameter may stay near what it was. */
const UNKNOWN = {
  step_ms: 'batches and lengths vary too little to tell it from the rest of a step',
  request_ms: 'TTFT is dominated by other things, or was not recorded',
  dense_factor: 'too few observations',
  prefill_attention_factor: 'no long prompts seen, it stays near its prior',
  decode_attention_factor: 'no long contexts seen, it stays near its prior',
} as const;

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const errorText = (e: { median_absolute_error: number; error_of_mean: number }): string =>
  `${percent(e.median_absolute_error)} (${e.error_of_mean >= 0 ? '+' : ''}${percent(e.error_of_mean)})`;
