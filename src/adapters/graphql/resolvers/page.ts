import { LimitError } from '../../../app/ports/api-errors';
import {
  type Cursor,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
} from '../../../app/ports/paging';
import { InputError } from '../../../core/errors';
import type { GraphqlLimits } from '../options';

export const DEFAULT_PAGE = 50;

export interface PageArguments {
  readonly first: number;
  readonly after: string | null | undefined;
}

/** The page a client asks for. More rows than the server gives at once is an error, never a smaller page. */
export function pageRequest(
  { first, after }: PageArguments,
  { maxPageSize }: Pick<GraphqlLimits, 'maxPageSize'>,
  cursorLength: number,
): PageRequest {
  checkFirst(first, maxPageSize);
  return { first, after: typeof after === 'string' ? decodeCursor(after, cursorLength, 'after') : null };
}

export function checkFirst(first: number, max: number): void {
  if (first > max) throw new LimitError('rows of a page (first)', first, max, MORE);
  if (first < 1) {
    throw new InputError({
      source: 'query',
      path: 'first',
      found: String(first),
      allowed: `a whole number from 1 to ${max}`,
    });
  }
}

const MORE = 'ask for the rest page by page, with `after`';

/** A page as a Relay connection. `count` is called when a client asks for the total only. */
export function toConnection<Row, Node>(
  page: Page<Row>,
  after: Cursor | null,
  toNode: (row: Row) => Node,
  count?: () => Promise<number>,
) {
  const nodes = page.rows.map(({ node }) => toNode(node));
  const cursorAt = (index: number): string | null => {
    const row = page.rows.at(index);
    return row === undefined ? null : encodeCursor(row.cursor);
  };
  return {
    nodes,
    edges: () => nodes.map((node, index) => ({ node, cursor: cursorAt(index) })),
    pageInfo: () => ({
      hasNextPage: page.hasNextPage,
      hasPreviousPage: after !== null,
      startCursor: cursorAt(0),
      endCursor: cursorAt(-1),
    }),
    ...(count === undefined ? {} : { totalCount: count }),
  };
}

/** A page of a list that is all there. Its cursors are places in it: it has to be the same list each time. */
export function pageOfAll<T>(
  all: readonly T[],
  args: PageArguments,
  limits: Pick<GraphqlLimits, 'maxPageSize'>,
) {
  const { first, after } = pageRequest(args, limits, 1);
  const start = after === null ? 0 : placeOf(after);
  const rows = all.slice(start, start + first).map((node, i) => ({ node, cursor: [start + i + 1] }));
  const page = { rows, hasNextPage: start + first < all.length };
  return toConnection(
    page,
    after,
    (node) => node,
    async () => all.length,
  );
}

function placeOf([place = null]: Cursor): number {
  if (Number.isSafeInteger(place) && Number(place) > 0) return Number(place);
  throw new InputError({
    source: 'query',
    path: 'after',
    found: JSON.stringify(place),
    allowed: 'the endCursor of a page of the same list',
  });
}

/** A filter without the conditions that were not given. */
export const given = <T extends object>(
  filter: T | null | undefined,
): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(
    Object.entries(filter ?? {}).filter(([, value]) => value !== undefined && value !== null),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
