import { type ClassType, Int } from 'type-graphql';
import { field, objectType, optional } from './described';

@objectType('PageInfo', 'Where a page lies in its list.')
class PageInfo {
  @field(() => Boolean, 'Whether there are nodes after this page.')
  readonly hasNextPage!: boolean;
  @field(() => Boolean, 'Whether the page was asked for with a cursor, so that there are nodes before it.')
  readonly hasPreviousPage!: boolean;
  @optional(() => String, 'Cursor of the first node; null on an empty page.')
  readonly startCursor!: string | null;
  @optional(() => String, 'Cursor of the last node: give it as `after` for the next page.')
  readonly endCursor!: string | null;
}

const PAGE = { complexity: ({ childComplexity }: { childComplexity: number }) => childComplexity };

/** The Relay connection type of a node type. `counted`: with `totalCount`. */
export function connectionOf(
  node: ClassType<object>,
  name: string,
  plural: string,
  { counted = false } = {},
): ClassType<object> {
  @objectType(`${name}Edge`, `A node of a list of ${plural}, with its cursor.`)
  class Edge {
    @field(() => String, 'Names the place of the node in this list and order.')
    readonly cursor!: string;
    @field(() => node, 'The node.', PAGE)
    readonly node!: object;
  }

  @objectType(`${name}Connection`, `A page of a list of ${plural}.`)
  class Connection {
    @field(() => [Edge], 'The nodes of the page with their cursors.', PAGE)
    readonly edges!: readonly Edge[];
    @field(() => [node], 'The nodes of the page.', PAGE)
    readonly nodes!: readonly object[];
    @field(() => PageInfo, 'Where the page lies in the list.', { complexity: 0 })
    readonly pageInfo!: PageInfo;
  }
  const count = field(
    () => Int,
    `All ${plural} of the list, on this page or not. Counted only when asked for.`,
  );
  if (counted) count(Connection.prototype, 'totalCount');
  return Connection;
}
