import { z } from 'zod';
import type { CalibrationJson } from '../core/calibration/calibration-json';
import { OBSERVED_METRICS } from '../core/calibration/evidence';
import { ENGINE_VERSION } from '../core/engine/version';
import { checkShape, within } from './check-shape';
import { refuse, show } from './fault';
import { readText } from './read-file';
import { parseJson } from './read-json';
import { flag, mapping, number, oneOf, text, whole } from './schema-kit';

const count = () => whole({ min: 0, max: Number.MAX_SAFE_INTEGER });
const LARGE = 1e9;
const errors = () =>
  z.array(
    mapping({
      metric: oneOf(OBSERVED_METRICS),
      observations: count(),
      median_absolute_error: number({ min: 0, max: LARGE }),
      error_of_mean: number({ min: -1, max: LARGE }),
    }),
    { error: 'a list of errors by metric' },
  );
const ms = () => number({ min: 0, max: LARGE });
const factor = () => number({ above: 0, max: LARGE });
const parameters = mapping({
  step_ms: ms(),
  request_ms: ms(),
  dense_factor: factor(),
  prefill_attention_factor: factor(),
  decode_attention_factor: factor(),
});

const calibrationSchema = mapping({
  kind: oneOf(['simfaasinfer-calibration']),
  model: text('the id of a model'),
  gpu_type: text('the id of a GPU'),
  tensor_parallel: whole({ min: 1, max: 64 }),
  engine: text('the serving engine and its version'),
  simulator_version: text('a version of the simulation'),
  profile: text('a profile'),
  applied: flag(),
  verdict: text('a sentence'),
  parameters,
  fitted: z.array(
    mapping({
      name: parameters.keyof(),
      value: ms(),
      uncalibrated: ms(),
      std: ms(),
      identified: flag(),
    }),
    { error: 'a list of parameters' },
  ),
  held_out: flag(),
  fitted_on: count(),
  held_out_observations: count(),
  outlier_share: number({ min: 0, max: 1 }),
  unpredicted_observations: count(),
  error_before: errors(),
  error_after: errors(),
  telemetry: z.array(mapping({ name: text('a name'), samples: count() }), { error: 'a list of telemetry' }),
});

/** A calibration as `calibrate --output` wrote it. Throws an `InputError`, also for one of another simulation. */
export function loadCalibration(path: string): CalibrationJson {
  const where = { source: path, path: '' };
  const value = parseJson(path, readText(path, 'the path of a calibration (calibrate --output)', where));
  const calibration: CalibrationJson = checkShape(calibrationSchema, value, within(path));
  if (calibration.simulator_version === ENGINE_VERSION) return calibration;
  return refuse(
    { source: path, path: 'simulator_version' },
    {
      found: show(calibration.simulator_version),
      allowed: `${ENGINE_VERSION}, that of this simulation`,
      hint: 'calibrate again: with another simulation the parameters mean something else',
    },
  );
}
