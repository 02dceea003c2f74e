import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfile, parseProfile } from '../../src/formats/read-profile';
import { CATALOG, faultOf, oneLine } from './support';

const ROWS = [
  { type: 'prefill', seq_len: 512, batch_size: 8, mean_ms: 69.75, median_ms: 69.76, std_ms: 0.03 },
  { type: 'prefill', seq_len: 1024, batch_size: 1, mean_ms: 20 },
  {
    type: 'decode',
    kv_cache: 512,
    new_tokens: 1,
    batch_size: 8,
    mean_ms: 19.34,
    median_ms: 19.32,
    std_ms: 0.04,
  },
  { type: 'decode', kv_cache: 1024, batch_size: 8, mean_ms: 20, median_ms: null },
];
const METADATA = {
  model_name: 'llama-7b',
  fitted_profile: 'fitted_profile.json',
  hardware: { gpu: 'NVIDIA A100' },
  profiling_date: '2025-11-04T21:06:41Z',
  raw_trace_location: '/data/profiling/faasinfer/...',
  notes: '...',
};
const MEMORY = {
  model_params: 7000000000,
  activation_memory_mb: 2048,
  kv_cache_per_token_bytes: 256,
  total_model_memory_gb: 14.5,
};

const render = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const parse = (rows: unknown = ROWS, metadata: unknown = METADATA, memory: unknown = null) =>
  parseProfile(
    {
      source: 'up',
      fittedProfile: render(rows),
      metadata: render(metadata),
      modelMemory: memory === null ? null : render(memory),
    },
    CATALOG,
  );

test('the profile of the specification', () => {
  expect(parse(ROWS, METADATA, MEMORY)).toEqual({
    id: 'up',
    origin: 'user',
    gpuId: 'a100-80gb',
    modelId: 'llama-2-7b',
    tensorParallel: 1,
    kind: 'measured',
    engine: null,
    dtype: null,
    weightBytesPerParam: null,
    date: '2025-11-04T21:06:41Z',
    prefill: [
      { promptTokens: 512, batchSize: 8, meanMs: 69.75, medianMs: 69.76, stdMs: 0.03 },
      { promptTokens: 1024, batchSize: 1, meanMs: 20 },
    ],
    decode: [
      { contextTokens: 512, batchSize: 8, meanMs: 19.34, medianMs: 19.32, stdMs: 0.04 },
      { contextTokens: 1024, batchSize: 8, meanMs: 20 },
    ],
    memory: {
      paramsTotal: 7e9,
      totalWeightBytes: 14.5e9,
      activationBytes: 2048e6,
      kvBytesPerToken: 256,
    },
    notes: [
      'metadata.json has no hardware.tensor_parallel: taken as 1.',
      'metadata.json has no kind: taken as measured.',
    ],
  });
});

test('rows that were not measured, or not one token a step, are left out and counted', () => {
  const rows = [
    ...ROWS,
    { type: 'decode', kv_cache: 9000, batch_size: 8, mean_ms: 90, extrapolated: true },
    { type: 'decode', kv_cache: 512, new_tokens: 32, batch_size: 8, mean_ms: 19 },
  ];
  const { decode, notes } = parse(rows);
  expect(decode).toHaveLength(2);
  expect(notes).toContain('1 of 6 rows are marked extrapolated: left out, they were not measured.');
  expect(notes).toContain('1 decode rows have new_tokens over 1: left out, they are not one iteration.');
});

describe('metadata', () => {
  const check = (change: object, expected: object) =>
    expect(parse(ROWS, { ...METADATA, ...change })).toMatchObject(expected);

  test.each([
    [{ hardware: { gpu: 'H100', tensor_parallel: 4 } }, { gpuId: 'h100-sxm', tensorParallel: 4 }],
    [{ tensor_parallel: 2 }, { tensorParallel: 2 }],
    [{ kind: 'composed_from_measured_ops' }, { kind: 'composed' }],
    [{ kind: 'measured' }, { kind: 'measured' }],
    [{ dtype: 'fp8 gemm, bf16 kv' }, { weightBytesPerParam: 1 }],
    [{ dtype: 'bfloat16 gemm, bf16 kv' }, { weightBytesPerParam: 2 }],
    [{ dtype: 'torch.float32' }, { weightBytesPerParam: 4 }],
    [{ dtype: 'float8_e4m3fn' }, { weightBytesPerParam: 1 }],
    [{ dtype: 'int8' }, { weightBytesPerParam: 1 }],
    [{ dtype: 'AWQ' }, { weightBytesPerParam: 0.5 }],
    [{ dtype: 'mystery' }, { weightBytesPerParam: null }],
  ])('%j', check);

  test('unknown keys are named in a note', () => {
    const { notes } = parse(ROWS, { ...METADATA, kindd: 'x', hardware: { gpu: 'A100', rack: 3 } });
    expect(notes).toContain('metadata.json: unknown keys ignored: kindd, hardware.rack.');
  });
});

