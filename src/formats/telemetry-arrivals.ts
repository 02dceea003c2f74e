import type { RawArrivals } from '../core/telemetry/raw-telemetry';
import { refuse, show, type Where } from './fault';
import type { FoundColumn } from './telemetry-columns';
import { isNothing, numberIn, type TelemetryTable } from './telemetry-table';

/** What the arrivals of a table mean, s. Numbers from a date on (1973) are told apart by their size. */
export function readArrivals(
  table: TelemetryTable,
  column: FoundColumn,
): RawArrivals & { readonly note: string | null } {
  const { name, index, unit } = column;
  let dated = false;
  const numbers = Float64Array.from(table.rows, (cells, row) => {
    const where = () => table.where(row, name);
    const cell = cells[index];
    if (unit !== 'date' || !isDate(cell)) return numberIn(cell, where);
    dated = true;
    return secondsOf(cell, where);
  });
  if (unit !== 'date') {
    const atS = numbers.map((value) => value * unit);
    return { atS, absolute: isEpoch(atS), note: null };
  }
  if (dated) return { atS: numbers, absolute: true, note: null };
  const scale = scaleOf(numbers);
  return {
    atS: numbers.map((value) => value * scale.toS),
    absolute: scale.absolute,
    note: `${name}: read as ${scale.words}.`,
  };
}

const isDate = (cell: unknown): cell is string =>
  typeof cell === 'string' && /^\s*\d{4}-\d{2}-\d{2}/.test(cell);

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** The digits after the second are added apart: a Date holds no more than three. A date without a zone is UTC. */
function secondsOf(cell: string, where: () => Where): number {
  const match = ISO.exec(cell.trim());
  const [, day = '', time = '', fraction = '', zone = 'Z'] = match ?? [];
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const ms = match === null ? Number.NaN : Date.parse(`${day}T${time}${offset}`);
  if (Number.isNaN(ms)) {
    return refuse(where(), {
      found: show(cell),
      allowed: 'a date and time such as 2026-08-20T23:19:39.992Z',
    });
  }
  return ms / 1e3 + (fraction === '' ? 0 : Number(`0.${fraction}`));
}

/** Smallest numbers that are taken for a count of each unit since 1970. */
const EPOCHS = [
  [1e17, 1e-9, 'ns since 1970'],
  [1e14, 1e-6, 'µs since 1970'],
  [1e11, 1e-3, 'ms since 1970'],
  [1e8, 1, 'seconds since 1970'],
] as const;

/** By the largest number, so that one stray 0 changes nothing. */
function scaleOf(values: Float64Array): {
  readonly toS: number;
  readonly words: string;
  readonly absolute: boolean;
} {
  const largest = values.reduce((most, value) => (Number.isFinite(value) && value > most ? value : most), 0);
  const epoch = EPOCHS.find(([least]) => largest >= least);
  if (epoch === undefined) return { toS: 1, words: 'seconds', absolute: false };
  return { toS: epoch[1], words: epoch[2], absolute: true };
}

const isEpoch = (values: Float64Array): boolean =>
  values.some((value) => Number.isFinite(value) && value >= 1e8);

/** Whether any row has one. */
export const hasArrivals = (table: TelemetryTable, column: FoundColumn): boolean =>
  table.rows.some((cells) => !isNothing(cells[column.index]));
