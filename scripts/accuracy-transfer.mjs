// How well scaled profiles foretell measured ones: every library profile is predicted from each of its siblings (same model, dtype and
// source; another tensor-parallel degree, or another GPU at the same degree).
//   node scripts/accuracy-transfer.mjs [--json | --markdown | --write | --check] [--dist FOLDER]
// Without a flag it prints the table. `--write` puts the intervals into src/core/profile/transfer-error.ts, `--check` compares them.
// FOLDER (or BENCH_DIST) is a build; default `dist`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    dist: { type: 'string', default: process.env.BENCH_DIST ?? join(root, 'dist') },
  },
});
const require = createRequire(import.meta.url);
const dist = (path) => require(join(resolve(flags.dist), path));
const { loadCatalog } = dist('app/load-catalog.js');
const { listLibrary, loadLibraryProfile } = dist('app/library.js');
const { scaleProfile } = dist('core/profile/scale-profile.js');
const { transferClassesOf } = dist('core/profile/transfer-error.js');

const PHASES = ['decode', 'prefill'];
const COVERED = 0.9;
const generated = join(root, 'src', 'core', 'profile', 'transfer-error.ts');

const catalog = loadCatalog();
const library = listLibrary().map((entry) => ({
  id: entry.id,
  source: entry.variant,
  model: catalog.models.find(({ id }) => id === entry.modelId),
  shard: {
    gpu: catalog.gpus.find(({ id }) => id === entry.gpuId),
    tensorParallel: entry.tensorParallel,
  },
  profile: loadLibraryProfile(entry.id, catalog),
}));
const { pairs, skipped } = siblings();
const groups = tableOf(pairs);
const intervals = intervalsOf(pairs);

if (flags.write || flags.check) saveIntervals();
else if (flags.json) console.log(JSON.stringify({ skipped, groups, intervals, pairs: pairs.map(plainPair) }));
else if (flags.markdown) console.log(markdown());
else console.log(text());

/** Every ordered pair of like profiles, with its row errors. Unlike sources of one model are counted, not compared. */
function siblings() {
  const found = [];
  const leftOut = new Map();
  for (const from of library)
    for (const to of library) {
      const sameGpu = from.shard.gpu === to.shard.gpu;
      const sameDegree = from.shard.tensorParallel === to.shard.tensorParallel;
      if (from === to || from.model !== to.model || !(sameGpu || sameDegree)) continue;
      // The last part of an id names source and dtype, so it keeps fp8 from bf16 as well.
      if (from.source !== to.source) {
        const key = [from.source, to.source].sort().join(' and ');
        leftOut.set(key, (leftOut.get(key) ?? 0) + 1);
      } else found.push(predict(from, to));
    }
  return { pairs: found, skipped: Object.fromEntries([...leftOut].sort()) };
}

function predict(from, to) {
  const scaled = scaleProfile(from.profile, from.model, from.shard.gpu, to.shard);
  const [classOf] = transferClassesOf({ from: from.shard, to: to.shard });
  const pair = { from, to, label: labelOf(from.shard, to.shard), class: classOf };
  for (const phase of PHASES) {
    const key = (row) => `${phase === 'decode' ? row.contextTokens : row.promptTokens} ${row.batchSize}`;
    const predicted = new Map(scaled[phase].map((row) => [key(row), row.meanMs]));
    const rows = to.profile[phase].filter((row) => predicted.has(key(row)));
    const total = (ms) => rows.reduce((sum, row) => sum + ms(row), 0);
    pair[phase] = {
      errors: rows.map((row) => predicted.get(key(row)) / row.meanMs - 1),
      unmatched: to.profile[phase].length - rows.length,
      // ln(measured ÷ predicted) of the total time of the rows both have.
      logRatio:
        rows.length === 0
          ? null
          : Math.log(total((row) => row.meanMs) / total((row) => predicted.get(key(row)))),
    };
  }
  return pair;
}

function labelOf(from, to) {
  if (from.gpu !== to.gpu) return `${from.gpu.id} → ${to.gpu.id}`;
  const ratio = to.tensorParallel / from.tensorParallel;
  return ratio > 1 ? `tp k → ${ratio}k` : `tp ${1 / ratio}k → k`;
}

function tableOf(list) {
  return groupBy(list, (pair) => pair.label).map(([label, members]) => {
    const group = { label };
    for (const phase of PHASES) {
      const errors = members.flatMap((pair) => pair[phase].errors);
      group[phase] = {
        pairs: members.filter((pair) => pair[phase].errors.length > 0).length,
        rows: errors.length,
        unmatchedRows: members.reduce((sum, pair) => sum + pair[phase].unmatched, 0),
        medianAbs: quantile(errors.map(Math.abs), 0.5),
        p90Abs: quantile(errors.map(Math.abs), 0.9),
        bias: quantile(errors, 0.5),
      };
    }
    return group;
  });
}

/**
 * For each class: the 5% and 95% quantiles of measured ÷ predicted, and the share of pairs inside when the quantiles are taken from the
 * other models. Models of one architecture (Llama 2 and 3.1 70B) are left out together.
 */
function intervalsOf(list) {
  return groupBy(list, (pair) => pair.class).map(([name, members]) => {
    const row = { class: name };
    for (const phase of PHASES) {
      const known = members.filter((pair) => pair[phase].logRatio !== null);
      const ratios = known.map((pair) => pair[phase].logRatio);
      const architectures = groupBy(known, ({ from }) => architectureOf(from.model));
      let inside = 0;
      for (const [architecture, own] of architectures) {
        const others = known.filter(({ from }) => architectureOf(from.model) !== architecture);
        const { low, high } = bounds(others.map((pair) => pair[phase].logRatio));
        inside += own.filter((pair) => pair[phase].logRatio >= low && pair[phase].logRatio <= high).length;
      }
      const { low, high } = bounds(ratios);
      row[phase] = {
        pairs: known.length,
        architectures: architectures.length,
        lowRatio: Number(Math.exp(low).toFixed(3)),
        highRatio: Number(Math.exp(high).toFixed(3)),
        coverage: inside / known.length,
      };
    }
    return row;
  });
}

