import type { ActiveCalibration } from '../../src/core/calibration/active-calibration';
import {
  calibratedError,
  nativeError,
  residualError,
  scaledError,
} from '../../src/core/uncertainty/profile-error';
import { errorOfStd, NATIVE_ERROR, type TimeError } from '../../src/core/uncertainty/time-error';
import { gpuById } from '../support/random-profile';

const shard = (gpuId: string, tensorParallel: number) => ({ gpu: gpuById(gpuId), tensorParallel });
const contains = (outer: TimeError, inner: TimeError) =>
  outer.lowRatio < inner.lowRatio && outer.highRatio > inner.highRatio;

const residual = residualError({ prefill: 0.01, decode: 0.03 });
const calibration: ActiveCalibration = {
  name: 'calibration.json',
  id: 'calibration.json',
  gpuId: 'h100-sxm',
  tensorParallel: 1,
  engineVersion: 'vllm 0.19.0',
  profileId: 'h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16',
  parameters: {
    stepMs: 1,
    requestMs: 6,
    denseFactor: 1,
    prefillAttentionFactor: 1,
    decodeAttentionFactor: 1,
  },
  verified: true,
  errorAfter: 0.01,
  uncalibratedRatio: 0.7,
};

test('of prefill and decode the worse counts', () => {
  expect(residual).toEqual(errorOfStd(0.03));
});

test('a profile too small to judge counts as worse than one that was judged', () => {
  const small = residualError({ prefill: null, decode: 0.01 });
  expect(contains(small, residual)).toBe(true);
  expect(residualError({ prefill: null, decode: null })).toEqual(small);
});

test('residual, then native, then scaled: each is wider', () => {
  const native = nativeError(residual);
  const scaled = scaledError(residual, shard('a100-80gb', 1), shard('h100-sxm', 2));
  expect(contains(native, residual)).toBe(true);
  expect(contains(native, NATIVE_ERROR)).toBe(true);
  expect(contains(scaled, native)).toBe(true);
});

test('a verified calibration narrows, down to the residual of the profile', () => {
  const calibrated = calibratedError(residual, calibration);
  expect(contains(nativeError(residual), calibrated)).toBe(true);
  expect(contains(calibrated, residual)).toBe(true);
});

test('an unverified one is wider than none and reaches the uncalibrated times, whichever way it went', () => {
  const faster = calibratedError(residual, { ...calibration, verified: false });
  expect(contains(faster, nativeError(residual))).toBe(true);
  expect(faster.lowRatio).toBeLessThan(0.7);
  const slower = calibratedError(residual, { ...calibration, verified: false, uncalibratedRatio: 1.4 });
  expect(contains(slower, nativeError(residual))).toBe(true);
  expect(slower.highRatio).toBeGreaterThan(1.4);
});
