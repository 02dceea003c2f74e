import { extname } from 'node:path';
import { cellsOf, forEachLine, numberOf } from './csv-lines';
import { refuse, show, type Where } from './fault';
import { parseJson } from './read-json';

/** Rows as a CSV or JSON file has them. */
export interface TelemetryTable {
  readonly names: readonly string[];
  /** By row, then by name. Of a CSV: texts; undefined: not there. */
  readonly rows: readonly (readonly unknown[])[];
  /** Where the names are. */
  readonly header: Where;
  readonly where: (row: number, name: string) => Where;
}

/** A CSV with a header, or JSON when the name ends in `.json`: an array of objects, or `{samples: [...]}`. */
export const parseTable = (source: string, text: string): TelemetryTable =>
  extname(source).toLowerCase() === '.json' ? parseJsonTable(source, text) : parseCsv(source, text);

/** The same of a text that no name says the format of. */
export const parseInlineTable = (source: string, text: string): TelemetryTable =>
  /^\s*[[{]/.test(text) ? parseJsonTable(source, text) : parseCsv(source, text);

function parseJsonTable(source: string, text: string): TelemetryTable {
  const at = (path: string): Where => ({ source, path });
  if (text.trim() === '') return tableOf([], at);
  const value = parseJson(source, text);
  const samples = isMapping(value) ? value.samples : value;
  if (!Array.isArray(samples)) {
    return refuse(at(''), { found: show(value), allowed: 'an array of objects, or {samples: [...]}' });
  }
  return tableOf(samples, at);
}

/** Objects, one a row; `at` names a place among them, e.g. `[3].ttft_ms`. */
export function tableOf(samples: readonly unknown[], at: (path: string) => Where): TelemetryTable {
  const names = new Map<string, number>();
  const rows = samples.map((sample, row) => {
    if (!isMapping(sample)) {
      return refuse(at(`[${row}]`), { found: show(sample), allowed: 'an object with the fields of one row' });
    }
    const cells: unknown[] = [];
    for (const [name, value] of Object.entries(sample)) {
      const index = names.get(name) ?? names.size;
      names.set(name, index);
      cells[index] = value;
    }
    return cells;
  });
  return {
    names: [...names.keys()],
    rows,
    header: at(''),
    where: (row, name) => at(`[${row}].${name}`),
  };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseCsv(source: string, text: string): TelemetryTable {
  const header: Where = { source, path: 'line 1 (header)' };
  let names: readonly string[] = [];
  const rows: (readonly string[])[] = [];
  forEachLine(text, (content, line) => {
    const where: Where = line === 1 ? header : { source, path: `row ${line - 1} (line ${line})` };
    const cells = cellsOf(content, () => where);
    if (line === 1) {
      names = cells.map((name) => name.trim());
      refuseTwice(names, header);
      return;
    }
    if (cells.length !== names.length) {
      refuse(where, {
        found: content.trim() === '' ? 'an empty line' : `${cells.length} cells`,
        allowed: `${names.length} cells, as the header has`,
        hint: cells.length < names.length ? 'is the file cut off?' : undefined,
      });
    }
    rows.push(cells);
  });
  return {
    names,
    rows,
    header,
    where: (row, name) => ({ source, path: `row ${row + 1} (line ${row + 2}), column ${name}` }),
  };
}

function refuseTwice(names: readonly string[], where: Where): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    refuse(where, { found: `the column ${show(twice)} twice`, allowed: 'every column once' });
}

/** What stands for nothing recorded, in lower case. */
const NOTHING: ReadonlySet<string> = new Set(['', 'null', 'none', 'na', 'n/a', '-']);
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

export const isNothing = (cell: unknown): boolean =>
  cell === undefined || cell === null || (typeof cell === 'string' && NOTHING.has(cell.trim().toLowerCase()));

/** NaN: nothing recorded. Infinity: written, but no finite number. Anything else that is no number is refused. */
export function numberIn(cell: unknown, where: () => Where): number {
  if (isNothing(cell)) return Number.NaN;
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : Number.POSITIVE_INFINITY;
  if (typeof cell === 'string') {
    if (NOT_FINITE.test(cell.trim())) return Number.POSITIVE_INFINITY;
    const value = numberOf(cell);
    if (!Number.isNaN(value)) return value;
  }
  return refuse(where(), { found: show(cell), allowed: 'a number, or nothing' });
}

/** A text; empty: nothing recorded. */
export function textIn(cell: unknown, where: () => Where): string {
  if (isNothing(cell)) return '';
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return refuse(where(), { found: show(cell), allowed: 'a text' });
}

const YES: ReadonlySet<string> = new Set(['true', '1', 'yes']);
const NO: ReadonlySet<string> = new Set(['false', '0', 'no']);

/** Null: nothing recorded. */
export function flagIn(cell: unknown, where: () => Where): boolean | null {
  const word = textIn(cell, where).toLowerCase();
  if (word === '') return null;
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  return refuse(where(), { found: show(cell), allowed: 'true or false' });
}