function architectureOf(model) {
  return `${model.layers} ${model.hiddenSize}`;
}

/** Quantiles for the next value rather than for those seen: ranks of n + 1. The prediction itself is always inside. */
function bounds(logRatios) {
  const sorted = [...logRatios].sort((a, b) => a - b);
  const tail = Math.max(0, Math.floor(((1 - COVERED) / 2) * (sorted.length + 1)) - 1);
  return { low: Math.min(0, sorted[tail]), high: Math.max(0, sorted[sorted.length - 1 - tail]) };
}

function groupBy(list, keyOf) {
  const map = new Map();
  for (const item of list) {
    const key = keyOf(item);
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(item);
  }
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** */
function quantile(values, p) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}

function plainPair(pair) {
  const phase = ({ errors, logRatio }) => ({
    rows: errors.length,
    medianAbs: quantile(errors.map(Math.abs), 0.5),
    bias: quantile(errors, 0.5),
    logRatio,
  });
  const { decode, prefill } = pair;
  return {
    from: pair.from.id,
    to: pair.to.id,
    class: pair.class,
    decode: phase(decode),
    prefill: phase(prefill),
  };
}

function saveIntervals() {
  const ratios = ({ lowRatio, highRatio }) => `{ lowRatio: ${lowRatio}, highRatio: ${highRatio} }`;
  const lines = intervals.map(
    (row) =>
      `  ${row.class}: {\n    decode: ${ratios(row.decode)},\n    prefill: ${ratios(row.prefill)},\n  },\n`,
  );
  const before = readFileSync(generated, 'utf8');
  const after = before.replace(
    /(const TRANSFER_ERRORS[^{]*= \{\n)[\s\S]*?(\n?\};\n)/,
    (_, head) => `${head}${lines.join('')}};\n`,
  );
  if (flags.write) writeFileSync(generated, after);
  else if (before !== after) {
    console.error('src/core/profile/transfer-error.ts differs from what the library yields;');
    console.error('write it again with `node scripts/accuracy-transfer.mjs --write`');
    process.exitCode = 1;
  }
  for (const row of intervals)
    for (const phase of PHASES) {
      const { coverage } = row[phase];
      if (coverage >= 0.8 && coverage <= 0.97) continue;
      console.error(
        `${row.class}, ${phase}: ${percent(coverage)} of other models' pairs covered, not 80 to 97%`,
      );
      process.exitCode = 1;
    }
}

function percent(share, sign = false) {
  return share === null ? '–' : `${sign && share >= 0 ? '+' : ''}${(100 * share).toFixed(1)}%`;
}

function tableRows() {
  return groups.flatMap((group) =>
    PHASES.map((phase) => {
      const { pairs: count, rows, medianAbs, p90Abs, bias } = group[phase];
      return [group.label, phase, count, rows, percent(medianAbs), percent(p90Abs), percent(bias, true)];
    }),
  );
}

function intervalRows() {
  return intervals.flatMap((row) =>
    PHASES.map((phase) => {
      const { pairs: count, architectures, lowRatio, highRatio, coverage } = row[phase];
      return [row.class, phase, count, architectures, lowRatio, highRatio, percent(coverage)];
    }),
  );
}

function text() {
  const columns = (rows) =>
    rows
      .map((row) =>
        row.map((cell, i) => (i < 2 ? String(cell).padEnd(26 - 16 * i) : String(cell).padStart(9))).join(''),
      )
      .join('\n');
  const head = ['transfer', 'phase', 'pairs', 'rows', 'median', 'p90', 'bias'];
  const intervalHead = ['class', 'phase', 'pairs', 'archs', 'low', 'high', 'covered'];
  const unlike = Object.entries(skipped).map(([key, count]) => `  ${key}: ${count}`);
  return [
    `${library.length} profiles, ${pairs.length} ordered pairs; errors: predicted ÷ measured − 1 of each row`,
    columns([head, ...tableRows()]),
    '',
    'measured ÷ predicted of total times, 5% and 95%; covered: leaving out one architecture at a time',
    columns([intervalHead, ...intervalRows()]),
    '',
    'pairs of unlike sources, not compared:',
    ...unlike,
  ].join('\n');
}

function markdown() {
  const table = (head, rows) =>
    [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...rows]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n');
  const unlike = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  return `## Transfer between degrees and GPUs

Where no profile of the deployment exists, a sibling's times are scaled. Here each of the ${library.length} profiles of the library is
predicted from each sibling of the same model, dtype and source: ${pairs.length} ordered pairs. ${unlike} pairs of unlike sources (a kernel sum and
an engine sweep, say) are not compared: their difference is not scaling. Error: predicted ÷ measured − 1 of each
row; bias: the median with its sign. A group of few pairs says little beyond them. Made by \`node scripts/accuracy-transfer.mjs --markdown\`.

${table(['transfer', 'phase', 'pairs', 'rows', 'median error', 'p90', 'bias'], tableRows())}

The interval of a scaled prediction: measured ÷ predicted of a profile's total decode or prefill time lies between these factors for 90% of
the pairs. Covered: the share inside when one architecture is left out and the factors come from the others.

${table(['class', 'phase', 'pairs', 'architectures', 'low', 'high', 'covered'], intervalRows())}`;
}
