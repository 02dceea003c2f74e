import fc from 'fast-check';
import { lintRequests, refuseFaulty } from '../../src/core/telemetry/lint-telemetry';
import type { RawRequests } from '../../src/core/telemetry/raw-telemetry';
import { faultOf } from '../formats/support';
import { rawRequests, reordered, withValues } from './raw';

/** `CODE severity rows [excluded]`, one a finding. */
const verdict = (raw: RawRequests) =>
  lintRequests(raw).findings.map(
    ({ code, severity, rows, rowCount, excluded }) =>
      `${code} ${severity} ${rows.length < rowCount ? `${rowCount} rows` : `[${rows}]`}${excluded ? ' excluded' : ''}`,
  );

const base = rawRequests(40);
const scaled = (values: Float64Array, factor: number) => values.map((value) => value * factor);

test('a plausible run has no findings and comes back as it is', () => {
  const { samples, findings } = lintRequests(base);
  expect(findings).toEqual([]);
  expect(samples.ttftMs).toEqual(base.ttftMs);
  expect(samples.arrivedAtS[0]).toBe(0);
  expect([...samples.promptTokens]).toEqual([...base.promptTokens]);
});

describe('rows that cannot be right are left out and named', () => {
  test.each<[string, Partial<RawRequests>, string[]]>([
    [
      'failed',
      { failed: Uint8Array.from({ length: 40 }, (_, i) => (i === 4 ? 1 : 0)) },
      ['FAILED info [5] excluded'],
    ],
    [
      'infinite',
      { ttftMs: withValues(base.ttftMs, { 2: Number.POSITIVE_INFINITY }) },
      ['NOT_FINITE warning [3] excluded'],
    ],
    [
      'no length',
      { promptTokens: withValues(base.promptTokens, { 0: Number.NaN }) },
      ['INCOMPLETE warning [1] excluded'],
    ],
    ['negative', { e2eMs: withValues(base.e2eMs, { 1: -5, 7: -1 }) }, ['NEGATIVE warning [2,8] excluded']],
    ['no tokens', { outputTokens: withValues(base.outputTokens, { 39: 0 }) }, ['ZERO warning [40] excluded']],
    ['no time per token', { tpotMs: withValues(base.tpotMs, { 3: 0 }) }, ['ZERO warning [4] excluded']],
    [
      'half a token',
      { promptTokens: withValues(base.promptTokens, { 3: 1.5 }) },
      ['IMPLAUSIBLE warning [4] excluded'],
    ],
    [
      'too many tokens',
      { promptTokens: withValues(base.promptTokens, { 3: 3e9 }) },
      ['IMPLAUSIBLE warning [4] excluded'],
    ],
    [
      'all cached and more',
      { cachedPromptTokens: withValues(base.cachedPromptTokens, { 3: 5000 }) },
      ['IMPLAUSIBLE warning [4] excluded'],
    ],
    [
      'e2e before the first token',
      { e2eMs: withValues(base.e2eMs, { 3: 10 }) },
      ['CLOCK_SKEW warning [4] excluded'],
    ],
    [
      'a TPOT of another clock',
      { tpotMs: withValues(base.tpotMs, { 3: 60 }) },
      ['CLOCK_SKEW warning [4] excluded'],
    ],
  ])('%s', (_, change, expected) => {
    const raw = { ...base, ...change };
    expect(verdict(raw)).toEqual(expected);
    const { samples, findings } = lintRequests(raw);
    expect(samples.ttftMs).toHaveLength(40 - findings[0]!.rowCount);
  });

  test('a repeated row, of which the first stays', () => {
    const order = [...Array.from({ length: 40 }, (_, i) => i), 39, 39];
    expect(verdict(reordered(base, order))).toEqual(['DUPLICATE warning [41,42] excluded']);
    expect(lintRequests(reordered(base, order)).samples).toEqual(lintRequests(base).samples);
  });

  test('equal rows of different ids are different requests', () => {
    const ids = [...Array.from({ length: 41 }, (_, i) => `r${i}`)];
    const raw = reordered(base, [...Array.from({ length: 40 }, (_, i) => i), 39]);
    expect(verdict({ ...raw, ids })).toEqual([]);
    expect(
      verdict({ ...base, ids: base.promptTokens.length === 40 ? ids.slice(0, 40).with(1, 'r0') : [] }),
    ).toEqual(['REPEATED_ID warning [2]']);
  });
});

