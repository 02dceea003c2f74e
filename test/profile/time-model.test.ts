import fc from 'fast-check';
import { fitProfile, physicsOf } from '../../src/core/profile/fit-profile';
import { IterationTimes } from '../../src/core/profile/iteration-times';
import { makeMonotone, type Point } from '../../src/core/profile/monotone-surface';
import { holds } from '../support/property';
import { type ProfileCase, randomProfile } from '../support/random-profile';

const RUNS = 120;
const PLAIN = { stageFraction: 1, stepMs: 0, sendMsPerToken: 0, sendMs: 0 };
const SECOND_STAGE = { stageFraction: 0.5, stepMs: 0.4, sendMsPerToken: 0.001, sendMs: 0.02 };

const fitOf = ({ profile, gpu, model }: ProfileCase) => fitProfile(profile, { gpu, model });
const timesOf = (c: ProfileCase) => new IterationTimes(fitOf(c), PLAIN);

function pointsOf({ profile }: ProfileCase): { prefill: Point[]; decode: Point[] } {
  const prefill = profile.prefill.map(({ promptTokens, batchSize, meanMs }) => ({
    x: promptTokens * batchSize,
    y: (promptTokens ** 2 * batchSize) / 2,
    value: meanMs,
  }));
  const decode = profile.decode.map((r) => ({
    x: r.batchSize,
    y: r.batchSize * r.contextTokens,
    value: r.meanMs,
  }));
  return { prefill, decode };
}

/** A batch anywhere from one token to far outside what was measured. */
const batches = fc.record({
  tokens: fc.integer({ min: 1, max: 10_000 }),
  meanLength: fc.integer({ min: 1, max: 10_000 }),
  decodes: fc.integer({ min: 1, max: 400 }),
  contextEach: fc.integer({ min: 1, max: 10_000 }),
});

/** Times are compared up to rounding. */
const atLeast = (more: number, less: number) => expect(more).toBeGreaterThanOrEqual(less * (1 - 1e-9));

test('passes through every measured point that no other contradicts', () => {
  let free = 0;
  holds(
    randomProfile(),
    (c) => {
      const before = free;
      const times = timesOf(c);
      const { prefill, decode } = pointsOf(c);
      for (const [i, p] of makeMonotone(prefill).entries()) {
        if (p.value !== prefill[i]!.value) continue;
        free++;
        expect(times.mixedMs(p.x, p.y, 0, 0) / p.value).toBeCloseTo(1, 9);
      }
      for (const [i, p] of makeMonotone(decode).entries()) {
        if (p.value !== decode[i]!.value) continue;
        free++;
        expect(times.decodeMs(p.x, p.y) / p.value).toBeCloseTo(1, 9);
      }
      if (c.exact) expect(free - before).toBe(prefill.length + decode.length);
    },
    RUNS,
  );
  expect(free).toBeGreaterThan(RUNS);
});

test('contradicting points are met half-way, so none is off by more than the contradiction', () => {
  const point = fc.record({
    x: fc.integer({ min: 1, max: 9 }),
    y: fc.integer({ min: 1, max: 9 }),
    value: fc.integer({ min: 1, max: 99 }),
  });
  holds(
    fc.uniqueArray(point, { minLength: 1, maxLength: 12, selector: (p) => `${p.x} ${p.y}` }),
    (points) => {
      const fitted = makeMonotone(points);
      for (const [i, a] of fitted.entries()) {
        for (const b of fitted) if (a.x <= b.x && a.y <= b.y) atLeast(b.value, a.value);
        const contradictions = points.filter((p, j) => {
          const q = points[i]!;
          return (
            j !== i &&
            ((p.x <= q.x && p.y <= q.y && p.value > q.value) ||
              (p.x >= q.x && p.y >= q.y && p.value < q.value))
          );
        });
        if (contradictions.length === 0) expect(a.value).toBe(points[i]!.value);
      }
    },
    RUNS,
  );
});

