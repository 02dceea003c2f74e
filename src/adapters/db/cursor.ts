import type { Cursor, Page, PageRequest } from '../../app/ports/paging';
import { InputError } from '../../core/errors';

/** What one value of a cursor is. A number may be `Infinity`, `-Infinity` or `NaN`, as text. */
export type CursorPart = 'number' | 'number or null' | 'integer' | 'text' | 'uuid' | 'time';

/** The values of a client's cursor, checked: each is one that the column of its place can hold. Throws an InputError. */
export function readCursor(after: Cursor, parts: readonly CursorPart[]): Cursor {
  const fits = after.length === parts.length && parts.every((part, i) => CHECKS[part](after[i] ?? null));
  if (fits) return after;
  throw new InputError({
    source: 'query',
    path: 'after',
    found: JSON.stringify(after),
    allowed: 'the endCursor of a page of the same list in the same order',
  });
}

/** A number as a cursor carries it through JSON. */
export const cursorNumber = (value: number | null): number | string | null =>
  value === null || Number.isFinite(value) ? value : String(value);

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** The page of rows of which one more than wanted was asked for. */
export function pageOf<Row, Node>(
  rows: readonly Row[],
  page: PageRequest,
  of: { readonly node: (row: Row) => Node; readonly cursor: (row: Row) => Cursor },
): Page<Node> {
  return {
    rows: rows.slice(0, page.first).map((row) => ({ node: of.node(row), cursor: of.cursor(row) })),
    hasNextPage: rows.length > page.first,
  };
}

const NONFINITE: readonly unknown[] = ['Infinity', '-Infinity', 'NaN'];
const isNumber = (value: unknown): boolean => typeof value === 'number' || NONFINITE.includes(value);
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

const CHECKS: Readonly<Record<CursorPart, (value: string | number | null) => boolean>> = {
  number: isNumber,
  'number or null': (value) => value === null || isNumber(value),
  integer: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  text: isText,
  uuid: (value) => isText(value) && isUuid(value),
  time: (value) => isText(value) && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value)),
};

const ISO_TIME = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
