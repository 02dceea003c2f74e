import { editDistance, nearestNames } from '../core/catalog/nearest';
import { InputError } from '../core/errors';

/** A place in an input: the file, request or argument, and the path inside it. */
export interface Where {
  readonly source: string;
  readonly path: string;
}

export interface Refusal {
  readonly found: string;
  readonly allowed: string;
  readonly hint?: string | undefined;
}

/** Refuses an input. `found` is already rendered, usually by `show`. */
export function refuse(where: Where, { found, allowed, hint }: Refusal): never {
  const base = { source: where.source, path: where.path, found, allowed };
  throw new InputError(hint === undefined ? base : { ...base, hint });
}

/** `did you mean x?` for a name that is close to an allowed one; else nothing. */
export function didYouMean(name: string, allowed: readonly string[]): string | undefined {
  // Among keys a slip of the pen is likelier than a part left out: `arrival_rate_rnge` is not `arrival`.
  const slips = nearestNames(name, allowed, 5).map((near) => ({ near, edits: editDistance(name, near) }));
  const [best] = slips.sort((a, b) => a.edits - b.edits);
  return best === undefined ? undefined : `did you mean ${best.near}?`;
}

const LONGEST_TEXT = 60;
const LONGEST_LIST = 8;

/** A value as a person should see it in an error: short, with its type where that is not plain. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing (the key is missing)';
  if (value === null) return 'nothing (an empty value)';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return 'an empty list';
    return `the list [${shortList(value.map(showItem))}]`;
  }
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty mapping' : `the mapping {${shortList(keys.map(shorten))}}`;
  }
  return `a ${typeof value}`;
}

function showItem(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  return typeof value === 'object' && value !== null ? '{…}' : show(value);
}

const shorten = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;

const shortList = (items: readonly string[]): string =>
  items.length > LONGEST_LIST
    ? `${items.slice(0, LONGEST_LIST).join(', ')}, … ${items.length - LONGEST_LIST} more`
    : items.join(', ');

/** `workload.prompt_length.mean`, `config_space.gpu_types[2]`. */
export function dotted(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