test('never falls when tokens, work, batch or context grow', () => {
  holds(
    fc.tuple(randomProfile(), fc.array(fc.tuple(batches, batches), { minLength: 20, maxLength: 20 })),
    ([c, pairs]) => {
      const times = [PLAIN, SECOND_STAGE].map((stage) => new IterationTimes(fitOf(c), stage));
      for (const [a, b] of pairs) {
        const low = {
          tokens: Math.min(a.tokens, b.tokens),
          work: Math.min(a.tokens * a.meanLength, b.tokens * b.meanLength),
        };
        const high = {
          tokens: Math.max(a.tokens, b.tokens),
          work: Math.max(a.tokens * a.meanLength, b.tokens * b.meanLength),
        };
        const [few, many] = [Math.min(a.decodes, b.decodes), Math.max(a.decodes, b.decodes)];
        const [less, more] = [a.decodes * a.contextEach, b.decodes * b.contextEach].sort((x, y) => x - y) as [
          number,
          number,
        ];
        for (const t of times) {
          atLeast(t.decodeMs(few, more), t.decodeMs(few, less));
          // More sequences, each with as much context as the others have.
          const longer = (less * many) / few;
          atLeast(t.decodeMs(many, longer), t.decodeMs(few, less));
          atLeast(t.mixedMs(high.tokens, low.work, few, less), t.mixedMs(low.tokens, low.work, few, less));
          atLeast(t.mixedMs(low.tokens, high.work, few, less), t.mixedMs(low.tokens, low.work, few, less));
          atLeast(t.mixedMs(low.tokens, low.work, many, longer), t.mixedMs(low.tokens, low.work, few, less));
          atLeast(t.mixedMs(low.tokens, low.work, few, more), t.mixedMs(low.tokens, low.work, few, less));
          atLeast(t.mixedMs(low.tokens, low.work, few, less), t.mixedMs(low.tokens, low.work, 0, 0));
        }
      }
    },
    RUNS / 2,
  );
});

test('beyond the measured range times go on rising, at least as fast as the hardware at its peak', () => {
  holds(
    fc.tuple(randomProfile(), batches),
    ([c, { tokens, meanLength, decodes, contextEach }]) => {
      const { profile, gpu, model } = c;
      const physics = physicsOf({
        gpu,
        model,
        tensorParallel: profile.tensorParallel,
        bytesPerParam: profile.weightBytesPerParam,
      });
      const { measured, ...fit } = fitOf(c);
      const times = new IterationTimes({ measured, ...fit }, PLAIN);
      const { prefillTokens, prefillWork, batch, contextPerSequence } = measured;
      const context = batch * contextPerSequence;
      const work = tokens * meanLength;
      /** Rounded sums of large times lose the last digits of a small rise. */
      const rises = (from: number, to: number, least: number) =>
        expect(to - from).toBeGreaterThanOrEqual(least - 1e-9 * to);
      const last = times.mixedMs(prefillTokens, prefillWork, 0, 0);
      rises(last, times.mixedMs(prefillTokens + tokens, prefillWork, 0, 0), tokens * physics.denseMsPerToken);
      rises(last, times.mixedMs(prefillTokens, prefillWork + work, 0, 0), work * physics.workMs);
      const full = times.decodeMs(batch, context);
      rises(full, times.decodeMs(batch, context + contextEach), contextEach * physics.contextMs);
      rises(
        full,
        times.decodeMs(batch + decodes, context + decodes * contextPerSequence),
        decodes * physics.denseMsPerToken,
      );
    },
    RUNS,
  );
});

test('the pieces that the event loop jumps along are the times it would ask for one by one', () => {
  holds(
    fc.tuple(randomProfile(), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 500_000 })),
    ([c, batch, context]) => {
      const times = new IterationTimes(fitOf(c), SECOND_STAGE);
      times.decodeRun(batch, context);
      const { baseMs, slopeMs, pieceEnd } = times;
      expect(pieceEnd).toBeGreaterThanOrEqual(context);
      expect(slopeMs).toBeGreaterThanOrEqual(-1e-12);
      const end = Math.min(pieceEnd, context + 1e6);
      for (const at of [context, (context + end) / 2, end]) {
        expect((baseMs + slopeMs * (at - context)) / times.decodeMs(batch, at)).toBeCloseTo(1, 9);
      }
    },
    RUNS,
  );
});

test('a batch that also prefills takes at least as long as its prefill, and as its decodes', () => {
  holds(
    fc.tuple(randomProfile(), batches),
    ([c, { tokens, meanLength, decodes, contextEach }]) => {
      const times = timesOf(c);
      const work = (tokens * Math.min(meanLength, tokens)) / 2;
      const mixed = times.mixedMs(tokens, work, decodes, decodes * contextEach);
      atLeast(mixed, times.mixedMs(tokens, work, 0, 0));
      atLeast(mixed, times.decodeMs(decodes, decodes * contextEach));
    },
    RUNS,
  );
});
