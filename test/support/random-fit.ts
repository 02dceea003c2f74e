import fc from 'fast-check';
import type { FittedProfile } from '../../src/core/profile/fit-profile';
import type { Surface } from '../../src/core/profile/monotone-surface';

/**
 * Any fitted profile the event loop may meet: monotone surfaces with few and many nodes, steep and flat pieces.
 * Values are integers divided by 7, so that ends of steps do not fall on arrivals by accident.
 */
export function randomFit(): fc.Arbitrary<FittedProfile> {
  const decodeAxes = fc.record({ xs: axis(40), ys: axis(3000) });
  return fc
    .record({
      prefill: surface(fc.record({ xs: axis(700), ys: axis(60_000) }), { perX: 0.05, perY: 1e-4 }),
      decode: surface(decodeAxes, { perX: 0.3, perY: 0.01 }),
      attention: surface(decodeAxes, { perX: 0.1, perY: 0.01 }),
      prefillTokens: fc.integer({ min: 1, max: 700 }),
      contextPerSequence: fc.integer({ min: 1, max: 400 }),
    })
    .map(({ prefill, decode, attention, prefillTokens, contextPerSequence }) => ({
      prefill,
      decode,
      decodeAttention: attention,
      measured: { prefillTokens, prefillWork: prefillTokens ** 2 / 2, batch: 8, contextPerSequence },
    }));
}

const axis = (max: number): fc.Arbitrary<Float64Array> =>
  fc
    .uniqueArray(fc.integer({ min: 1, max }), { minLength: 0, maxLength: 6 })
    .map((inner) => Float64Array.from([0, ...inner]).sort());

function surface(
  axes: fc.Arbitrary<{ xs: Float64Array; ys: Float64Array }>,
  most: { perX: number; perY: number },
): fc.Arbitrary<Surface> {
  return fc
    .record({
      axes,
      first: fc.integer({ min: 1, max: 100 }),
      rises: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 49, maxLength: 49 }),
      slopeX: fc.integer({ min: 1, max: 50 }),
      slopeY: fc.integer({ min: 1, max: 50 }),
    })
    .map(({ axes: { xs, ys }, first, rises, slopeX, slopeY }) => {
      const values = new Float64Array(xs.length * ys.length);
      for (let i = 0; i < xs.length; i++) {
        for (let j = 0; j < ys.length; j++) {
          const at = i * ys.length + j;
          const left = i > 0 ? values[at - ys.length]! : first / 7;
          const below = j > 0 ? values[at - 1]! : first / 7;
          values[at] = Math.max(left, below) + rises[at]! / 21;
        }
      }
      return { xs, ys, values, slopeX: (slopeX / 50) * most.perX, slopeY: (slopeY / 50) * most.perY };
    });
}
