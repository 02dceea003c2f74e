import { type TelemetryCode as Code, TELEMETRY_CODES } from '../../../core/telemetry/findings';
import { enumOf } from './described';

export const CalibratedMetric = enumOf('CalibratedMetric', 'What predictions are compared in.', {
  TTFT: ['ttft', 'Time to first token.'],
  TPOT: ['tpot', 'Time per output token after the first.'],
  E2E: ['e2e', 'End-to-end latency.'],
  ITERATION: ['iteration', 'Time of one engine step.'],
});

export const CalibrationParameterName = enumOf('CalibrationParameterName', 'A parameter of the time model.', {
  STEP_MS: ['stepMs', 'Overhead of every engine step, ms.'],
  REQUEST_MS: ['requestMs', 'Work of the API server for one request, ms.'],
  DENSE_FACTOR: ['denseFactor', 'Factor on everything but attention.'],
  PREFILL_ATTENTION_FACTOR: ['prefillAttentionFactor', 'Factor on the attention of prefills.'],
  DECODE_ATTENTION_FACTOR: ['decodeAttentionFactor', 'Factor on the attention of decodes.'],
});

/** Meanings of the codes of the lint. */
const MEANINGS: Readonly<Record<Code, string>> = {
  EMPTY: 'There are no samples.',
  ONE_SAMPLE: 'One sample says nothing.',
  TOO_FEW: 'Too few samples to be sure of much.',
  NO_VARIATION: 'All samples are alike.',
  MIXED_DEPLOYMENT: 'Rows are of another deployment than the document says.',
  UNITS: 'Times look like seconds instead of milliseconds, or the like.',
  NO_LATENCY: 'No row has a latency.',
  FAILED: 'Requests that did not succeed.',
  INCOMPLETE: 'Rows without what is needed.',
  NOT_FINITE: 'Values that are no finite numbers.',
  NEGATIVE: 'Negative values.',
  ZERO: 'Zeros where there can be none.',
  IMPLAUSIBLE: 'Values no server has.',
  DUPLICATE: 'The same row more than once.',
  REPEATED_ID: 'One request id more than once.',
  OUT_OF_ORDER: 'Rows are not in order of arrival.',
  CLOCK_JUMP: 'The clock jumps.',
  CLOCK_SKEW: 'Times contradict one another.',
  TPOT_DEFINITION: 'The time per output token is not of the tokens after the first.',
  TPOT_DERIVED: 'The time per output token was worked out from the other times.',
  MOSTLY_FAULTY: 'Most rows had to be left out.',
  CLOSED_LOOP: 'Requests waited for one another, so that there is no arrival rate.',
  CONCURRENCY: 'The number in flight was limited.',
};

export const TelemetryCode = enumOf(
  'TelemetryCode',
  'What a finding on telemetry is about.',
  Object.fromEntries(TELEMETRY_CODES.map((code) => [code, [code, MEANINGS[code]] as const])),
);
