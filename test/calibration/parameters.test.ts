import fc from 'fast-check';
import { calibratedFit, uncalibrated } from '../../src/core/calibration/parameters';
import { evaluate, type Surface } from '../../src/core/profile/monotone-surface';
import { holds } from '../support/property';
import { randomFittedProfile } from '../support/random-profile';

const NONE = uncalibrated({ stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 });
const factor = fc.double({ min: 0.25, max: 4, noNaN: true });

test('factors of 1 change nothing, to the last bit', () => {
  holds(randomFittedProfile(), (fit) => expect(calibratedFit(fit, NONE)).toEqual(fit), 100);
});

test('whatever the factors, times are positive and never fall along an axis', () => {
  const parameters = fc.record({
    stepMs: fc.constant(0),
    requestMs: fc.constant(0),
    denseFactor: factor,
    prefillAttentionFactor: factor,
    decodeAttentionFactor: factor,
  });
  holds(
    fc.tuple(randomFittedProfile(), parameters),
    ([fit, p]) => {
      const { prefill, decode, decodeAttention } = calibratedFit(fit, p);
      for (const surface of [prefill, decode, decodeAttention]) expectMonotone(surface);
    },
    200,
  );
});

test('the dense factor scales what is not attention', () => {
  holds(
    fc.tuple(randomFittedProfile(), factor),
    ([fit, denseFactor]) => {
      const scaled = calibratedFit(fit, { ...NONE, denseFactor });
      const tokens = fit.prefill.xs[0]!;
      expect(evaluate(scaled.prefill, tokens, 0)).toBeCloseTo(
        evaluate(fit.prefill, tokens, 0) * denseFactor,
        6,
      );
    },
    100,
  );
});

function expectMonotone({ xs, ys, values }: Surface): void {
  for (let i = 0; i < xs.length; i++) {
    for (let j = 0; j < ys.length; j++) {
      const value = values[i * ys.length + j]!;
      expect(value).toBeGreaterThanOrEqual(0);
      if (i > 0) expect(value).toBeGreaterThanOrEqual(values[(i - 1) * ys.length + j]!);
      if (j > 0) expect(value).toBeGreaterThanOrEqual(values[i * ys.length + j - 1]!);
    }
  }
}
