import type { Gpu } from '../catalog/gpu';
import type { Shard } from './scale-profile';

/** How far the true time may lie from a scaled one: factors of the prediction, with 90% probability between them. */
export interface RatioInterval {
  readonly lowRatio: number;
  readonly highRatio: number;
}

export interface TransferError {
  readonly decode: RatioInterval;
  readonly prefill: RatioInterval;
}

/**
 * Error of times scaled from one hardware to another, as measured on the library by `npm run accuracy`: the true total
 * time of a profile lies between `lowRatio` and `highRatio` times the prediction. Both are 1 where nothing is scaled.
 * Where GPU and degree change, the two errors are taken as independent.
 */
export function transferError(kind: { readonly from: Shard; readonly to: Shard }): TransferError {
  const errors = transferClassesOf(kind).map((name) => TRANSFER_ERRORS[name]);
  return {
    decode: combine(errors.map((error) => error.decode)),
    prefill: combine(errors.map((error) => error.prefill)),
  };
}

/**
 * What was changed: nothing, the degree, the GPU, or both (the GPU first).
 *
 * @public for scripts/accuracy
 */
export function transferClassesOf({
  from,
  to,
}: {
  readonly from: Shard;
  readonly to: Shard;
}): readonly TransferClass[] {
  const classes: TransferClass[] = [];
  if (from.gpu.id !== to.gpu.id)
    classes.push(hasFloat8(from.gpu) === hasFloat8(to.gpu) ? 'gpuSameGeneration' : 'gpuOtherGeneration');
  const degrees = to.tensorParallel / from.tensorParallel;
  if (degrees > 1) classes.push(degrees > 2 ? 'degreesUpFar' : 'degreesUp');
  if (degrees < 1) classes.push(degrees < 0.5 ? 'degreesDownFar' : 'degreesDown');
  return classes;
}

/** Ada, Hopper and later against what came before: the divide that scaling corrects for. */
const hasFloat8 = (gpu: Gpu): boolean => gpu.flops8PerS !== null;

function combine(intervals: readonly RatioInterval[]): RatioInterval {
  const logs = (ratio: (interval: RatioInterval) => number) =>
    Math.hypot(...intervals.map((interval) => Math.log(ratio(interval))));
  return {
    lowRatio: Math.exp(-logs((interval) => Math.min(1, interval.lowRatio))),
    highRatio: Math.exp(logs((interval) => Math.max(1, interval.highRatio))),
  };
}

/** Up or down by a factor of two, or further; another GPU of the same generation or of another. */
export type TransferClass =
  | 'degreesUp'
  | 'degreesUpFar'
  | 'degreesDown'
  | 'degreesDownFar'
  | 'gpuSameGeneration'
  | 'gpuOtherGeneration';

// Made by `npm run accuracy -- --transfer-table`; `npm run accuracy -- --check` compares.
const TRANSFER_ERRORS: Readonly<Record<TransferClass, TransferError>> = {
  degreesDown: {
    decode: { lowRatio: 0.547, highRatio: 1.117 },
    prefill: { lowRatio: 0.581, highRatio: 1.235 },
  },
  degreesDownFar: {
    decode: { lowRatio: 0.354, highRatio: 1.358 },
    prefill: { lowRatio: 0.171, highRatio: 1.151 },
  },
  degreesUp: {
    decode: { lowRatio: 0.943, highRatio: 1.476 },
    prefill: { lowRatio: 0.902, highRatio: 1.621 },
  },
  degreesUpFar: {
    decode: { lowRatio: 0.92, highRatio: 1.823 },
    prefill: { lowRatio: 0.909, highRatio: 1.722 },
  },
  gpuOtherGeneration: {
    decode: { lowRatio: 0.805, highRatio: 1.305 },
    prefill: { lowRatio: 0.62, highRatio: 1.268 },
  },
  gpuSameGeneration: {
    decode: { lowRatio: 0.844, highRatio: 1.521 },
    prefill: { lowRatio: 0.67, highRatio: 1.235 },
  },
};
