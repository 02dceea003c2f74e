/**
 * A value as a jsonb column can hold it, and back without loss. JSON knows no Infinity, NaN and -0, and jsonb no text
 * with a NUL or half a surrogate pair: these become an object with the one key `$`. An object that has such a key, or a
 * key that jsonb refuses, becomes `{"$": [[key, value], …]}`. As in JSON, properties that are undefined are left out.
 */
export function toStoredJson(value: unknown): unknown {
  if (typeof value === 'number')
    return isPlain(value) ? value : { $: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value === 'string') return isStorable(value) ? value : { $: `${TEXT}${toBase64(value)}` };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toStoredJson);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  if (entries.every(([key]) => key !== '$' && isStorable(key)))
    return Object.fromEntries(entries.map(([key, part]) => [key, toStoredJson(part)]));
  return { $: entries.map(([key, part]) => [toStoredJson(key), toStoredJson(part)]) };
}

/** The value again. `stored` is what `toStoredJson` made, as Postgres gives it. */
export function fromStoredJson(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null) return stored;
  if (Array.isArray(stored)) return stored.map(fromStoredJson);
  const code = (stored as { readonly $?: unknown }).$;
  if (code === undefined)
    return Object.fromEntries(Object.entries(stored).map(([key, part]) => [key, fromStoredJson(part)]));
  if (typeof code === 'string')
    return code.startsWith(TEXT) ? fromBase64(code.slice(TEXT.length)) : Number(code);
  return Object.fromEntries(
    (code as [unknown, unknown][]).map(([key, part]) => [fromStoredJson(key), fromStoredJson(part)]),
  );
}

/** A JSON column as the type it was written from: only our own writers write it. */
export const readJson = <T>(stored: unknown): T => fromStoredJson(stored) as T;

const TEXT = 'utf16:';

const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

const isStorable = (text: string): boolean => !text.includes('\0') && isWellFormed(text);

// Node 20 has String.prototype.isWellFormed, the es2023 library does not declare it.
const LONE_SURROGATE = /\p{Surrogate}/u;
const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

const toBase64 = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf16le');
