// What is written of the transfer: two tables in the guide, and the intervals in src/core/profile/transfer-error.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percent, signed, table } from './figures.mjs';
import { root } from './product.mjs';
import { PHASES } from './transfer.mjs';

const GENERATED = join('src', 'core', 'profile', 'transfer-error.ts');

export function transferText({ profiles, pairs, unlikePairs, groups }) {
  const rows = groups.flatMap((group) =>
    PHASES.map((phase) => {
      const { pairs: count, rows: compared, medianAbs, p90Abs, bias } = group[phase];
      return [group.label, phase, count, compared, percent(medianAbs), percent(p90Abs), signed(bias)];
    }),
  );
  return `${profiles} profiles, ${pairs} ordered pairs. ${unlikePairs} pairs of unlike sources (a kernel sum and an engine sweep, say) are not compared:
their difference is not scaling.

${table(['transfer', 'phase', 'pairs', 'rows', 'median error', 'p90', 'bias'], rows, 2)}`;
}

export function transferIntervalTable({ intervals }) {
  const rows = intervals.flatMap((row) =>
    PHASES.map((phase) => {
      const { pairs, architectures, lowRatio, highRatio, coverage } = row[phase];
      return [row.class, phase, pairs, architectures, lowRatio, highRatio, percent(coverage)];
    }),
  );
  return table(['class', 'phase', 'pairs', 'architectures', 'low', 'high', 'covered'], rows, 2);
}

/** Writes the intervals into the source, or compares them. Returns what is wrong, one sentence each. */
export function saveTransferIntervals({ intervals }, { check }) {
  const path = join(root, GENERATED);
  const before = readFileSync(path, 'utf8');
  const after = withIntervals(before, intervals);
  if (!check) writeFileSync(path, after);
  const faults = intervals.flatMap((row) =>
    PHASES.filter((phase) => row[phase].coverage < 0.8 || row[phase].coverage > 0.97).map(
      (phase) =>
        `${row.class}, ${phase}: ${percent(row[phase].coverage)} of other models' pairs covered, not 80 to 97%`,
    ),
  );
  if (check && before !== after)
    faults.push(`${GENERATED} differs from what the library yields: npm run accuracy -- --transfer-table`);
  return faults;
}

function withIntervals(source, intervals) {
  const ratios = ({ lowRatio, highRatio }) => `{ lowRatio: ${lowRatio}, highRatio: ${highRatio} }`;
  const lines = intervals.map(
    (row) =>
      `  ${row.class}: {\n    decode: ${ratios(row.decode)},\n    prefill: ${ratios(row.prefill)},\n  },\n`,
  );
  return source.replace(
    /(const TRANSFER_ERRORS[^{]*= \{\n)[\s\S]*?(\n?\};\n)/,
    (_, head) => `${head}${lines.join('')}};\n`,
  );
}