test('model_memory in the form of the original upload', () => {
  const { memory, weightBytesPerParam, dtype, notes } = parse(ROWS, METADATA, {
    model_name: 'gpt2',
    param_bytes: 497759232,
    buffer_bytes: 12582960,
    total_bytes: 510342192,
    model_size_gb: 0.47529,
    dtype: 'torch.float32',
    num_parameters: 124439808,
    colour: 'red',
  });
  expect(memory).toEqual({ paramsTotal: 124439808, totalWeightBytes: 497759232 });
  expect({ weightBytesPerParam, dtype }).toEqual({ weightBytesPerParam: 4, dtype: 'torch.float32' });
  expect(notes).toContain('model_memory.json is about gpt2, metadata.json about llama-7b.');
  expect(notes).toContain('model_memory.json: unknown keys ignored: colour.');
});

test('model_memory in the form of the library', () => {
  const { memory, weightBytesPerParam, notes } = parse(
    ROWS,
    { ...METADATA, dtype: 'fp16' },
    {
      weight_bytes_per_gpu: 4015130624,
      weight_bytes_per_param: 1,
      num_gpu_blocks: 100,
      activation_memory_mb: null,
      measured_max_kv_tokens: 945029,
    },
  );
  expect(memory).toEqual({ weightBytesPerGpu: 4015130624, numGpuBlocks: 100 });
  expect(weightBytesPerParam).toBe(1);
  expect(notes).toContain(
    'model_memory.json says 1 bytes per weight, the dtype fp16 means 2: the former is used.',
  );
  expect(notes).toContain(
    'model_memory.json: measured_max_kv_tokens 945029 is of the profiled server; KV memory is computed instead.',
  );
});

describe('a refused profile', () => {
  const row = (index: number, change: object) =>
    ROWS.map((good, at) => (at === index ? { ...good, ...change } : good));
  const without = (index: number, key: string) =>
    ROWS.map((good, at) =>
      at === index ? Object.fromEntries(Object.entries(good).filter(([name]) => name !== key)) : good,
    );
  const truncated = JSON.stringify(ROWS, null, 1).slice(0, 100);
  const keysOfDecode = 'type, kv_cache, new_tokens, batch_size, mean_ms, median_ms, std_ms, extrapolated';

  const checkRows = (rows: unknown, expected: string) =>
    expect(oneLine(faultOf(() => parse(rows)))).toBe(expected);
  test.each([
    [row(0, { mean_ms: -1 }), 'row 1, mean_ms | -1 | a number above 0, at most 10000000'],
    [row(0, { mean_ms: 0 }), 'row 1, mean_ms | 0 | a number above 0, at most 10000000'],
    [row(0, { mean_ms: 1e8 }), 'row 1, mean_ms | 100000000 | a number above 0, at most 10000000'],
    [
      row(1, { mean_ms: '20' }),
      'row 2, mean_ms | "20" | a number above 0, at most 10000000 | write the number without quotes',
    ],
    [
      row(1, { mean_ms: null }),
      'row 2, mean_ms | nothing (an empty value) | a number above 0, at most 10000000',
    ],
    [
      without(1, 'mean_ms'),
      'row 2, mean_ms | nothing (the key is missing) | a number above 0, at most 10000000',
    ],
    [row(1, { std_ms: -2 }), 'row 2, std_ms | -2 | a number from 0 to 10000000'],
    [row(1, { seq_len: 10.5 }), 'row 2, seq_len | 10.5 | a whole number from 1 to 10000000'],
    [
      row(3, { batch_sze: 3 }),
      `row 4, batch_sze | an unknown key | one of the keys ${keysOfDecode} | did you mean batch_size?`,
    ],
    [row(3, { seq_len: 3 }), `row 4, seq_len | an unknown key | one of the keys ${keysOfDecode}`],
    [row(3, { type: 'decod' }), 'row 4, type | "decod" | one of prefill, decode | did you mean decode?'],
    [
      row(3, { kv_cache: 512 }),
      'row 4 | decode with kv_cache 512, new_tokens 1, batch_size 8, which row 3 holds already | every point once | delete one of the two',
    ],
    [
      row(3, { extrapolated: true }),
      ' | 1 usable decode rows of 4 | at least 2 prefill and 2 decode rows | 1 of 4 rows are marked extrapolated: left out, they were not measured.',
    ],
    [[], ' | an empty list | a list of rows'],
    [{ rows: ROWS }, ' | the mapping {rows} | a list of rows'],
    [[3], 'row 1 | 3 | a mapping with type prefill or decode'],
    ['', ' | an empty file | JSON | write the file again'],
    [
      truncated,
      'line 7, column 18 | the end of the file inside a JSON value | complete JSON | the file is cut off: copy or export it again',
    ],
    [
      '[{"mean_ms": NaN}]',
      'line 1, column 14 | NaN | a finite number | leave the key out where nothing was measured',
    ],
    [
      '[\n{"mean_ms": -Infinity}]',
      'line 2, column 13 | -Infinity | a finite number | leave the key out where nothing was measured',
    ],
    [
      '[{"type": 1, "a": {"type": 1}, "type": 2}]',
      'line 1, column 32 | the key "type" a second time | every key once in its object',
    ],
  ])('rows %#', checkRows);

  const checkMetadata = (change: object, expected: RegExp) =>
    expect(oneLine(faultOf(() => parse(ROWS, { ...METADATA, ...change })))).toMatch(expected);
  test.each([
    [{ kind: 'guessed' }, /^kind \| "guessed" \| measured .* or composed/],
    [{ model_name: 'llama-7c' }, /^model_name \| "llama-7c" \| a model of the catalogue .* did you mean/],
    [{ model_name: 7 }, /^model_name \| 7 \| the name of a model/],
    [{ hardware: { gpu: 'A1000' } }, /^hardware\.gpu \| "A1000" \| a GPU of the catalogue/],
    [{ hardware: {} }, /^hardware\.gpu \| nothing \(the key is missing\)/],
    [{ hardware: 'A100' }, /^hardware \| "A100" \| a mapping with the key gpu$/],
    [
      { hardware: { gpu: 'A100', tensor_parallel: 2 }, tensor_parallel: 4 },
      /^tensor_parallel \| 4 \| 2, as hardware/,
    ],
    [{ tensor_parallel: 0 }, /^tensor_parallel \| 0 \| a whole number from 1 to 64$/],
  ])('metadata %j', checkMetadata);

  const checkMemory = (memory: unknown, expected: RegExp) =>
    expect(oneLine(faultOf(() => parse(ROWS, METADATA, memory)))).toMatch(expected);
  test.each([
    [{ model_params: -1 }, /^model_params \| -1 \| a whole number above 0/],
    [{ total_model_memory_gb: '14' }, /^total_model_memory_gb \| "14" .* without quotes$/],
    [{ model_params: 5, num_parameters: 6 }, /^num_parameters \| 6 \| 5, as model_params says/],
    [[], /^ \| an empty list \| a mapping/],
  ])('memory %j', checkMemory);

  test('an error names the file', () => {
    expect(faultOf(() => parse([])).source).toBe(join('up', 'fitted_profile.json'));
    expect(faultOf(() => parse(ROWS, '{')).source).toBe(join('up', 'metadata.json'));
    expect(faultOf(() => parse(ROWS, METADATA, '{')).source).toBe(join('up', 'model_memory.json'));
  });
});

