import { listLibrary, loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import { scaleProfile } from '../../src/core/profile/scale-profile';
import { transferError } from '../../src/core/profile/transfer-error';
import { gpuById, modelById } from '../support/random-profile';

const shard = (gpuId: string, tensorParallel: number) => ({ gpu: gpuById(gpuId), tensorParallel });
const PHASES = ['decode', 'prefill'] as const;

test('nothing scaled, nothing added', () => {
  const exact = { lowRatio: 1, highRatio: 1 };
  const h100 = shard('h100-sxm', 2);
  expect(transferError({ from: h100, to: h100 })).toEqual({ decode: exact, prefill: exact });
});

test.each([
  ['h100-sxm', 1, 'h100-sxm', 2],
  ['h100-sxm', 1, 'h100-sxm', 8],
  ['l40s', 8, 'l40s', 4],
  ['l40s', 8, 'l40s', 1],
  ['h100-sxm', 4, 'h200', 4],
  ['a100-80gb', 4, 'l40s', 4],
] as const)('%s tp%i to %s tp%i: the prediction is inside, and the interval is not absurd', (a, k, b, l) => {
  const error = transferError({ from: shard(a, k), to: shard(b, l) });
  for (const phase of PHASES) {
    const { lowRatio, highRatio } = error[phase];
    expect(lowRatio).toBeLessThanOrEqual(1);
    expect(highRatio).toBeGreaterThanOrEqual(1);
    expect(highRatio / lowRatio).toBeGreaterThan(1.1);
    expect(highRatio / lowRatio).toBeLessThan(10);
  }
});

test('another GPU and another degree is less certain than either', () => {
  const both = transferError({ from: shard('a100-80gb', 1), to: shard('h100-sxm', 2) });
  const degree = transferError({ from: shard('h100-sxm', 1), to: shard('h100-sxm', 2) });
  const gpu = transferError({ from: shard('a100-80gb', 1), to: shard('h100-sxm', 1) });
  for (const phase of PHASES)
    for (const single of [degree, gpu]) {
      expect(both[phase].lowRatio).toBeLessThan(single[phase].lowRatio);
      expect(both[phase].highRatio).toBeGreaterThan(single[phase].highRatio);
    }
});

const catalog = loadCatalog();

test('a longer step along the degrees is less certain', () => {
  const near = transferError({ from: shard('h100-sxm', 4), to: shard('h100-sxm', 2) });
  const far = transferError({ from: shard('h100-sxm', 8), to: shard('h100-sxm', 2) });
  for (const phase of PHASES) expect(far[phase].lowRatio).toBeLessThan(near[phase].lowRatio);
});

test('the library: median row errors stay within 15%, and nine of ten totals within the interval', () => {
  const rowErrors = new Map<string, number[]>();
  const coverage = { inside: 0, all: 0 };
  const library = listLibrary().map((entry) => ({ entry, profile: loadLibraryProfile(entry.id, catalog) }));
  for (const from of library)
    for (const to of library) {
      const label = labelOf(from.entry, to.entry);
      if (label === null) continue;
      const target = shard(to.entry.gpuId, to.entry.tensorParallel);
      const source = shard(from.entry.gpuId, from.entry.tensorParallel);
      const scaled = scaleProfile(from.profile, modelById(from.entry.modelId), source.gpu, target);
      const interval = transferError({ from: source, to: target });
      for (const phase of PHASES) {
        const rows = matched(scaled[phase], to.profile[phase]);
        const errors = rows.map(({ predicted, measured }) => Math.abs(predicted / measured - 1));
        const key = `${label} ${phase}`;
        rowErrors.set(key, [...(rowErrors.get(key) ?? []), ...errors]);
        const sum = (pick: (row: (typeof rows)[number]) => number) =>
          rows.reduce((t, row) => t + pick(row), 0);
        const ratio = sum((row) => row.measured) / sum((row) => row.predicted);
        coverage.all++;
        if (ratio >= interval[phase].lowRatio && ratio <= interval[phase].highRatio) coverage.inside++;
      }
    }
  const transfers = ['tp k→2k', 'a100-80gb→h100-sxm', 'h100-sxm→h200', 'a100-80gb→l40s'];
  for (const transfer of transfers)
    for (const phase of PHASES) {
      const errors = rowErrors.get(`${transfer} ${phase}`)!.sort((a, b) => a - b);
      expect(errors.length).toBeGreaterThan(400);
      expect(errors[errors.length >> 1]).toBeLessThan(0.15);
    }
  expect(coverage.inside / coverage.all).toBeGreaterThan(0.85);
  expect(coverage.inside / coverage.all).toBeLessThan(0.97);
});

type Entry = ReturnType<typeof listLibrary>[number];

function labelOf(from: Entry, to: Entry): string | null {
  if (from === to || from.modelId !== to.modelId || from.variant !== to.variant) return null;
  if (from.gpuId !== to.gpuId)
    return from.tensorParallel === to.tensorParallel ? `${from.gpuId}→${to.gpuId}` : null;
  return to.tensorParallel === 2 * from.tensorParallel ? 'tp k→2k' : null;
}

interface AnyRow {
  readonly promptTokens?: number;
  readonly contextTokens?: number;
  readonly batchSize: number;
  readonly meanMs: number;
}

function matched(scaled: readonly AnyRow[], measured: readonly AnyRow[]) {
  const key = (row: AnyRow) => `${row.promptTokens ?? row.contextTokens} ${row.batchSize}`;
  const predicted = new Map(scaled.map((row) => [key(row), row.meanMs]));
  return measured.flatMap((row) => {
    const ms = predicted.get(key(row));
    return ms === undefined ? [] : [{ predicted: ms, measured: row.meanMs }];
  });
}
