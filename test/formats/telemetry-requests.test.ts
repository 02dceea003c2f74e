import fc from 'fast-check';
import { InputError } from '../../src/core/errors';
import { refuseFaulty } from '../../src/core/telemetry/lint-telemetry';
import { parseTelemetry } from '../../src/formats/read-telemetry';
import { CATALOG, faultOf, oneLine } from './support';
import {
  codes,
  csvOf,
  DEPLOYMENT,
  DOCUMENT,
  load,
  parse,
  type Sample,
  someSamples,
} from './telemetry-support';

const SAMPLES = someSamples(40);
const NAMES = ['arrived_at_s', 'prompt_tokens', 'output_tokens', 'ttft_ms', 'tpot_ms', 'e2e_ms'];
const cells = (s: Sample) => [s.arrivedAtS, s.prompt, s.output, s.ttftMs, s.tpotMs, s.e2eMs];
const CSV = csvOf(NAMES, SAMPLES.map(cells));
const objects = SAMPLES.map((s) => Object.fromEntries(cells(s).map((cell, i) => [NAMES[i]!, cell])));

describe('a document', () => {
  test('says what served the requests', () => {
    const { telemetry, findings, assumptions } = load({ requests: 'r.csv' }, { 'r.csv': CSV });
    expect(findings).toEqual([]);
    expect(telemetry).toMatchObject({
      name: 'telemetry.json',
      deployment: {
        profile: null,
        modelId: 'llama-2-7b',
        engineVersion: 'vllm 0.19.0',
        deployment: { gpuId: 'a100-80gb', tensorParallel: 1, maxBatchSize: 64, numGpuBlocks: null },
      },
      iterations: null,
      summary: null,
    });
    expect(assumptions).toContain('deployment.num_replicas: not given, taken as 1.');
  });

  test('CSV, JSON, {samples} and samples in the document read the same', () => {
    const { requests } = load({ requests: 'r.csv' }, { 'r.csv': CSV }).telemetry;
    expect([...requests!.e2eMs]).toEqual(SAMPLES.map(({ e2eMs }) => e2eMs));
    expect([...requests!.cachedPromptTokens]).toEqual(SAMPLES.map(() => -1));
    for (const value of [objects, { samples: objects }])
      expect(load({ requests: 'r.json' }, { 'r.json': JSON.stringify(value) }).telemetry.requests).toEqual(
        requests,
      );
    expect(parse({ samples: objects }).telemetry.requests).toEqual(requests);
  });

  test('YAML text', () => {
    const text = `model: llama-7b\nengine: vllm 0.19.0\ndeployment: ${JSON.stringify(DEPLOYMENT)}\nsamples: ${JSON.stringify(objects)}\n`;
    const read = parseTelemetry({ source: 't.yaml', text, folder: null }, CATALOG);
    expect(read.telemetry.requests!.ttftMs).toHaveLength(40);
  });

  test('the model of a library profile', () => {
    const profile = 'a100-80gb/llama-2-7b/tp1/some';
    const { deployment } = parse({ model: undefined, profile, samples: objects }).telemetry;
    expect(deployment).toMatchObject({ profile, modelId: 'llama-2-7b' });
  });

  test.each<[object, string]>([
    [{}, ' | no samples | one of the keys samples, requests, iterations, vllm_bench, prometheus'],
    [
      { model: undefined, samples: [] },
      'model | nothing (the key is missing) | the model that was served, or a profile',
    ],
    [
      { engine: undefined, samples: [] },
      'engine | nothing (the key is missing) | the serving engine and its version, e.g. vllm 0.19.0',
    ],
    [{ samples: [], requests: 'r.csv' }, 'requests | samples and requests | one of them'],
    [
      { requests: 'r.csv' },
      'requests | the file "r.csv" | the samples in the document itself: files cannot be read here',
    ],
    [{ samples: [3] }, 'samples[0] | 3 | an object with the fields of one row'],
    [
      { prometheus: 'vllm:x 1\n' },
      'duration_s | nothing (the key is missing) | the seconds from prometheus_before to prometheus, or the life of the server | a scrape counts requests but not time: their rate needs it',
    ],
  ])('%j is refused', (fields, expected) => expect(oneLine(faultOf(() => parse(fields)))).toBe(expected));

  test('overheads are what calibration finds, not what it is told', () => {
    expect(faultOf(() => parse({ samples: objects, overhead: { step_ms: 1 } }))).toMatchObject({
      path: 'overhead',
      found: 'an unknown key',
    });
  });

  test('a file that is not there', () => {
    expect(faultOf(() => load({ requests: 'none.csv' }, {}))).toMatchObject({ path: 'requests' });
  });
});

