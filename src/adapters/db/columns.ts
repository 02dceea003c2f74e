/** Columns as a select list, each with its table's alias in front. */
export const selectList = (alias: string, columns: readonly string[]): string =>
  columns.map((column) => `${alias}.${column}`).join(', ');

/** Rows in the order of the keys asked for; null where there is none. */
export function inOrderOf<Key, Row, Node>(
  keys: readonly Key[],
  rows: readonly Row[],
  of: {
    readonly key: (key: Key) => string | number;
    readonly row: (row: Row) => string | number;
    readonly node: (row: Row) => Node;
  },
): (Node | null)[] {
  const byKey = new Map(rows.map((row) => [of.row(row), row]));
  return keys.map((key) => {
    const row = byKey.get(of.key(key));
    return row === undefined ? null : of.node(row);
  });
}

/** The rows of each key asked for, in the rows' order. */
export function groupedBy<Key, Row, Node>(
  keys: readonly Key[],
  rows: readonly Row[],
  of: {
    readonly key: (key: Key) => string | number;
    readonly row: (row: Row) => string | number;
    readonly node: (row: Row) => Node;
  },
): Node[][] {
  const groups = new Map<string | number, Node[]>();
  for (const row of rows) {
    const group = groups.get(of.row(row));
    if (group === undefined) groups.set(of.row(row), [of.node(row)]);
    else group.push(of.node(row));
  }
  return keys.map((key) => groups.get(of.key(key)) ?? []);
}
