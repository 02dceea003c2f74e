import { numberOf } from './csv-lines';
import { refuse, show, type Where } from './fault';

/** One line of a scrape. */
interface Series {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A scrape: the lines of each metric. */
export type Scrape = ReadonlyMap<string, readonly Series[]>;

/** A histogram summed over its label sets, `le` apart. Times in s. */
export interface Histogram {
  /** Upper edges, rising; the last is Infinity. */
  readonly edges: readonly number[];
  /** Observations up to each edge. */
  readonly cumulative: readonly number[];
  readonly sum: number;
  readonly count: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;

/** Reads the text format of Prometheus; only metrics that begin with `vllm:` are kept. */
export function parseScrape(source: string, text: string): Scrape {
  const scrape = new Map<string, Series[]>();
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() === '' || content.startsWith('#') || !content.startsWith('vllm:')) continue;
    const where: Where = { source, path: `line ${index + 1}` };
    const [, name = '', labels = '', value = ''] = LINE.exec(content) ?? [];
    const number = numberOrNull(value);
    if (name === '' || number === null)
      return refuse(where, { found: show(content), allowed: 'name{label="value"} number' });
    const series = scrape.get(name) ?? [];
    series.push({ labels: labelsOf(labels, where), value: number });
    scrape.set(name, series);
  }
  if (scrape.size === 0) {
    refuse(
      { source, path: '' },
      { found: 'no line that begins with vllm:', allowed: "the text of vLLM's /metrics" },
    );
  }
  return scrape;
}

function numberOrNull(text: string): number | null {
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = numberOf(text);
  return Number.isNaN(value) ? null : value;
}

function labelsOf(text: string, where: Where): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) return refuse(where, { found: show(text), allowed: 'label="value", …' });
    labels.set(
      match[1] ?? '',
      (match[2] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
    );
    if (match[3] === '') break;
  }
  return labels;
}

/** Every value of a label in the scrape. */
export function labelValues(scrape: Scrape, label: string): readonly string[] {
  const values = new Set<string>();
  for (const series of scrape.values())
    for (const { labels } of series) {
      const value = labels.get(label);
      if (value !== undefined) values.add(value);
    }
  return [...values];
}

/** Sum over the label sets that `wanted` keeps; null: no such metric. */
export function totalOf(
  scrape: Scrape,
  name: string,
  wanted: (labels: ReadonlyMap<string, string>) => boolean = () => true,
): number | null {
  const series = scrape.get(name)?.filter(({ labels }) => wanted(labels));
  return series === undefined ? null : series.reduce((sum, { value }) => sum + value, 0);
}

/** Null: no such metric. Refuses one whose parts do not fit each other. */
export function histogramOf(scrape: Scrape, name: string, where: Where): Histogram | null {
  const buckets = scrape.get(`${name}_bucket`);
  const sum = totalOf(scrape, `${name}_sum`);
  const count = totalOf(scrape, `${name}_count`);
  if (buckets === undefined && sum === null && count === null) return null;
  const at = new Map<number, number>();
  const parts = new Map<string, number>();
  for (const { labels, value } of buckets ?? []) {
    const le = labels.get('le') ?? '';
    const edge = numberOrNull(le);
    if (edge === null || Number.isNaN(edge))
      return refuse(where, { found: `${name}_bucket with le=${show(le)}`, allowed: 'a number or +Inf' });
    at.set(edge, (at.get(edge) ?? 0) + value);
    parts.set(le, (parts.get(le) ?? 0) + 1);
  }
  const edges = [...at.keys()].sort((a, b) => a - b);
  const cumulative = edges.map((edge) => at.get(edge)!);
  const whole =
    sum !== null &&
    count !== null &&
    edges.at(-1) === Number.POSITIVE_INFINITY &&
    new Set(parts.values()).size === 1 &&
    cumulative.every((n, i) => n >= (cumulative[i - 1] ?? 0)) &&
    cumulative.at(-1) === count;
  if (!whole) {
    return refuse(where, {
      found: `a histogram ${name} whose parts do not fit each other`,
      allowed:
        '_bucket up to +Inf in the same edges for every engine, _sum, and _count equal to the last bucket',
      hint: 'scrape again; lines may have been filtered out',
    });
  }
  return { edges, cumulative, sum, count };
}

/** What was observed after `before`. Refuses counts that fell: the server was started again in between. */
export function histogramSince(after: Histogram, before: Histogram, name: string, where: Where): Histogram {
  const differs = after.edges.some((edge, i) => edge !== before.edges[i]);
  const cumulative = after.cumulative.map((n, i) => n - (before.cumulative[i] ?? 0));
  const fell = after.count < before.count || cumulative.some((n, i) => n < (cumulative[i - 1] ?? 0));
  if (differs || fell) refuseRestart(name, where);
  return { edges: after.edges, cumulative, sum: after.sum - before.sum, count: after.count - before.count };
}

export function refuseRestart(name: string, where: Where): never {
  return refuse(where, {
    found: `${name} fell from prometheus_before to prometheus`,
    allowed: 'two scrapes of one run of the server, the earlier one as prometheus_before',
  });
}

/** Linear inside its bucket; null in the last one, which has no upper edge, and of no observation. */
export function histogramQuantile({ edges, cumulative, count }: Histogram, share: number): number | null {
  if (count === 0) return null;
  const rank = share * count;
  const bucket = cumulative.findIndex((n) => n >= rank && n > 0);
  const upper = edges[bucket];
  if (upper === undefined || upper === Number.POSITIVE_INFINITY) return null;
  const lower = bucket === 0 ? 0 : edges[bucket - 1]!;
  const below = bucket === 0 ? 0 : cumulative[bucket - 1]!;
  return lower + ((upper - lower) * (rank - below)) / (cumulative[bucket]! - below);
}