describe('names and units', () => {
  const S = SAMPLES.slice(0, 30);
  const started = Date.UTC(2026, 7, 20, 23, 19, 39);
  const iso = (s: Sample) => new Date(started + s.arrivedAtS * 1e3).toISOString();

  test.each<[string, string, (s: Sample) => string | number]>([
    ['arrival', 'arrival_time', (s) => s.arrivedAtS],
    ['arrival', 'timestamp_ms', (s) => started + s.arrivedAtS * 1e3],
    ['arrival', 'timestamp', (s) => started + s.arrivedAtS * 1e3],
    ['arrival', 'timestamp', (s) => started / 1e3 + s.arrivedAtS],
    ['arrival', 'timestamp', (s) => `${started + s.arrivedAtS * 1e3}000`],
    ['arrival', 'arrived_at', iso],
    ['arrival', 'arrived_at', (s) => iso(s).replace('T', ' ').replace('Z', '')],
    ['arrival', 'arrived_at', (s) => iso(s).replace('Z', '000+00:00')],
    ['prompt', 'input_len', (s) => s.prompt],
    ['output', 'completion_tokens', (s) => s.output],
    ['ttft', 'ttft', (s) => s.ttftMs / 1e3],
    ['ttft', 'ttft_s', (s) => s.ttftMs / 1e3],
    ['tpot', 'itl_ms', (s) => s.tpotMs],
    ['tpot', 'time_per_output_token_seconds', (s) => s.tpotMs / 1e3],
    ['e2e', 'e2e_latency', (s) => s.e2eMs / 1e3],
    ['e2e', 'latency_ms', (s) => s.e2eMs],
  ])('%s as %s', (meaning, name, of) => {
    const at = ['arrival', 'prompt', 'output', 'ttft', 'tpot', 'e2e'].indexOf(meaning);
    const rows = S.map((s) => cells(s).map((cell, i) => (i === at ? of(s) : cell)));
    const read = load({ requests: 'r.csv' }, { 'r.csv': csvOf(NAMES.with(at, name), rows) });
    expect(codes(read)).toEqual([]);
    const { arrivedAtS, promptTokens, outputTokens, ttftMs, tpotMs, e2eMs } = read.telemetry.requests!;
    S.forEach((s, i) => {
      const back = [arrivedAtS[i]!, promptTokens[i]!, outputTokens[i]!, ttftMs[i]!, tpotMs[i]!, e2eMs[i]!];
      cells(s).forEach((cell, column) => {
        expect(back[column]).toBeCloseTo(cell, 5);
      });
    });
  });

  test.each([
    [
      'ttft_msec',
      'line 1 (header) | the column "ttft_msec" | the columns listed in docs/formats.md under Telemetry | did you mean ttft_ms?',
    ],
    [
      'colour',
      'line 1 (header) | the column "colour" | the columns listed in docs/formats.md under Telemetry | rename it to one of them, or leave it out',
    ],
    ['ttft_s', 'line 1 (header) | the columns ttft_ms and ttft_s, which mean the same | one of them'],
    ['ttft_ms', 'line 1 (header) | the column "ttft_ms" twice | every column once'],
  ])('the column %s too', (name, expected) => {
    const text = csvOf(
      [...NAMES, name],
      S.map((s) => [...cells(s), 1]),
    );
    expect(oneLine(faultOf(() => load({ requests: 'r.csv' }, { 'r.csv': text })))).toBe(expected);
  });

  test('a word where a number belongs', () => {
    const text = CSV.replace(/\n0,/, '\nsoon,');
    expect(oneLine(faultOf(() => load({ requests: 'r.csv' }, { 'r.csv': text })))).toBe(
      'row 1 (line 2), column arrived_at_s | "soon" | a number, or nothing',
    );
  });

  test('empty cells are nothing recorded, NaN is no number', () => {
    const rows = SAMPLES.map((s, i) =>
      cells(s).map((cell, c) => (c === 3 && i === 0 ? '' : c === 4 && i === 1 ? 'NaN' : cell)),
    );
    const read = load({ requests: 'r.csv' }, { 'r.csv': csvOf(NAMES, rows) });
    expect(read.findings).toMatchObject([{ code: 'NOT_FINITE', rows: [2], excluded: true }]);
    expect(read.telemetry.requests!.ttftMs[0]).toBeNaN();
  });
});

