import { InputError } from '../../core/errors';

/** Where a page begins: after the row with these values of the ordering's columns. */
export type Cursor = readonly (string | number | null)[];

export interface PageRequest {
  /** Rows wanted, at least 1. */
  readonly first: number;
  readonly after: Cursor | null;
}

export interface Page<T> {
  readonly rows: readonly { readonly node: T; readonly cursor: Cursor }[];
  readonly hasNextPage: boolean;
}

/** A cursor as clients carry it: opaque, safe in a URL. */
export const encodeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Reads a client's cursor of `length` values. Throws an InputError when it is none of ours. */
export function decodeCursor(text: string, length: number, path: string): Cursor {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    value = null;
  }
  const isPart = (part: unknown) => part === null || typeof part === 'string' || Number.isFinite(part);
  if (Array.isArray(value) && value.length === length && value.every(isPart)) return value as Cursor;
  throw new InputError({
    source: 'query',
    path,
    found: JSON.stringify(text.slice(0, 60)),
    allowed: 'the endCursor of a page of the same list in the same order',
  });
}
