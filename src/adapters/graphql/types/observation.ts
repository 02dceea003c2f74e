import { Float, Int } from 'type-graphql';
import type { ObservedMetric as Metric } from '../../../core/calibration/evidence';
import { Calibration, TelemetrySet } from './calibration';
import { CalibratedMetric } from './calibration-enums';
import { field, objectType, optional } from './described';

@objectType('ObservedMetric', 'One latency of telemetry beside its predictions.')
export class ObservedMetric {
  @field(() => CalibratedMetric, 'Which latency.')
  readonly metric!: Metric;
  @field(() => Int, 'Observations.')
  readonly observations!: number;
  @field(() => Float, 'Median of |predicted ÷ observed − 1|.')
  readonly medianAbsoluteError!: number;
  @field(() => Float, 'The same without the calibration.')
  readonly uncalibratedMedianAbsoluteError!: number;
  @field(() => Float, 'Median of observed ÷ predicted: above 1, what was seen is slower.')
  readonly ratio!: number;
  @field(() => Float, 'Lower end of the 90% interval that the predictions allow the ratio.')
  readonly expectedLow!: number;
  @field(() => Float, 'Upper end of it.')
  readonly expectedHigh!: number;
  @field(() => Boolean, 'Whether the ratio is outside.')
  readonly outside!: boolean;
}

@objectType('ObservedPoint', 'One observation beside its prediction.')
export class ObservedPoint {
  @field(() => CalibratedMetric, 'Which latency.')
  readonly metric!: Metric;
  @field(() => Float, 'Place in the telemetry, from 0 to below 1.')
  readonly position!: number;
  @field(() => Float, 'As seen, ms.')
  readonly observedMs!: number;
  @field(() => Float, 'As predicted, with the calibration where there is one, ms.')
  readonly predictedMs!: number;
  @field(() => Float, 'As predicted without it, ms.')
  readonly uncalibratedMs!: number;
}

@objectType('Drift', 'Whether predictions still hold for what was seen.')
export class Drift {
  @field(() => Boolean, 'What was seen is outside of what the predictions allow for.')
  readonly alarm!: boolean;
  @field(() => String, 'What was found, and what to do.')
  readonly sentence!: string;
}

@objectType('PredictedVsObserved', 'Telemetry beside what a plan would say of the same requests.')
export class PredictedVsObserved {
  @field(() => TelemetrySet, 'The telemetry.')
  readonly telemetrySet!: TelemetrySet;
  @optional(() => Calibration, 'What corrected the predictions; null: nothing did.')
  readonly calibration!: Calibration | null;
  @field(() => [ObservedMetric], 'By latency.')
  readonly metrics!: readonly ObservedMetric[];
  @field(() => Drift, 'Whether the predictions still hold.')
  readonly drift!: Drift;
  @field(() => Int, 'Observations that could be predicted.')
  readonly pointCount!: number;
  @field(() => Int, 'Observations of requests that the deployment as described would refuse: not compared.')
  readonly unpredictedObservations!: number;
}
