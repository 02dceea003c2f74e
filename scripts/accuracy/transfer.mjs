// How well scaled profiles foretell measured ones: every library profile is predicted from each of its siblings (same model, dtype and
// source; another tensor-parallel degree, or another GPU at the same degree).
import { groupBy, nextValueBounds, quantile } from './figures.mjs';
import { product } from './product.mjs';

const { loadCatalog } = product('app/load-catalog');
const { listLibrary, loadLibraryProfile } = product('app/library');
const { scaleProfile } = product('core/profile/scale-profile');
const { transferClassesOf } = product('core/profile/transfer-error');

export const PHASES = ['decode', 'prefill'];

/** Pairs of profiles with their errors: by kind of transfer, and as intervals by class. */
export function measureTransfer() {
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
  const { pairs, unlikePairs } = siblings(library);
  return {
    profiles: library.length,
    pairs: pairs.length,
    unlikePairs,
    groups: tableOf(pairs),
    intervals: intervalsOf(pairs),
  };
}

/** Every ordered pair of like profiles, with its row errors. Unlike sources of one model are counted, not compared. */
function siblings(library) {
  const pairs = [];
  let unlikePairs = 0;
  for (const from of library)
    for (const to of library) {
      const sameGpu = from.shard.gpu === to.shard.gpu;
      const sameDegree = from.shard.tensorParallel === to.shard.tensorParallel;
      if (from === to || from.model !== to.model || !(sameGpu || sameDegree)) continue;
      // The last part of an id names source and dtype, so it keeps fp8 from bf16 as well.
      if (from.source === to.source) pairs.push(predict(from, to));
      else unlikePairs++;
    }
  return { pairs, unlikePairs };
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
        const [low, high] = bounds(others.map((pair) => pair[phase].logRatio));
        inside += own.filter((pair) => pair[phase].logRatio >= low && pair[phase].logRatio <= high).length;
      }
      const [low, high] = bounds(ratios);
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

/** The prediction itself is always inside. */
function bounds(logRatios) {
  const [low, high] = nextValueBounds(logRatios);
  return [Math.min(0, low), Math.max(0, high)];
}