describe('loadProfile', () => {
  const root = mkdtempSync(join(tmpdir(), 'profiles-'));
  const folder = (name: string, files: Readonly<Record<string, unknown>>) => {
    const path = join(root, name);
    mkdirSync(path);
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), render(content));
    return path;
  };

  test('from a folder and from the file in it', () => {
    const path = folder('a', {
      'fitted_profile.json': ROWS,
      'metadata.json': METADATA,
      'model_memory.json': MEMORY,
    });
    const byFolder = loadProfile(path, CATALOG);
    const byFile = loadProfile(join(path, 'fitted_profile.json'), CATALOG);
    expect(byFolder).toMatchObject({ id: path, origin: 'user', memory: { paramsTotal: 7e9 } });
    expect(byFile).toEqual({ ...byFolder, id: join(path, 'fitted_profile.json') });
    expect(loadProfile(path, CATALOG, { id: 'lib/x', origin: 'library' })).toEqual({
      ...byFolder,
      id: 'lib/x',
      origin: 'library',
    });
  });

  test('a file of another name, as the metadata says', () => {
    const metadata = { ...METADATA, fitted_profile: 'deep/mine.json' };
    const path = folder('b', { 'mine.json': ROWS, 'metadata.json': metadata });
    expect(loadProfile(path, CATALOG).prefill).toHaveLength(2);
  });

  test('a file the metadata is not about', () => {
    const path = folder('c', { 'other.json': ROWS, 'metadata.json': METADATA });
    expect(loadProfile(join(path, 'other.json'), CATALOG).notes).toContain(
      'metadata.json is about fitted_profile.json, read with other.json.',
    );
  });

  test('missing files', () => {
    const bare = folder('d', { 'fitted_profile.json': ROWS });
    expect(faultOf(() => loadProfile(bare, CATALOG))).toMatchObject({
      source: bare,
      found: `no metadata.json in ${bare}`,
      hint: 'it names the model and the GPU',
    });
    expect(faultOf(() => loadProfile(join(root, 'nowhere'), CATALOG)).found).toBe('no such file');
    const empty = folder('e', { 'metadata.json': METADATA });
    expect(faultOf(() => loadProfile(empty, CATALOG))).toMatchObject({
      source: join(empty, 'fitted_profile.json'),
      found: 'no such file',
    });
  });
});
