import { countOf, digits, type Sieve } from './findings';
import type { RawArrivals } from './raw-telemetry';

/** A run of rows shorter than this is disorder, not another run of the server. */
const SHORTEST_RUN = 10;

/** Rows that arrived before one above them. They are sorted; two runs in one file are not, since they would be mixed. */
export function lintOrder(arrivals: RawArrivals | null, sieve: Sieve): void {
  if (arrivals === null) return;
  const { atS } = arrivals;
  const kept = sieve.kept();
  const starts = kept.filter((i, at) => at > 0 && atS[i]! < atS[kept[at - 1]!]!);
  if (starts.length === 0) return;
  const jump = arrivals.absolute ? undefined : findJump(atS, kept, starts);
  if (jump !== undefined) {
    const { row, backS } = jump;
    sieve.add({
      code: 'CLOCK_JUMP',
      severity: 'error',
      message: `arrivals go back by ${digits(backS)} s at row ${row} and rise from there: two runs in one file, or a clock that was set back`,
      whatToDo: 'give each run its own document, or arrivals as dates',
      rows: [row],
    });
    return;
  }
  let latest = Number.NEGATIVE_INFINITY;
  const late: number[] = [];
  for (const i of kept) {
    if (atS[i]! < latest) late.push(i + 1);
    else latest = atS[i]!;
  }
  sieve.add({
    code: 'OUT_OF_ORDER',
    severity: 'warning',
    message: `${countOf(late.length)} that arrived before a row above: read by arrival`,
    whatToDo: 'nothing, if the file was written as requests ended; else check the clocks',
    rows: late,
  });
}

/** The first step back between two long rising runs that overlap by many rows. */
function findJump(
  atS: Float64Array,
  kept: readonly number[],
  starts: readonly number[],
): { readonly row: number; readonly backS: number } | undefined {
  const position = new Map(kept.map((i, at) => [i, at]));
  const borders = [0, ...starts.map((i) => position.get(i)!), kept.length];
  for (let run = 1; run < borders.length - 1; run++) {
    const before = borders[run - 1]!;
    const start = borders[run]!;
    const after = borders[run + 1]!;
    if (start - before < SHORTEST_RUN || after - start < SHORTEST_RUN) continue;
    const from = atS[kept[start]!]!;
    const to = atS[kept[after - 1]!]!;
    const overtaken = kept.slice(before, start).filter((i) => atS[i]! >= from && atS[i]! <= to).length;
    if (overtaken < SHORTEST_RUN) continue;
    return { row: kept[start]! + 1, backS: atS[kept[start - 1]!]! - from };
  }
  return undefined;
}