describe('units', () => {
  test.each<[string, Partial<RawRequests>]>([
    [
      'all in seconds',
      {
        ttftMs: scaled(base.ttftMs, 1e-3),
        tpotMs: scaled(base.tpotMs, 1e-3),
        e2eMs: scaled(base.e2eMs, 1e-3),
      },
    ],
    [
      'all a thousand too long',
      { ttftMs: scaled(base.ttftMs, 1e3), tpotMs: scaled(base.tpotMs, 1e3), e2eMs: scaled(base.e2eMs, 1e3) },
    ],
    ['e2e in seconds', { e2eMs: scaled(base.e2eMs, 1e-3) }],
    ['e2e a thousand too long', { e2eMs: scaled(base.e2eMs, 1e3) }],
    ['TTFT in seconds', { ttftMs: scaled(base.ttftMs, 1e-3) }],
    ['TTFT a thousand too long', { ttftMs: scaled(base.ttftMs, 1e3) }],
    ['TPOT in seconds', { tpotMs: scaled(base.tpotMs, 1e-3) }],
    ['TPOT a thousand too long', { tpotMs: scaled(base.tpotMs, 1e3) }],
    ['arrivals in ms since 1970', { arrivals: { atS: scaled(base.arrivals!.atS, 1e8), absolute: true } }],
  ])('%s', (_, change) => {
    const { findings } = lintRequests({ ...base, ...change });
    expect(findings.length).toBeGreaterThan(0);
    expect(new Set(findings.map(({ code, severity }) => `${code} ${severity}`))).toEqual(
      new Set(['UNITS error']),
    );
  });

  test('e2e alone, a thousand too short', () => {
    const nothing = new Float64Array(40).fill(Number.NaN);
    const raw = { ...base, tpotMs: nothing, e2eMs: scaled(base.e2eMs, 1e-3) };
    expect(verdict(raw)).toEqual(['UNITS error []']);
  });

  test('a long TTFT in seconds, which alone would pass as a short one in ms', () => {
    const ttftMs = scaled(base.ttftMs, 50);
    const e2eMs = base.e2eMs.map((ms, i) => ms + ttftMs[i]! - base.ttftMs[i]!);
    expect(verdict({ ...base, ttftMs, e2eMs })).toEqual([]);
    expect(verdict({ ...base, ttftMs: scaled(ttftMs, 1e-3), e2eMs })).toEqual(['UNITS error []']);
  });

  test('one wild value is no unit', () => {
    expect(verdict({ ...base, ttftMs: withValues(base.ttftMs, { 0: 0.01 }) })).toEqual([]);
  });
});

describe('TPOT', () => {
  const nothing = new Float64Array(40).fill(Number.NaN);

  test('another definition is replaced by what TTFT and e2e give', () => {
    const raw = { ...base, tpotMs: scaled(base.tpotMs, 1.5) };
    expect(verdict(raw)).toEqual(['TPOT_DEFINITION warning 40 rows']);
    lintRequests(raw).samples.tpotMs.forEach((ms, i) => {
      expect(ms).toBeCloseTo(base.tpotMs[i]!, 6);
    });
  });

  test('not recorded, it is derived and said so', () => {
    const { samples, findings } = lintRequests({ ...base, tpotMs: nothing });
    expect(findings.map(({ code }) => code)).toEqual(['TPOT_DERIVED']);
    samples.tpotMs.forEach((ms, i) => {
      expect(ms).toBeCloseTo(base.tpotMs[i]!, 6);
    });
  });

  test('of one token there is none, and a 0 there is no fault', () => {
    const raw = {
      ...base,
      outputTokens: withValues(base.outputTokens, { 0: 1 }),
      tpotMs: withValues(base.tpotMs, { 0: 0 }),
      e2eMs: withValues(base.e2eMs, { 0: base.ttftMs[0]! }),
    };
    expect(verdict(raw)).toEqual([]);
    expect(lintRequests(raw).samples.tpotMs[0]).toBeNaN();
  });

  test('TTFT alone is enough', () => {
    expect(verdict({ ...base, tpotMs: nothing, e2eMs: nothing })).toEqual([]);
    expect(verdict({ ...base, ttftMs: nothing, tpotMs: nothing, e2eMs: nothing })).toEqual([
      'NO_LATENCY error 40 rows',
    ]);
  });
});

