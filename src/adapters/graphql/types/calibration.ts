import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { ID, Int } from 'type-graphql';
import type { TelemetryKind as TelemetryKindValue } from '../../../app/ports/records';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { TelemetryKind } from './profile-enums';

@objectType('TelemetrySet', 'Samples of a production server, to calibrate the time model with.')
class TelemetrySet {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Its name.')
  readonly name!: string;
  @field(() => TelemetryKind, 'What the samples are.')
  readonly kind!: TelemetryKindValue;
  @field(() => ID, 'Catalogue id of the model served.')
  readonly modelId!: string;
  @field(() => ID, 'Catalogue id of the GPU it was served on.')
  readonly gpuId!: string;
  @field(() => Int, 'Tensor-parallel degree it was served with.')
  readonly tensorParallel!: number;
  @optional(() => String, 'Version of the serving engine; null: not told.')
  readonly engineVersion!: string | null;
  @field(() => Int, 'Samples.')
  readonly sampleCount!: number;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
}

export const TelemetrySetConnection = connectionOf(TelemetrySet, 'TelemetrySet', 'telemetry sets');

@objectType(
  'Calibration',
  'A correction of the time model, fitted on telemetry, with its error on held-out samples.',
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
  @field(() => String, 'Version of the simulation engine it was fitted with.')
  readonly engineVersion!: string;
  @field(() => Int, 'Version, from 1.')
  readonly version!: number;
  @field(() => GraphQLJSONObject, 'The parameters fitted, by name.')
  readonly parameters!: Readonly<Record<string, number>>;
  @field(() => GraphQLJSONObject, 'Error on held-out samples without the correction, by measure.')
  readonly errorBefore!: Readonly<Record<string, number>>;
  @field(() => GraphQLJSONObject, 'Error on held-out samples with the correction, by measure.')
  readonly errorAfter!: Readonly<Record<string, number>>;
  @field(() => Boolean, 'Whether plans use it: false where it does not help on held-out samples.')
  readonly applied!: boolean;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
}

export const CalibrationConnection = connectionOf(Calibration, 'Calibration', 'calibrations');
