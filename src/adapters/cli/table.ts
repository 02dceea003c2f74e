export interface TableColumn<T> {
  readonly head: string;
  readonly value: (row: T) => string | number | null;
}

/** Rows under a head, columns two spaces apart; those of numbers to the right, `-` where there is no value. */
export function renderTable<T>(rows: readonly T[], columns: readonly TableColumn<T>[]): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const lines = [
    columns.map(({ head }) => head),
    ...cells.map((row) => row.map((cell) => String(cell ?? '-'))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const right = columns.map((_, i) => cells.some((row) => typeof row[i] === 'number'));
  return lines
    .map((line) =>
      line.map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

export const renderJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