describe('order', () => {
  test('shuffled rows read the same as sorted ones, with a finding', () => {
    const sorted = lintRequests(base);
    const orders = fc.shuffledSubarray([...Array(40).keys()], { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(orders, (order) => {
        const { samples, findings } = lintRequests(reordered(base, order));
        expect(samples).toEqual(sorted.samples);
        const isSorted = order.every((at, i) => at === i);
        expect(findings.map(({ code }) => code)).toEqual(isSorted ? [] : ['OUT_OF_ORDER']);
      }),
      // Shrinking leads to nearly sorted orders, of which those of two long runs have another verdict.
      { numRuns: 100, endOnFailure: true },
    );
  });

  const odds = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
  const evens = odds.map((i) => i - 1);

  test('two runs in one file are refused: sorted they would be one of twice the load', () => {
    expect(verdict(reordered(base, [...odds, ...evens]))).toEqual(['CLOCK_JUMP error [21]']);
  });

  test('one row too late is no second run', () => {
    const order = [...Array(40).keys()].with(19, 20).with(20, 19);
    expect(verdict(reordered(base, order))).toEqual(['OUT_OF_ORDER warning [21]']);
  });

  test('dates of several clients are of one clock', () => {
    const dated = { ...base, arrivals: { ...base.arrivals!, absolute: true } };
    const { samples, findings } = lintRequests(reordered(dated, [...odds, ...evens]));
    expect(findings.map(({ code }) => code)).toEqual(['OUT_OF_ORDER']);
    expect(samples).toEqual(lintRequests(base).samples);
  });
});

describe('files that tell nothing', () => {
  const all = (count: number, value: number) => new Float64Array(count).fill(value);

  test('empty', () => expect(verdict(rawRequests(0))).toEqual(['EMPTY error []']));
  test('one row', () => expect(verdict(rawRequests(1))).toEqual(['ONE_SAMPLE error []']));
  test('few', () => expect(verdict(rawRequests(29))).toEqual(['TOO_FEW warning []']));
  test('one row over and over', () =>
    expect(verdict(reordered(base, Array(50).fill(0)))).toEqual([
      'DUPLICATE warning 49 rows excluded',
      'ONE_SAMPLE error []',
    ]));

  test('the same figures at different times', () => {
    const raw = {
      ...base,
      promptTokens: all(40, 512),
      outputTokens: all(40, 101),
      ttftMs: all(40, 50),
      tpotMs: all(40, 20),
      e2eMs: all(40, 2050),
    };
    expect(verdict(raw)).toEqual(['NO_VARIATION error 40 rows']);
  });

  test('one pair of lengths is worth saying', () => {
    const raw = {
      ...base,
      promptTokens: all(40, 512),
      outputTokens: all(40, 101),
      e2eMs: all(40, Number.NaN),
    };
    expect(verdict(raw)).toEqual(['NO_VARIATION info []']);
  });

  test('most rows wrong', () => {
    const e2eMs = base.e2eMs.map((ms, i) => (i < 25 ? -1 : ms));
    expect(verdict({ ...base, e2eMs })).toEqual([
      'NEGATIVE warning 25 rows excluded',
      'MOSTLY_FAULTY error []',
    ]);
  });

  test('rows of another deployment', () => {
    const values = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 'h100-sxm' : 'a100-80gb'));
    const { findings } = lintRequests({ ...base, labels: [{ name: 'gpu', expected: 'a100-80gb', values }] });
    expect(findings).toMatchObject([
      {
        code: 'MIXED_DEPLOYMENT',
        severity: 'error',
        message:
          'the column gpu has "a100-80gb" (30 rows), "h100-sxm" (10 rows); the document says a100-80gb',
        rows: [1, 5, 9, 13, 17, 21, 25, 29, 33, 37],
      },
    ]);
  });
});

test('a refusal lists every error, a warning is none', () => {
  const where = { source: 't.csv', path: '' };
  expect(() => refuseFaulty(lintRequests(rawRequests(5)).findings, where)).not.toThrow();
  const { findings } = lintRequests(reordered(base, Array(50).fill(0)));
  expect(faultOf(() => refuseFaulty(findings, where))).toEqual({
    ...where,
    found:
      'ONE_SAMPLE: one request left of 50 rows: it says nothing of the spread and leaves nothing to check against',
    allowed: 'telemetry without errors of the lint',
    hint: 'record some hundred of them',
  });
});

test('whatever the numbers are, every row is in the samples or in a finding that leaves it out', () => {
  const cell = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1, 100, 512),
  );
  const row = fc.tuple(cell, cell, cell, cell, cell, cell, cell, fc.boolean());
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const column = (at: number) => Float64Array.from(rows, (cells) => Number(cells[at]));
      const { samples, findings } = lintRequests({
        arrivals: { atS: column(0), absolute: false },
        promptTokens: column(1),
        outputTokens: column(2),
        cachedPromptTokens: column(3),
        ttftMs: column(4),
        tpotMs: column(5),
        e2eMs: column(6),
        failed: Uint8Array.from(rows, (cells) => (cells[7] ? 1 : 0)),
        ids: null,
        labels: [],
      });
      const excluded = findings
        .filter(({ excluded }) => excluded)
        .reduce((sum, { rowCount }) => sum + rowCount, 0);
      expect(samples.ttftMs.length + excluded).toBe(rows.length);
      expect(samples.arrivedAtS.every((at, i) => at >= (samples.arrivedAtS[i - 1] ?? 0))).toBe(true);
      if (samples.ttftMs.length < 2) expect(findings.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 300 },
  );
});