describe('what is wrong with a file is a clear verdict', () => {
  const verdict = (text: string) => codes(load({ requests: 'r.csv' }, { 'r.csv': text }));

  test.each<[string, string, string[]]>([
    ['empty', '', ['EMPTY error']],
    ['only a header', csvOf(NAMES, []), ['EMPTY error']],
    ['one row', csvOf(NAMES, SAMPLES.slice(0, 1).map(cells)), ['ONE_SAMPLE error']],
    [
      'one row repeated',
      csvOf(NAMES, Array(40).fill(cells(SAMPLES[0]!))),
      ['DUPLICATE warning', 'ONE_SAMPLE error'],
    ],
    [
      'all alike',
      csvOf(
        NAMES,
        SAMPLES.map((s) => cells({ ...SAMPLES[0]!, arrivedAtS: s.arrivedAtS })),
      ),
      ['NO_VARIATION error'],
    ],
    ['reversed', csvOf(NAMES, SAMPLES.toReversed().map(cells)), ['OUT_OF_ORDER warning']],
    ['two runs', csvOf(NAMES, [...SAMPLES, ...someSamples(41)].map(cells)), ['CLOCK_JUMP error']],
  ])('%s', (_, text, expected) => expect(verdict(text)).toEqual(expected));

  test('empty lists', () => expect(codes(parse({ samples: [] }))).toEqual(['EMPTY error']));

  test.each<[string, string, string, string]>([
    [
      'gpu',
      'NVIDIA A100 SXM4 80GB',
      'H100',
      'the column gpu has "a100-80gb" (20 rows), "h100-sxm" (20 rows); the document says a100-80gb',
    ],
    [
      'model',
      'meta-llama/Llama-2-7b-hf',
      'mine',
      'the column model has "llama-2-7b" (20 rows), "mine" (20 rows); the document says llama-2-7b',
    ],
    [
      'engine',
      'v0.19.0',
      '0.11.0',
      'the column engine has "vllm 0.19.0" (20 rows), "0.11.0" (20 rows); the document says vllm 0.19.0',
    ],
    ['tp', '1', '2', 'the column tp has "1" (20 rows), "2" (20 rows); the document says 1'],
  ])('rows of another %s', (name, own, other, message) => {
    const label = (of: (i: number) => string) =>
      csvOf(
        [...NAMES, name],
        SAMPLES.map((s, i) => [...cells(s), of(i)]),
      );
    expect(verdict(label(() => own))).toEqual([]);
    const read = load({ requests: 'r.csv' }, { 'r.csv': label((i) => (i < 20 ? own : other)) });
    expect(read.findings).toMatchObject([
      { code: 'MIXED_DEPLOYMENT', severity: 'error', message, rowCount: 20 },
    ]);
    expect(() => refuseFaulty(read.findings, { source: 'r.csv', path: '' })).toThrow(InputError);
  });

  test.each([
    ['success', 'false', 'true'],
    ['failed', '1', '0'],
    ['error', 'timed out', ''],
  ])('failed requests (%s)', (name, bad, good) => {
    const text = csvOf(
      [...NAMES, name],
      SAMPLES.map((s, i) => [...cells(s), i % 10 === 3 ? bad : good]),
    );
    const read = load({ requests: 'r.csv' }, { 'r.csv': text });
    expect(read.findings).toMatchObject([
      { code: 'FAILED', severity: 'info', rows: [4, 14, 24, 34], excluded: true },
    ]);
    expect(read.telemetry.requests!.ttftMs).toHaveLength(36);
  });
});

