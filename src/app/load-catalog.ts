import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Catalog } from '../core/catalog/catalog';
import type { Gpu } from '../core/catalog/gpu';
import type { ModelSpec } from '../core/catalog/model';
import type { PriceBook, PriceQuote } from '../core/cost/price-book';
import { InputError } from '../core/errors';
import { PRICE_KINDS } from '../core/search/request';

let loaded: Catalog | null = null;

/** The catalogue shipped with the package: read and checked once, then shared (it is never changed). */
export function loadCatalog(): Catalog {
  loaded ??= readCatalog(dataFolder());
  return loaded;
}

/** The package's `data` folder: beside `src` in a checkout, beside `dist` in an installed package. */
export function dataFolder(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'data', 'catalog', 'gpus.json'))) return join(folder, 'data');
    if (folder === dirname(folder))
      throw new Error(`the package is incomplete: no data/catalog above ${__dirname}`);
  }
}

function readCatalog(data: string): Catalog {
  const gpus = WireRecord.fromFile(join(data, 'catalog', 'gpus.json'));
  const models = WireRecord.fromFile(join(data, 'catalog', 'models.json'));
  const prices = WireRecord.fromFile(join(data, 'catalog', 'prices.json'));
  return {
    version: gpus.text('version'),
    gpus: gpus.records('gpus').map(toGpu),
    models: models.records('models').map(toModel),
    prices: toPriceBook(prices),
  };
}

const GIB = 2 ** 30;

function toGpu(wire: WireRecord): Gpu {
  const flops8 = wire.optionalNumber('fp8_tflops_dense');
  return {
    id: wire.text('id'),
    name: wire.text('name'),
    // What a process can have, not the nominal size: gpu_memory_utilization is a fraction of this.
    memoryBytes: Math.round(wire.positive('usable_memory_gib') * GIB),
    memoryBandwidthBytesPerS: wire.positive('memory_bandwidth_gbps') * 1e9,
    flops16PerS: (wire.optionalNumber('bf16_tflops_dense') ?? wire.positive('fp16_tflops_dense')) * 1e12,
    flops8PerS: flops8 === null ? null : flops8 * 1e12,
    linkBytesPerS:
      (wire.optionalNumber('interconnect_gbps_unidirectional_per_gpu') ??
        wire.positive('pcie_gbps_unidirectional')) * 1e9,
    maxGpusPerNode: wire.positive('max_gpus_per_node'),
  };
}

const ATTENTIONS = ['MHA', 'GQA', 'MQA', 'MLA'] as const;

function toModel(wire: WireRecord): ModelSpec {
  return {
    id: wire.text('id'),
    hfId: wire.text('hf_id'),
    attention: wire.oneOf('attention', ATTENTIONS),
    layers: wire.positive('layers'),
    hiddenSize: wire.positive('hidden'),
    heads: wire.positive('heads'),
    kvHeads: wire.positive('kv_heads'),
    headDim: wire.positive('head_dim'),
    maxContextTokens: wire.positive('max_context'),
    paramsTotal: wire.positive('params_total'),
    paramsActive: wire.positive('params_active'),
    weightBytesPerParam: wire.positive('dtype_bytes'),
    weightBytes: wire.positive('weight_bytes_default'),
    kvBytesPerToken: wire.positive('kv_bytes_per_token'),
    linearFlopsPerToken: wire.positive('flops_per_token_linear'),
  };
}

function toPriceBook(wire: WireRecord): PriceBook {
  return { version: wire.text('version'), quotes: wire.records('quotes').map(toQuote) };
}

function toQuote(wire: WireRecord): PriceQuote {
  return {
    gpuId: wire.text('gpu'),
    provider: wire.text('provider'),
    region: wire.optionalText('region'),
    kind: wire.oneOf('kind', PRICE_KINDS),
    usdPerGpuHour: wire.positive('usd_per_gpu_hour'),
    gpusPerInstance: wire.optionalNumber('gpus_per_instance'),
    product: wire.text('product'),
    date: wire.optionalText('date'),
    source: wire.text('source'),
  };
}

/** One JSON object of a shipped file, read field by field; a fault names the file and the path in it. */
class WireRecord {
  private constructor(
    private readonly source: string,
    private readonly path: string,
    private readonly fields: Readonly<Record<string, unknown>>,
  ) {}

  static fromFile(file: string): WireRecord {
    return new WireRecord(file, '', JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
  }

  records(key: string): WireRecord[] {
    const value = this.fields[key];
    if (!Array.isArray(value)) throw this.fault(key, 'a list of objects');
    return value.map((entry: unknown, index) => {
      if (typeof entry !== 'object' || entry === null) throw this.fault(`${key}[${index}]`, 'an object');
      return new WireRecord(this.source, `${this.at(key)}[${index}]`, entry as Record<string, unknown>);
    });
  }

  text(key: string): string {
    const value = this.fields[key];
    if (typeof value !== 'string' || value === '') throw this.fault(key, 'a text');
    return value;
  }

  optionalText(key: string): string | null {
    return (this.fields[key] ?? null) === null ? null : this.text(key);
  }

  positive(key: string): number {
    const value = this.fields[key];
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
      throw this.fault(key, 'a positive number');
    return value;
  }

  optionalNumber(key: string): number | null {
    return (this.fields[key] ?? null) === null ? null : this.positive(key);
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.text(key);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw this.fault(key, allowed.join(', '));
    return found;
  }

  private at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  private fault(key: string, allowed: string): InputError {
    return new InputError({
      source: this.source,
      path: this.at(key),
      found: JSON.stringify(this.fields[key]) ?? 'nothing',
      allowed,
    });
  }
}
