// Makes data/ from a folder of collected sources: `node scripts/import-data.mjs SOURCE`.
// SOURCE holds catalog/{gpus,models,prices}.json, profiles/index.json with its tree, and traces/.
// What is taken and why is in data/README.md. Running it twice gives the same bytes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node scripts/import-data.mjs SOURCE');
  process.exit(2);
}
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'data');

const readJson = (...path) => JSON.parse(readFileSync(join(source, ...path), 'utf8'));
const writeJson = (path, value) => {
  const file = join(target, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`);
};
/** Same bytes, ordinary file mode whatever the source has. */
const copy = (path) => {
  const file = join(target, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, readFileSync(join(source, path)));
};
/** Ids that mean nothing outside the collector's own search index are left out of a source. */
const clean = (text) =>
  text
    .replace(/\s*\((?:search )?index (?:file )?ids?[^)]*\)/g, '')
    .replace(/^search index file id \d+;\s*/, 'public code table; ')
    .trim();
const withoutNulls = (record) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== ''));

// Total memory as CUDA or HIP reports it to a process (`total_memory`, the base of gpu_memory_utilization), GiB:
// the figure of public "GPU 0 has a total capacity of ..." logs. The nominal size is a binary one less ECC and firmware.
const USABLE_GIB = {
  t4: 14.56,
  'v100-16gb': 15.77,
  a10g: 22.06,
  l4: 22.03,
  l40s: 44.4,
  a40: 44.35,
  'a100-40gb': 39.39,
  'a100-80gb': 79.15,
  'h100-sxm': 79.1,
  'h100-pcie': 79.11,
  h200: 139.8,
  b200: 178.35,
  gb200: 184.31,
  b300: 267.69,
  mi300x: 191.98,
  mi325x: 255.98,
  mi355x: 287.98,
  'rtx-4090': 23.5165,
  'rtx-pro-6000': 94.97,
};

function importGpus(wire) {
  const gpus = wire.gpus.map((gpu) => {
    const usable = USABLE_GIB[gpu.id];
    if (usable === undefined) throw new Error(`no usable memory known for ${gpu.id}`);
    return withoutNulls({
      id: gpu.id,
      name: gpu.name,
      vendor: gpu.vendor,
      architecture: gpu.architecture,
      compute_capability: gpu.compute_capability,
      memory_gb: gpu.memory_gb,
      usable_memory_gib: usable,
      memory_bandwidth_gbps: gpu.memory_bandwidth_gbps,
      bf16_tflops_dense: gpu.bf16_tflops_dense,
      fp16_tflops_dense: gpu.fp16_tflops_dense,
      fp8_tflops_dense: gpu.fp8_tflops_dense,
      int8_tops_dense: gpu.int8_tops_dense,
      interconnect: gpu.interconnect,
      interconnect_gbps_unidirectional_per_gpu: gpu.interconnect_gbps_unidirectional_per_gpu,
      pcie_gbps_unidirectional: gpu.pcie_gbps_unidirectional,
      max_gpus_per_node: gpu.max_gpus_per_node,
      tdp_w: gpu.tdp_w,
      sources: gpu.spec_sources.filter((text) => !/none$/i.test(text)).map(clean),
      notes: gpu.notes,
    });
  });
  writeJson('catalog/gpus.json', {
    version: wire.generated,
    conventions:
      'Dense FLOP rates; bandwidths in 10^9 bytes/s; links per GPU, one direction. memory_gb is the nominal size, usable_memory_gib what CUDA or HIP reports to a process (public out-of-memory logs).',
    gpus,
  });
}

// Same architecture as a catalogued model, another context length or training.
const MODEL_TWINS = [
  { id: 'llama-3-8b', hf_id: 'meta-llama/Meta-Llama-3-8B', twin: 'llama-3.1-8b', max_context: 8192 },
  { id: 'llama-3-70b', hf_id: 'meta-llama/Meta-Llama-3-70B', twin: 'llama-3.1-70b', max_context: 8192 },
  {
    id: 'llama-3.3-70b',
    hf_id: 'meta-llama/Llama-3.3-70B-Instruct',
    twin: 'llama-3.1-70b',
    max_context: 131072,
  },
];

function importModels(wire) {
  const fields = (model) =>
    withoutNulls({
      id: model.id,
      hf_id: model.hf_id,
      arch: model.arch,
      attention: model.attention,
      layers: model.layers,
      hidden: model.hidden,
      heads: model.heads,
      kv_heads: model.kv_heads,
      head_dim: model.head_dim,
      intermediate: model.intermediate,
      vocab: model.vocab,
      max_context: model.max_context,
      sliding_window: model.sliding_window,
      sliding_window_layers: model.sliding_window_layers,
      default_dtype: model.default_dtype,
      dtype_bytes: model.dtype_bytes,
      params_total: model.params_total,
      params_active: model.params_active,
      kv_bytes_per_token: model.kv_bytes_per_token,
      weight_bytes_default: model.weight_bytes_default,
      flops_per_token_linear: model.flops_per_token_linear,
      source: clean(model.source),
      note: model.note,
    });
  const models = wire.models.map(fields);
  for (const { twin, ...own } of MODEL_TWINS) {
    const base = models.find((model) => model.id === twin);
    models.push({ ...base, ...own, source: `same architecture as ${twin}` });
  }
  models.sort((a, b) => (a.id < b.id ? -1 : 1));
  writeJson('catalog/models.json', {
    version: wire.generated,
    conventions:
      'kv_bytes_per_token: all layers, 16-bit K and V, unsharded (MLA: the latent). flops_per_token_linear: 2 per active weight, input embedding excluded; attention scores add 4 x layers x heads x head_dim x context.',
    models,
  });
  return new Map(models.map((model) => [model.id, model]));
}

const INSTANCE_GPU_IDS = {
  'V100-16GB': 'v100-16gb',
  'A100-40GB-SXM': 'a100-40gb',
  'A100-80GB-SXM': 'a100-80gb',
  'H100-SXM': 'h100-sxm',
  'H200-SXM': 'h200',
  B200: 'b200',
  A10G: 'a10g',
  L4: 'l4',
  L40S: 'l40s',
  T4: 't4',
};
// Prices that someone can pay; owned-cost models, serverless per-second rates and references are not.
const KINDS = {
  'on-demand': 'on-demand',
  on_demand: 'on-demand',
  spot: 'spot',
  preemptible: 'spot',
  'reserved-1y': 'reserved-1y',
};
const isoDate = (text) => (/^\d{4}(-\d{2}){0,2}$/.test(text) ? text : null);
const datedSource = (text, date) =>
  clean(text) + (isoDate(date) === null && date !== 'undated' ? `; date given as "${date}"` : '');

function instanceQuotes(wire) {
  return wire.prices
    .filter(
      (price) =>
        price.note !== 'superseded' &&
        KINDS[price.pricing] !== undefined &&
        INSTANCE_GPU_IDS[price.gpu] !== undefined,
    )
    .map((price) => ({
      gpu: INSTANCE_GPU_IDS[price.gpu],
      provider: price.cloud,
      region: price.region,
      kind: KINDS[price.pricing],
      // From the instance's price: the collected per-GPU figure is rounded to four places.
      usd_per_gpu_hour: Number((price.usd_per_hour / price.gpus).toPrecision(9)),
      gpus_per_instance: price.gpus,
      product: price.instance,
      date: isoDate(price.as_of),
      source: datedSource(price.source, price.as_of),
    }));
}

/** `p4de.24xlarge (8x)`, `1x A100 SXM`, `gpu-h100-sxm_1gpu`, `a3-highgpu-1g`, `1A100.22V`: the instance's GPUs; null: sold per GPU. */
function gpusInProduct(product, sizes) {
  const name = product?.split(' ')[0] ?? '';
  const found =
    sizes.get(name) ??
    /\((\d+)x\)/.exec(product ?? '')?.[1] ??
    /^(\d+)x( |$)/.exec(product ?? '')?.[1] ??
    /_(\d+)gpu/.exec(product ?? '')?.[1] ??
    /-(\d+)g( |$)/.exec(product ?? '')?.[1] ??
    /^(\d+)[A-Z]+\d+/.exec(product ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** A PCIe card's price stands under the SXM card of the same name in one source. */
const isOtherVariant = (gpu, price) => /pcie/i.test(price.product ?? '') && !gpu.id.endsWith('-pcie');

function gpuQuotes(wire, sizes) {
  return wire.gpus.flatMap((gpu) =>
    gpu.prices
      .filter(
        (price) =>
          KINDS[price.kind] !== undefined &&
          !(price.product ?? '').includes(' / ') &&
          !isOtherVariant(gpu, price),
      )
      .map((price) => ({
        gpu: gpu.id,
        // Community hosts are another offer than the provider's own data centres.
        provider: /community/.test(price.product ?? '') ? `${price.provider}-community` : price.provider,
        region: price.region,
        kind: KINDS[price.kind],
        usd_per_gpu_hour: price.usd_per_gpu_hour,
        gpus_per_instance: gpusInProduct(price.product, sizes),
        product: /^[pg]\d\S*large/.test(price.product ?? '')
          ? price.product.replace(/ \(\d+x\)$/, '')
          : (price.product ?? gpu.name),
        date: isoDate(price.date),
        source: datedSource(price.source, price.date),
      })),
  );
}

/**
 * One quote for each (provider, GPU, kind, product): the newest. An undated quote gives way to a dated one of the
 * same provider, GPU and kind that is for the same instance size or sold per GPU.
 */
function newestQuotes(quotes) {
  const newest = new Map();
  for (const quote of quotes) {
    const key = [quote.provider, quote.gpu, quote.kind, quote.product, quote.region].join('|');
    const other = newest.get(key);
    if (other === undefined || (quote.date ?? '') > (other.date ?? '')) newest.set(key, quote);
  }
  const all = [...newest.values()];
  return all.filter(
    (quote) =>
      quote.date !== null ||
      !all.some(
        (other) =>
          other.date !== null &&
          other.provider === quote.provider &&
          other.gpu === quote.gpu &&
          other.kind === quote.kind &&
          (other.gpus_per_instance === null || other.gpus_per_instance === quote.gpus_per_instance),
      ),
  );
}

function importPrices(instances, gpus) {
  const listed = instanceQuotes(instances);
  const sizes = new Map(listed.map((quote) => [quote.product, quote.gpus_per_instance]));
  const quotes = newestQuotes([...listed, ...gpuQuotes(gpus, sizes)]);
  const key = (quote) =>
    [
      quote.gpu,
      quote.kind,
      quote.provider,
      String(quote.gpus_per_instance ?? 0).padStart(3, '0'),
      quote.product,
      quote.region,
    ].join('|');
  quotes.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const dates = quotes.map((quote) => quote.date ?? '').sort();
  writeJson('catalog/prices.json', {
    version: dates.at(-1),
    conventions:
      'USD per GPU-hour: instance price / GPUs of the instance, CPU and memory of the instance included. gpus_per_instance null: sold per GPU.',
    quotes,
  });
}

const is16Bit = (entry) => /^(bf16|fp16|bfloat16|float16)/.test(entry.dtype);
/** Vidur's own reference runs are checked against these two, so they ship beside newer kernels. */
const REFERENCE_PROFILES = new Set([
  'a100-80gb/codellama-34b/tp2/vidur-fp16',
  'a100-80gb/llama-2-7b/tp1/vidur-fp16',
]);

function isShipped(entry, index) {
  const twins = index.filter(
    (other) =>
      other !== entry && other.gpu === entry.gpu && other.model === entry.model && other.tp === entry.tp,
  );
  if (entry.variant.startsWith('aic-'))
    return !twins.some((other) => other.variant === entry.variant.replace('aic-', 'kernel-sum-'));
  if (entry.variant === 'vidur-fp16') {
    return (
      REFERENCE_PROFILES.has(entry.path) ||
      !twins.some((other) => /^(aic|kernel-sum)-/.test(other.variant) && is16Bit(other))
    );
  }
  return true;
}

/** Above the GPU's dense peak or memory bandwidth by more than this: no measurement of what the row says it is. */
const IMPOSSIBLE = 1.05;

/**
 * Rows within what the GPU can do. The others are sums of kernel tables read past their end (batches that do not fit
 * the memory either), and one batch of a sweep that was not processed whole.
 */
function possibleRows(rows, entry, memory) {
  const gpu = gpusById.get(entry.gpu);
  const model = modelsById.get(entry.model);
  const bytesPerParam = is16Bit(entry) ? 2 : 1;
  const peak = 1e12 * ((bytesPerParam === 1 ? gpu.fp8_tflops_dense : null) ?? gpu.bf16_tflops_dense);
  const weightBytes = (model.flops_per_token_linear / 2) * bytesPerParam;
  const kvShards = Math.min(entry.tp, model.kv_heads);
  const attention = 4 * model.layers * model.heads * model.head_dim;
  const isPossible = (row) => {
    const seconds = row.mean_ms / 1e3;
    if (row.type === 'prefill') {
      const flops =
        row.batch_size * row.seq_len * (model.flops_per_token_linear + (attention * row.seq_len) / 2);
      return flops / entry.tp / seconds <= IMPOSSIBLE * peak;
    }
    const bytes =
      weightBytes / entry.tp + (row.batch_size * row.kv_cache * memory.kv_cache_per_token_bytes) / kvShards;
    return bytes / seconds <= IMPOSSIBLE * gpu.memory_bandwidth_gbps * 1e9;
  };
  const kept = rows.filter(isPossible);
  return { kept, dropped: rows.length - kept.length };
}

/** One row a line, as the sources have them. */
function writeRows(path, rows) {
  const text = rows.map(
    (row) =>
      `{${Object.entries(row)
        .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
        .join(', ')}}`,
  );
  writeFileSync(join(target, path), `[\n${text.join(',\n')}\n]\n`);
}

function importProfiles(index) {
  const shipped = index.filter((entry) => isShipped(entry, index)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = shipped.map((entry) => {
    if (!modelsById.has(entry.model)) throw new Error(`${entry.path}: model not in the catalogue`);
    const metadata = readJson('profiles', entry.path, 'metadata.json');
    const memory = readJson('profiles', entry.path, 'model_memory.json');
    for (const file of ['metadata.json', 'model_memory.json']) copy(join('profiles', entry.path, file));
    const { kept, dropped } = possibleRows(
      readJson('profiles', entry.path, 'fitted_profile.json'),
      entry,
      memory,
    );
    if (dropped === 0) copy(join('profiles', entry.path, 'fitted_profile.json'));
    else {
      writeRows(join('profiles', entry.path, 'fitted_profile.json'), kept);
      console.log(`${entry.path}: ${dropped} impossible rows left out`);
    }
    // 2048 MB stands in every kernel-sum file whatever the model: a placeholder, not a measurement.
    if (entry.variant.startsWith('kernel-sum-')) {
      writeJson(join('profiles', entry.path, 'model_memory.json'), { ...memory, activation_memory_mb: null });
    }
    return {
      id: entry.path,
      gpu: entry.gpu,
      model: entry.model,
      tensor_parallel: entry.tp,
      variant: entry.variant,
      kind: entry.kind === 'measured' ? 'measured' : 'composed',
      engine: entry.engine,
      dtype: entry.dtype,
      weight_bytes_per_param: is16Bit(entry) ? 2 : 1,
      date: metadata.profiling_date ?? null,
      license: entry.license,
      prefill_rows: kept.filter((row) => row.type === 'prefill' && row.extrapolated !== true).length,
      decode_rows: kept.filter((row) => row.type === 'decode' && row.extrapolated !== true).length,
    };
  });
  writeJson('profiles/index.json', entries);
  return entries.length;
}

for (const folder of ['catalog', 'profiles', 'traces'])
  rmSync(join(target, folder), { recursive: true, force: true });
const gpus = readJson('catalog', 'gpus.json');
importGpus(gpus);
const gpusById = new Map(gpus.gpus.map((gpu) => [gpu.id, gpu]));
const modelsById = importModels(readJson('catalog', 'models.json'));
importPrices(readJson('catalog', 'prices.json'), gpus);
const profiles = importProfiles(readJson('profiles', 'index.json'));
for (const trace of ['azure2023_conv.csv', 'azure2023_code.csv']) copy(join('traces', trace));
console.log(`${gpus.gpus.length} GPUs, ${modelsById.size} models, ${profiles} profiles, 2 traces`);
