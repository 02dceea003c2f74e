import { medianOf } from '../telemetry/quantile';
import type { ActiveCalibration } from './active-calibration';
import type { Calibration, MetricError } from './calibrate';
import type { CalibrationParameters } from './parameters';

/** A calibration as it is written to a file and read back. */
export interface CalibrationJson {
  readonly kind: 'simfaasinfer-calibration';
  readonly model: string;
  readonly gpu_type: string;
  readonly tensor_parallel: number;
  /** The serving engine the telemetry is of. */
  readonly engine: string;
  /** Version of the simulation that it was fitted with. */
  readonly simulator_version: string;
  readonly profile: string;
  readonly applied: boolean;
  readonly verdict: string;
  readonly parameters: ParametersJson;
  readonly fitted: readonly {
    readonly name: keyof ParametersJson;
    readonly value: number;
    readonly uncalibrated: number;
    readonly std: number;
    readonly identified: boolean;
  }[];
  readonly held_out: boolean;
  readonly fitted_on: number;
  readonly held_out_observations: number;
  readonly outlier_share: number;
  /** Observations of requests that the deployment as described would refuse: left out. */
  readonly unpredicted_observations: number;
  readonly error_before: readonly MetricErrorJson[];
  readonly error_after: readonly MetricErrorJson[];
  readonly telemetry: readonly { readonly name: string; readonly samples: number }[];
}

export interface ParametersJson {
  readonly step_ms: number;
  readonly request_ms: number;
  readonly dense_factor: number;
  readonly prefill_attention_factor: number;
  readonly decode_attention_factor: number;
}

export interface MetricErrorJson {
  readonly metric: string;
  readonly observations: number;
  readonly median_absolute_error: number;
  readonly error_of_mean: number;
}

/** A calibration, and what it belongs to. */
export interface CalibrationSubject {
  readonly modelId: string;
  readonly gpuId: string;
  readonly tensorParallel: number;
  /** Of the serving engine, as the telemetry names it. */
  readonly engineVersion: string;
  /** The profile whose times it corrects. */
  readonly profileId: string;
  readonly calibration: Calibration;
  readonly telemetry: readonly { readonly name: string; readonly samples: number }[];
}

export function calibrationJson(of: CalibrationSubject, simulatorVersion: string): CalibrationJson {
  const { calibration } = of;
  return {
    kind: 'simfaasinfer-calibration',
    model: of.modelId,
    gpu_type: of.gpuId,
    tensor_parallel: of.tensorParallel,
    engine: of.engineVersion,
    simulator_version: simulatorVersion,
    profile: of.profileId,
    applied: calibration.applied,
    verdict: calibration.verdict,
    parameters: parametersJson(calibration.parameters),
    fitted: calibration.fitted.map((f) => ({
      name: JSON_NAMES[f.name],
      value: round(f.value),
      uncalibrated: round(f.uncalibrated),
      std: round(f.std),
      identified: f.identified,
    })),
    held_out: calibration.heldOut,
    fitted_on: calibration.fittedOn,
    held_out_observations: calibration.heldOutCount,
    outlier_share: round(calibration.outlierShare),
    unpredicted_observations: calibration.unpredicted,
    error_before: calibration.errorBefore.map(errorJson),
    error_after: calibration.errorAfter.map(errorJson),
    telemetry: of.telemetry,
  };
}

/**
 * What a plan needs of it. `name` is its file or id; as every form of a report shows the `id`, one that is not verified
 * says so there.
 */
export function activeCalibration(json: CalibrationJson, name: string): ActiveCalibration {
  const p = json.parameters;
  return {
    name,
    id: json.held_out ? name : `${name} (not verified on held-out observations)`,
    gpuId: json.gpu_type,
    tensorParallel: json.tensor_parallel,
    engineVersion: json.engine,
    profileId: json.profile,
    parameters: {
      stepMs: p.step_ms,
      requestMs: p.request_ms,
      denseFactor: p.dense_factor,
      prefillAttentionFactor: p.prefill_attention_factor,
      decodeAttentionFactor: p.decode_attention_factor,
    },
    verified: json.held_out,
    errorAfter: meanError(json.error_after),
    uncalibratedRatio: uncalibratedRatio(json),
  };
}

const JSON_NAMES = {
  stepMs: 'step_ms',
  requestMs: 'request_ms',
  denseFactor: 'dense_factor',
  prefillAttentionFactor: 'prefill_attention_factor',
  decodeAttentionFactor: 'decode_attention_factor',
} as const;

const parametersJson = (p: CalibrationParameters): ParametersJson => ({
  step_ms: round(p.stepMs),
  request_ms: round(p.requestMs),
  dense_factor: round(p.denseFactor),
  prefill_attention_factor: round(p.prefillAttentionFactor),
  decode_attention_factor: round(p.decodeAttentionFactor),
});

const errorJson = (e: MetricError): MetricErrorJson => ({
  metric: e.metric,
  observations: e.observations,
  median_absolute_error: round(e.medianAbsolute),
  error_of_mean: round(e.ofMean),
});

const meanError = (errors: readonly MetricErrorJson[]): number =>
  errors.reduce((sum, e) => sum + e.median_absolute_error, 0) / Math.max(1, errors.length);

/** Mean prediction without the calibration over that with it: the median over the metrics. */
function uncalibratedRatio({ error_before, error_after }: CalibrationJson): number {
  const ratios = error_after.map(
    (after, i) => (1 + error_before[i]!.error_of_mean) / (1 + after.error_of_mean),
  );
  return ratios.length === 0 ? 1 : medianOf(ratios);
}

/** Six significant digits: more than telemetry can tell. */
const round = (value: number): number => Number(value.toPrecision(6));
