import { GraphQLDateTime } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import type { TelemetryKind as TelemetryKindValue } from '../../../app/ports/records';
import type { ObservedMetric as Metric } from '../../../core/calibration/evidence';
import type { ParameterName as Name } from '../../../core/calibration/parameters';
import type { TelemetryCode as Code } from '../../../core/telemetry/findings';
import type { TelemetrySeverity } from '../../../core/telemetry/telemetry';
import { CalibratedMetric, CalibrationParameterName, TelemetryCode } from './calibration-enums';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { LintSeverity, TelemetryKind } from './profile-enums';
import { SafeInt } from './scalars';

@objectType('TelemetryFinding', 'Something about telemetry that a person should know before trusting it.')
export class TelemetryFinding {
  @field(() => TelemetryCode, 'What it is about.')
  readonly code!: Code;
  @field(() => LintSeverity, 'How much it matters.')
  readonly severity!: TelemetrySeverity;
  @field(() => String, 'What was found, with the numbers.')
  readonly message!: string;
  @field(() => [Int], 'Rows it was found in, from 1; the first 20 of them.')
  readonly rows!: readonly number[];
  @field(() => Int, 'How many rows it was found in.')
  readonly rowCount!: number;
  @field(() => Boolean, 'Whether these rows are left out.')
  readonly excluded!: boolean;
  @field(() => String, 'What to do about it.')
  readonly whatToDo!: string;
}

@objectType('TelemetrySet', 'Samples of a production server, to calibrate the time model with.')
export class TelemetrySet {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Its name.')
  readonly name!: string;
  @field(() => TelemetryKind, 'What the samples mainly are.')
  readonly kind!: TelemetryKindValue;
  @field(() => ID, 'Catalogue id of the model served.')
  readonly modelId!: string;
  @field(() => ID, 'Catalogue id of the GPU it was served on.')
  readonly gpuId!: string;
  @field(() => Int, 'Tensor-parallel degree it was served with.')
  readonly tensorParallel!: number;
  @optional(() => String, 'The engine that served, and its version.')
  readonly engineVersion!: string | null;
  @field(() => Int, 'Requests, steps, and requests that sums are over.')
  readonly sampleCount!: number;
  @field(() => [TelemetryFinding], 'What the lint found.')
  readonly findings!: readonly TelemetryFinding[];
  @field(() => [String], 'What was taken as given, one sentence each.')
  readonly notes!: readonly string[];
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was taken out of lists; null: it is in them.')
  readonly archivedAt!: Date | null;
}

export const TelemetrySetConnection = connectionOf(TelemetrySet, 'TelemetrySet', 'telemetry sets');

@objectType('CalibrationParameters', 'What a calibration corrects of the time model.')
export class CalibrationParameters {
  @field(() => Float, 'Overhead of every engine step, ms; replaces the one assumed.')
  readonly stepMs!: number;
  @field(() => Float, 'Work of the API server for one request, ms; replaces the one assumed.')
  readonly requestMs!: number;
  @field(() => Float, 'Factor on the time of everything but attention.')
  readonly denseFactor!: number;
  @field(() => Float, 'Factor on the attention time of prefills.')
  readonly prefillAttentionFactor!: number;
  @field(() => Float, 'Factor on the attention time of decodes.')
  readonly decodeAttentionFactor!: number;
}

@objectType('FittedParameter', 'One parameter, and how well the telemetry knows it.')
export class FittedParameter {
  @field(() => CalibrationParameterName, 'Which one.')
  readonly name!: Name;
  @field(() => Float, 'As fitted: ms, or a factor.')
  readonly value!: number;
  @field(() => Float, 'As it would be without the calibration.')
  readonly uncalibrated!: number;
  @field(() => Float, 'One standard deviation either way.')
  readonly std!: number;
  @field(() => Boolean, 'False: the telemetry says no more of it than was believed before.')
  readonly identified!: boolean;
}

@objectType('MetricError', 'How far predictions of one latency are from what was observed.')
export class MetricError {
  @field(() => CalibratedMetric, 'Which latency.')
  readonly metric!: Metric;
  @field(() => Int, 'Observations.')
  readonly observations!: number;
  @field(() => Float, 'Median of |predicted ÷ observed − 1|.')
  readonly medianAbsoluteError!: number;
  @field(() => Float, 'Mean prediction ÷ mean observation − 1.')
  readonly errorOfMean!: number;
}

@objectType(
  'Calibration',
  'A correction of the time model, fitted on telemetry, with its error on held-out samples. Never changes: another fit is another version.',
)
export class Calibration {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => ID, 'Catalogue id of the model.')
  readonly modelId!: string;
  @field(() => ID, 'Catalogue id of the GPU.')
  readonly gpuId!: string;
  @field(() => Int, 'Tensor-parallel degree.')
  readonly tensorParallel!: number;
  @field(() => String, 'The engine that served, and its version.')
  readonly servingEngine!: string;
  @field(() => Int, 'Version, from 1, for its model, GPU, degree and serving engine.')
  readonly version!: number;
  @field(() => String, 'Version of the simulation engine it was fitted with; plans of another do not use it.')
  readonly engineVersion!: string;
  @field(() => Boolean, 'Whether it helps on held-out samples; plans use no other.')
  readonly applied!: boolean;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
  @optional(() => GraphQLDateTime, 'When it was set aside, so that plans no longer use it; null: it was not.')
  readonly archivedAt!: Date | null;
}

export const CalibrationConnection = connectionOf(Calibration, 'Calibration', 'calibrations');

@objectType('CalibrationResult', 'What a fit found.')
export class CalibrationResult {
  @field(() => String, 'Whether it helps, with the errors, in one sentence.')
  readonly verdict!: string;
  @field(() => CalibrationParameters, 'The parameters.')
  readonly parameters!: CalibrationParameters;
  @field(() => [FittedParameter], 'The same with what is known of each.')
  readonly fitted!: readonly FittedParameter[];
  @field(
    () => [MetricError],
    'Without the correction, on held-out samples; on all where too few are held out.',
  )
  readonly errorBefore!: readonly MetricError[];
  @field(() => [MetricError], 'With the correction, on the same samples.')
  readonly errorAfter!: readonly MetricError[];
  @field(() => Boolean, 'Whether the errors are of samples that were not fitted on.')
  readonly heldOut!: boolean;
  @field(() => SafeInt, 'Observations fitted on.')
  readonly fittedOn!: number;
  @field(() => SafeInt, 'Observations held out.')
  readonly heldOutObservations!: number;
  @field(() => Float, 'Share of the observations that were too far off to have a say.')
  readonly outlierShare!: number;
  @field(
    () => SafeInt,
    'Observations of requests that the deployment as described would refuse: neither fitted on nor judged.',
  )
  readonly unpredictedObservations!: number;
}
