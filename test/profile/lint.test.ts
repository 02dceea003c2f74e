import { loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import { type LintOptions, lintProfile } from '../../src/core/profile/lint';
import type { DecodeRow, PrefillRow, Profile } from '../../src/core/profile/profile';
import { UPSTREAM_DECODE, UPSTREAM_PREFILL } from './upstream-rows';

const catalog = loadCatalog();
const GOOD = loadLibraryProfile('a100-80gb/llama-2-7b/tp1/kernel-sum-bf16', catalog);

function lint(profile: Profile, needed?: LintOptions['needed']) {
  const gpu = catalog.gpus.find((candidate) => candidate.id === profile.gpuId);
  const model = catalog.models.find((candidate) => candidate.id === profile.modelId);
  if (gpu === undefined || model === undefined) throw new Error('unknown');
  return lintProfile(profile, needed === undefined ? { gpu, model } : { gpu, model, needed });
}
const codes = (profile: Profile, needed?: LintOptions['needed']) =>
  lint(profile, needed).map(({ severity, code }) => `${severity} ${code}`);

const times = (factor: number): Profile => ({
  ...GOOD,
  prefill: GOOD.prefill.map((row) => ({ ...row, meanMs: row.meanMs * factor })),
  decode: GOOD.decode.map((row) => ({ ...row, meanMs: row.meanMs * factor })),
});

test('a good profile has no finding', () => {
  expect(lint(GOOD)).toEqual([]);
});

describe('the profile published with the original project', () => {
  // "llama-7b" on an A100; in truth GPT-2 small in float32, decode without KV cache. Timings only, no memory file.
  const upstream: Profile = {
    id: 'upstream',
    origin: 'user',
    gpuId: 'a100-80gb',
    modelId: 'llama-2-7b',
    tensorParallel: 1,
    kind: 'measured',
    engine: null,
    dtype: null,
    weightBytesPerParam: null,
    date: null,
    prefill: UPSTREAM_PREFILL,
    decode: UPSTREAM_DECODE,
    memory: {},
    notes: [],
  };

  test('both faults are found from the numbers alone', () => {
    const findings = lint(upstream);
    const flops = findings.find(({ code }) => code === 'flops-above-peak');
    expect(flops).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('need 787 TFLOP/s per GPU, the dense peak is 312'),
    });
    const cache = findings.find(({ code }) => code === 'decode-without-kv-cache');
    expect(cache).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('decode of 2 × 512 tokens 18.7 ms, prefill 18.3 ms'),
    });
    expect(findings.map(({ code }) => code)).toContain('coverage');
  });

  test('its memory file gives the model away too', () => {
    const memory = { paramsTotal: 124439808, totalWeightBytes: 497759232 };
    const found = codes({ ...upstream, memory, dtype: 'torch.float32', weightBytesPerParam: 4 });
    expect(found).toEqual(
      expect.arrayContaining(['error parameter-count', 'warning weight-bytes', 'warning float32-weights']),
    );
  });
});

test.each([
  ['seconds', 1e-3, ['error units']],
  ['microseconds', 1e3, ['error units']],
  ['half the time physics allows', 0.4, ['error flops-above-peak', 'error bytes-above-bandwidth']],
  ['a hundredth of the speed', 30, ['warning implausibly-slow']],
])('times in %s', (_, factor, expected) => {
  expect(codes(times(factor))).toEqual(expect.arrayContaining(expected));
});

test('wrong units say the factor and nothing about rates', () => {
  const findings = lint(times(1e-3));
  expect(findings).toHaveLength(1);
  expect(findings[0]?.fix).toContain('multiply every mean, median and std by 1000');
});

const decodeWith = (...rows: DecodeRow[]): Profile => ({ ...GOOD, decode: [...GOOD.decode, ...rows] });
const prefillWith = (...rows: PrefillRow[]): Profile => ({ ...GOOD, prefill: [...GOOD.prefill, ...rows] });

test.each<[string, Profile, string]>([
  [
    'a batch that needs more memory than the GPU has, too fast',
    decodeWith({ contextTokens: 65536, batchSize: 64, meanMs: 300 }),
    'warning beyond-memory',
  ],
  [
    'one batch not processed whole',
    prefillWith({ promptTokens: 4000, batchSize: 64, meanMs: 900 }),
    'error flops-above-peak',
  ],
  ['a repeated point', decodeWith(GOOD.decode[0] as DecodeRow), 'error duplicate-rows'],
  [
    'a spread above the mean',
    decodeWith({ contextTokens: 300, batchSize: 3, meanMs: 9, stdMs: 12 }),
    'warning std-above-mean',
  ],
  ['three prefill rows', { ...GOOD, prefill: GOOD.prefill.slice(0, 3) }, 'warning too-few-points'],
  ['one decode row', { ...GOOD, decode: GOOD.decode.slice(0, 1) }, 'error too-few-points'],
  ['256 KV bytes per token', { ...GOOD, memory: { kvBytesPerToken: 256 } }, 'warning kv-bytes'],
  ['an 8-bit KV cache', { ...GOOD, memory: { kvBytesPerToken: 262144 } }, 'info kv-bytes'],
  ['13 billion parameters', { ...GOOD, memory: { paramsTotal: 13e9 } }, 'warning parameter-count'],
  ['70 billion parameters', { ...GOOD, memory: { paramsTotal: 70e9 } }, 'error parameter-count'],
])('%s', (_, profile, expected) => {
  expect(codes(profile)).toContain(expected);
});

test('times that fall as work grows: a dip is info, a cliff a warning, a reversed sweep an error', () => {
  // Slow enough that the cliff stays within what the GPU can do.
  const slow = times(5);
  const withLast = (factor: number): Profile => {
    const [last] = [...slow.decode]
      .filter((row) => row.batchSize === 8)
      .sort((a, b) => b.contextTokens - a.contextTokens);
    return {
      ...slow,
      decode: slow.decode.map((row) => (row === last ? { ...row, meanMs: row.meanMs * factor } : row)),
    };
  };
  expect(codes(withLast(1))).not.toContain('warning non-monotone');
  expect(codes(withLast(0.6))).toContain('info non-monotone');
  expect(codes(withLast(0.25))).toContain('warning non-monotone');
  const reversed = GOOD.prefill.map((row) => ({ ...row, meanMs: 5e4 / Math.sqrt(row.promptTokens) }));
  expect(codes({ ...GOOD, prefill: reversed })).toContain('error non-monotone');
});

test('coverage is judged by the plan where there is one', () => {
  expect(codes(GOOD, { batch: 256, context: 4096, prompt: 4096 })).toEqual([]);
  const [finding] = lint(GOOD, { batch: 1024, context: 16384, prompt: 512 });
  expect(finding).toMatchObject({
    code: 'coverage',
    message: expect.stringContaining('decode batch 512 of 1024 needed, decode context 8192 of 16384 needed'),
  });
});

test('findings come worst first', () => {
  const found = lint({ ...times(0.4), memory: { kvBytesPerToken: 256 } }).map(({ severity }) => severity);
  expect(found).toEqual(
    [...found].sort(
      (a, b) => ['error', 'warning', 'info'].indexOf(a) - ['error', 'warning', 'info'].indexOf(b),
    ),
  );
});