describe('requests without arrivals', () => {
  const text = csvOf(
    NAMES.slice(1),
    SAMPLES.map((s) => cells(s).slice(1)),
  );

  test('are sums when the duration is known', () => {
    const read = load({ requests: 'r.csv', duration_s: 20 }, { 'r.csv': text });
    expect(codes(read)).toEqual([]);
    expect(read.telemetry).toMatchObject({ requests: null, summary: { rateQps: 2, requests: 40 } });
    expect(read.assumptions.at(-1)).toContain('arrivals were not recorded');
  });

  test('else they are refused', () => {
    expect(faultOf(() => load({ requests: 'r.csv' }, { 'r.csv': text }))).toMatchObject({
      path: 'requests',
      found: 'requests without arrivals',
    });
  });
});

describe('whatever is sent, it is read or refused with an InputError', () => {
  const settles = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.message).not.toMatch(/undefined|\[object/);
    }
  };
  const junk = fc.constantFrom(
    '',
    '\n',
    ',',
    '"',
    '-',
    'NaN',
    'inf',
    '1e999',
    'null',
    'true',
    '2026-08-20',
    '__proto__',
  );
  const SHORT = CSV.split('\n').slice(0, 5).join('\n');

  test('edited CSV', () =>
    fc.assert(
      fc.property(fc.nat(SHORT.length), fc.nat(20), junk, (at, cut, put) => {
        const text = SHORT.slice(0, at) + put + SHORT.slice(at + cut);
        settles(() => load({ requests: 'r.csv' }, { 'r.csv': text }));
      }),
      { numRuns: 150 },
    ));

  test('any objects', () => {
    const name = fc.constantFrom(
      ...NAMES,
      'timestamp',
      'success',
      'error',
      'gpu',
      'tp',
      'request_id',
      'ttft',
      '__proto__',
    );
    const cell = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.anything(),
    );
    const rows = fc.array(fc.dictionary(name, cell), { maxLength: 10 });
    fc.assert(
      fc.property(rows, (samples) => settles(() => parse({ samples }))),
      { numRuns: 300 },
    );
  });

  test('any document', () => {
    const key = fc.constantFrom(
      'samples',
      'iterations',
      'vllm_bench',
      'prometheus',
      'duration_s',
      'requests',
      ...Object.keys(DOCUMENT),
    );
    fc.assert(
      fc.property(fc.dictionary(key, fc.anything()), (fields) => settles(() => parse(fields))),
      { numRuns: 300 },
    );
  });
});

describe('what is refused', () => {
  test('an engine whose name is a text', () => {
    for (const engine of ['v'.repeat(201), 'vllm\n0.19.0'])
      expect(faultOf(() => parse({ engine, samples: objects }))).toMatchObject({
        path: 'engine',
        allowed: expect.stringMatching(/one line of up to 200 characters/),
      });
  });

  test('telemetry without a usable row says what is wrong with its rows', () => {
    const samples = objects.map((sample) => ({ ...sample, output_tokens: 1.5 }));
    const { found, hint } = faultOf(() =>
      refuseFaulty(parse({ samples }).findings, { source: 'api', path: '' }),
    );
    expect(found).toMatch(
      /^EMPTY: none of the 40 rows can be used; IMPLAUSIBLE: 40 rows .*output tokens 1\.5/,
    );
    expect(hint!.split('; ')).toHaveLength(2);
  });
});
