import { z } from 'zod';
import type { DecodeRow, PrefillRow } from '../core/profile/profile';
import { checkShape } from './check-shape';
import { dotted, refuse, type Where } from './fault';
import { LIMITS } from './limits';
import { flag, mapping, number, whole } from './schema-kit';

const FEWEST_ROWS = 2;

const milliseconds = number({ above: 0, max: LIMITS.iterationMs });
const statistics = {
  batch_size: whole({ min: 1, max: LIMITS.batchSize }),
  mean_ms: milliseconds,
  median_ms: milliseconds.nullish(),
  std_ms: number({ min: 0, max: LIMITS.iterationMs }).nullish(),
  /** Set in the library where a value lies outside what was measured. */
  extrapolated: flag().optional(),
};
const prefillRow = mapping({
  type: z.literal('prefill'),
  seq_len: whole({ min: 1, max: LIMITS.tokens }),
  ...statistics,
});
const decodeRow = mapping({
  type: z.literal('decode'),
  kv_cache: whole({ min: 0, max: LIMITS.tokens }),
  new_tokens: whole({ min: 1, max: LIMITS.tokens }).optional(),
  ...statistics,
});
const rowList = z.array(
  z.discriminatedUnion('type', [prefillRow, decodeRow], { error: 'a mapping with type prefill or decode' }),
  { error: 'a list of rows' },
);
type Row = z.infer<typeof rowList>[number];

export interface ProfileRows {
  readonly prefill: readonly PrefillRow[];
  readonly decode: readonly DecodeRow[];
  readonly notes: readonly string[];
}

/** The rows of `fitted_profile.json` that were measured, one new token per request in decode rows. */
export function parseRows(source: string, value: unknown): ProfileRows {
  const rows = checkShape(rowList, value, (path) => ({ source, path: rowPath(path) }));
  if (rows.length === 0) refuse({ source, path: '' }, { found: 'an empty list', allowed: 'a list of rows' });
  refuseDuplicates(source, rows);
  const measured = rows.filter((row) => row.extrapolated !== true);
  const prefill: PrefillRow[] = [];
  const decode: DecodeRow[] = [];
  let severalTokens = 0;
  for (const row of measured) {
    const common = { batchSize: row.batch_size, meanMs: row.mean_ms, ...spread(row) };
    if (row.type === 'prefill') prefill.push({ promptTokens: row.seq_len, ...common });
    else if ((row.new_tokens ?? 1) === 1) decode.push({ contextTokens: row.kv_cache, ...common });
    else severalTokens++;
  }
  const extrapolated = rows.length - measured.length;
  const notes = [
    ...(extrapolated > 0
      ? [`${extrapolated} of ${rows.length} rows are marked extrapolated: left out, they were not measured.`]
      : []),
    ...(severalTokens > 0
      ? [`${severalTokens} decode rows have new_tokens over 1: left out, they are not one iteration.`]
      : []),
  ];
  for (const [type, kept] of [
    ['prefill', prefill.length],
    ['decode', decode.length],
  ] as const) {
    if (kept >= FEWEST_ROWS) continue;
    refuse(
      { source, path: '' },
      {
        found: `${kept} usable ${type} rows of ${rows.length}`,
        allowed: `at least ${FEWEST_ROWS} prefill and ${FEWEST_ROWS} decode rows`,
        hint: notes[0],
      },
    );
  }
  return { prefill, decode, notes };
}

const spread = (row: Row) => ({
  ...(typeof row.median_ms === 'number' ? { medianMs: row.median_ms } : {}),
  ...(typeof row.std_ms === 'number' ? { stdMs: row.std_ms } : {}),
});

function refuseDuplicates(source: string, rows: readonly Row[]): void {
  const firstOf = new Map<string, number>();
  rows.forEach((row, index) => {
    const key =
      row.type === 'prefill'
        ? `prefill with seq_len ${row.seq_len}, batch_size ${row.batch_size}`
        : `decode with kv_cache ${row.kv_cache}, new_tokens ${row.new_tokens ?? 1}, batch_size ${row.batch_size}`;
    const first = firstOf.get(key);
    if (first === undefined) {
      firstOf.set(key, index);
      return;
    }
    const where: Where = { source, path: `row ${index + 1}` };
    refuse(where, {
      found: `${key}, which row ${first + 1} holds already`,
      allowed: 'every point once',
      hint: 'delete one of the two',
    });
  });
}

/** `row 3, seq_len`; rows count from 1. */
function rowPath(path: readonly PropertyKey[]): string {
  const [index, ...rest] = path;
  if (typeof index !== 'number') return dotted(path);
  return rest.length === 0 ? `row ${index + 1}` : `row ${index + 1}, ${dotted(rest)}`;
}
