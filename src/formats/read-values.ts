import { cellsOf, forEachLine, numberOf } from './csv-lines';
import { refuse, show, type Where } from './fault';
import { LIMITS } from './limits';
import { readText } from './read-file';

/** Reads lengths from a CSV of one column, with or without a header: whole positive numbers. */
export function parseValues({ source, text }: { readonly source: string; readonly text: string }): number[] {
  const values: number[] = [];
  forEachLine(text, (content, line) => {
    const where: Where = { source, path: `line ${line}` };
    const cells = cellsOf(content, () => where);
    const value = cells.length === 1 ? numberOf(cells[0] ?? '') : Number.NaN;
    if (Number.isInteger(value) && value >= 1 && value <= LIMITS.tokens) values.push(value);
    else if (line > 1 || cells.length !== 1 || /^[\s"]*[-+.\d]/.test(content)) {
      refuse(where, {
        found: show(content),
        allowed: `one whole number from 1 to ${LIMITS.tokens} on each line`,
      });
    }
  });
  if (values.length === 0) {
    refuse({ source, path: '' }, { found: 'no value', allowed: 'one column of whole numbers' });
  }
  return values;
}

/** `named`: where the path was written, when in another file. */
export const loadValues = (path: string, named?: Where): number[] =>
  parseValues({ source: path, text: readText(path, 'the path of a CSV file of one column', named) });
