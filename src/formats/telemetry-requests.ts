import type { RawIterations, RawRequests } from '../core/telemetry/raw-telemetry';
import { hasArrivals, readArrivals } from './telemetry-arrivals';
import {
  type FoundColumn,
  findColumns,
  ITERATION_COLUMNS,
  REQUEST_COLUMNS,
  requireColumns,
} from './telemetry-columns';
import { readLabels, type Subject } from './telemetry-labels';
import { flagIn, isNothing, numberIn, type TelemetryTable, textIn } from './telemetry-table';

/** Requests of a table, not yet judged. */
export function readRequests(
  table: TelemetryTable,
  subject: Subject,
): { readonly raw: RawRequests; readonly notes: readonly string[] } {
  const columns = findColumns(table, REQUEST_COLUMNS);
  if (table.rows.length > 0)
    requireColumns(table, columns, { prompt: 'prompt_tokens', output: 'output_tokens' });
  const arrival = columns.get('arrival');
  const arrivals = arrival !== undefined && hasArrivals(table, arrival) ? readArrivals(table, arrival) : null;
  const id = columns.get('id');
  const raw = {
    arrivals,
    promptTokens: numbersOf(table, columns.get('prompt')),
    outputTokens: numbersOf(table, columns.get('output')),
    cachedPromptTokens: numbersOf(table, columns.get('cached')),
    ttftMs: numbersOf(table, columns.get('ttft')),
    tpotMs: numbersOf(table, columns.get('tpot')),
    e2eMs: numbersOf(table, columns.get('e2e')),
    failed: failedOf(table, columns),
    ids: id === undefined ? null : textsOf(table, id),
    labels: readLabels(table, columns, subject),
  };
  return { raw, notes: arrivals === null || arrivals.note === null ? [] : [arrivals.note] };
}

/** Engine steps of a table, not yet judged. */
export function readIterations(table: TelemetryTable, subject: Subject): RawIterations {
  const columns = findColumns(table, ITERATION_COLUMNS);
  if (table.rows.length > 0)
    requireColumns(table, columns, { type: 'type', batch: 'batch_size', time: 'time_ms' });
  const type = columns.get('type');
  return {
    types: type === undefined ? [] : textsOf(table, type).map((text) => text.toLowerCase()),
    batchSize: numbersOf(table, columns.get('batch')),
    promptTokens: numbersOf(table, columns.get('prompt')),
    contextTokens: numbersOf(table, columns.get('context')),
    timeMs: numbersOf(table, columns.get('time')),
    labels: readLabels(table, columns, subject),
  };
}

/** In ms, or tokens; a column that is not there is NaN all through. */
function numbersOf(table: TelemetryTable, column: FoundColumn | undefined): Float64Array {
  if (column === undefined) return new Float64Array(table.rows.length).fill(Number.NaN);
  const { index, name, unit } = column;
  const factor = unit === 'date' ? 1 : unit;
  return Float64Array.from(
    table.rows,
    (cells, row) => numberIn(cells[index], () => table.where(row, name)) * factor,
  );
}

const textsOf = (table: TelemetryTable, { index, name }: FoundColumn): string[] =>
  table.rows.map((cells, row) => textIn(cells[index], () => table.where(row, name)));

function failedOf(table: TelemetryTable, columns: ReadonlyMap<string, FoundColumn>): Uint8Array {
  const flag = (meaning: string, cells: readonly unknown[], row: number): boolean | null => {
    const column = columns.get(meaning);
    return column === undefined ? null : flagIn(cells[column.index], () => table.where(row, column.name));
  };
  const error = columns.get('error');
  return Uint8Array.from(table.rows, (cells, row) => {
    const failed =
      flag('success', cells, row) === false ||
      flag('failed', cells, row) === true ||
      (error !== undefined && isError(cells[error.index]));
    return failed ? 1 : 0;
  });
}

/** An error column holds a message, or a flag. */
function isError(cell: unknown): boolean {
  if (isNothing(cell) || cell === false || cell === 0) return false;
  return !(typeof cell === 'string' && ['false', '0'].includes(cell.trim().toLowerCase()));
}
