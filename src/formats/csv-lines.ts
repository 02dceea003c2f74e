import { refuse, type Where } from './fault';

/** Walks the lines of a CSV text, ends of line stripped, blank lines at the end left out. `line` counts from 1. */
export function forEachLine(text: string, visit: (content: string, line: number) => void): void {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const end = text.trimEnd().length;
  for (let line = 1; start < end; line++) {
    let stop = text.indexOf('\n', start);
    if (stop === -1 || stop > end) stop = end;
    const contentEnd = text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
    visit(text.slice(start, contentEnd), line);
    start = stop + 1;
  }
}

/** An upper bound of the number of lines, to size arrays with. */
export function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** The cells of one line. Quoted cells may hold commas and doubled quotes, not line ends. */
export function cellsOf(content: string, where: () => Where): readonly string[] {
  if (!content.includes('"')) return content.split(',');
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  while (cell.lastIndex <= content.length) {
    const match = cell.exec(content);
    if (match === null)
      return refuse(where(), { found: 'a quote that is not closed', allowed: 'cells parted by commas' });
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '') break;
  }
  return cells;
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The number a cell holds, or NaN. Only plain decimal notation: no hexadecimal, no Infinity, no empty cell. */
export const numberOf = (cell: string): number => (NUMBER.test(cell) ? Number(cell) : Number.NaN);
