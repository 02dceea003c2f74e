import fc from 'fast-check';
import {
  formatDuration,
  formatMs,
  formatPercent,
  formatQps,
  formatUsd,
  significant,
} from '../../src/core/report/format-number';
import { roundLimitDown, roundLimitUp } from '../../src/core/report/round-limit';
import { wrap } from '../../src/core/report/wrap';

test.each([
  [formatMs, 0.123, '0.12 ms'],
  [formatMs, 145.3333, '145.3 ms'],
  [formatMs, 1456.8, '1457 ms'],
  [formatMs, 250_000, '250 s'],
  [formatMs, Number.POSITIVE_INFINITY, 'never'],
  [formatMs, Number.NaN, 'n/a'],
  [formatDuration, 2400, '2.4 s'],
  [formatDuration, 210, '210 ms'],
  [formatQps, 87.54, '87.5'],
  [formatQps, 7.386, '7.39'],
  [formatQps, 12_345, '12350'],
  [formatUsd, 24.48, '$24.48'],
  [formatUsd, 0.0777, '$0.0777'],
  [formatUsd, 123_456, '$123,456'],
  [formatPercent, 0.6734, '67%'],
  [formatPercent, 0.0123, '1.2%'],
  [formatPercent, -0.5, '-50%'],
])('%p of %p is %p', (format, value, expected) => {
  expect(format(value)).toBe(expected);
});

test('significant digits, never a number that JSON cannot hold', () => {
  expect(significant(145.33333, 5)).toBe(145.33);
  expect(significant(Number.POSITIVE_INFINITY, 5)).toBeNull();
  expect(significant(undefined, 5)).toBeNull();
  expect(Object.is(significant(-0, 5), 0)).toBe(true);
});

test('limits are rounded to two digits on the side that admits', () => {
  expect([2312.4, 2400, 2400.1, 203, 0.0311, 7.3, 99.1].map(roundLimitUp)).toEqual([
    2400, 2400, 2500, 210, 0.032, 7.3, 100,
  ]);
  expect([7.36, 43.72, 100, 0.634, 7.3].map(roundLimitDown)).toEqual([7.3, 43, 100, 0.63, 7.3]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
      const [up, down] = [roundLimitUp(value), roundLimitDown(value)];
      expect(up).toBeGreaterThanOrEqual(value);
      expect(up).toBeLessThanOrEqual(value * 1.1001);
      expect(down).toBeLessThanOrEqual(value);
      expect(down).toBeGreaterThanOrEqual(value * 0.8999);
    }),
  );
});

test('lines are broken at spaces and nothing is lost', () => {
  expect(wrap('one two three', 8, '  ')).toEqual(['one two', '  three']);
  expect(wrap('a/very/long/path is kept', 8, '')).toEqual(['a/very/long/path', 'is kept']);
  expect(wrap('two\nlines', 78, '  ', '- ')).toEqual(['- two lines']);
  expect(wrap('', 10, '')).toEqual(['']);
});
