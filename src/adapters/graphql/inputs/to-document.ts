import { InputError, type InputFault } from '../../../core/errors';

// Typed inputs are the request files in camelCase. One translation of keys makes them the document that the files would
// hold, so that there is one validation; and the paths of its faults are translated back.

type Document = Readonly<Record<string, unknown>>;

/** The document of a typed input: keys in snake_case, keys without a value left out. */
export function toDocument(input: object, path = ''): Document {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [snake(key), toValue(path === '' ? key : `${path}.${key}`, value)]),
  );
}

function toValue(path: string, value: unknown): unknown {
  if (path === FOREIGN) return value;
  if (Array.isArray(value)) {
    if (path.endsWith(PRICES)) return toMapping(path, value);
    return value.map((item, index) => toValue(`${path}[${index}]`, item));
  }
  return typeof value === 'object' && value !== null ? toDocument(value, path) : value;
}

/** A benchmark's own file: its keys are not ours. */
const FOREIGN = 'vllmBench';

/** Prices by GPU are a mapping in the document and a list in the API: GraphQL has no mappings with free keys. */
const PRICES = 'usdPerGpuHour';

function toMapping(
  path: string,
  prices: readonly { readonly gpu: string; readonly usd: number }[],
): Document {
  const mapping = new Map<string, number>();
  prices.forEach(({ gpu, usd }, index) => {
    if (mapping.has(gpu)) {
      throw new InputError({
        source: 'request',
        path: `${path}[${index}].gpu`,
        found: `a second price of ${JSON.stringify(gpu)}`,
        allowed: 'one price for each GPU',
      });
    }
    mapping.set(gpu, usd);
  });
  return Object.fromEntries(mapping);
}

/** `maxTtftP95Ms` → `max_ttft_p95_ms`. */
export const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `max_ttft_p95_ms` → `maxTtftP95Ms`. */
export const camel = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The path of a fault of the document, in the input that it was made of: `prompt_length.mean` → `promptLength.mean`. */
export function toInputPath(path: string, input: object): string {
  const inPrices = /^(.*usd_per_gpu_hour)\.(.+)$/.exec(path);
  if (inPrices === null) return camel(path);
  const [, list = '', gpu = ''] = inPrices;
  const prices = priceListOf(input, list);
  const index = prices.findIndex((price) => price.gpu === gpu);
  return index === -1 ? camel(list) : `${camel(list)}[${index}]`;
}

function priceListOf(input: object, path: string): readonly { readonly gpu: string }[] {
  const value = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[camel(key)], input);
  return Array.isArray(value) ? value : [];
}

type Words = Pick<InputFault, 'found' | 'allowed' | 'hint'>;

/** The words of a fault with the keys of the request as the API spells them. */
export const inApiWords = (fault: Words) => {
  const { found, allowed, hint } = withoutFiles(fault);
  return { found, allowed: spelt(allowed), hint: hint === null ? null : spelt(hint) };
};

/** The words of a fault of a request file, for clients, who have the text only and store their traces first. */
export const withoutFiles = ({ found, allowed, hint }: Words) => ({
  found: withoutFile(found),
  allowed: withoutFile(allowed),
  hint: hint === undefined ? null : withoutFile(hint),
});

const withoutFile = (words: string): string =>
  FILE_WORDS.reduce((text, [file, api]) => text.replace(file, api), words);

/** What formats/ says of files and the command, and what it is here. */
const FILE_WORDS = [
  ['the path of a CSV file', 'the id or the name of a stored trace'],
  [' or path (a CSV of one column)', ''],
  ['a profile: a library id, a folder or a file', 'the id or the name of a profile'],
  ['a profile: a path or a library id', 'the id or the name of a profile'],
  ['each key in one file only', 'each key once'],
  ['an empty file', 'an empty text'],
  ['the model of the profile or the command', 'the model of the profile or of the launch'],
] as const;

/** Words with an underscore in the product's sentences are keys, but for columns and the values of enums. */
const spelt = (text: string): string =>
  text.replace(/\b[a-z]+(?:_[a-z0-9]+)+\b/g, (word) => {
    if (COLUMNS.has(word)) return word;
    return VALUES.has(word) ? word.toUpperCase() : camel(word);
  });

/** Columns of traces, which no key is called. */
const COLUMNS = new Set(['hash_ids']);

const VALUES = new Set([
  'max_qps_per_dollar',
  'min_cost',
  'max_qps',
  'round_robin',
  'least_outstanding',
  'least_kv',
]);
