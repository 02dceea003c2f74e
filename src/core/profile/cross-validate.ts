import type { Gpu } from '../catalog/gpu';
import type { ModelSpec } from '../catalog/model';
import { fitProfile } from './fit-profile';
import { IterationTimes } from './iteration-times';
import { sortedUnique } from './monotone-surface';
import type { DecodeRow, PrefillRow, Profile } from './profile';

/**
 * How far the time model misses rows that it was not fitted to: one standard deviation of the logarithm (0.02: about 2%).
 * Null: too few cells to leave any out.
 */
export interface CrossValidation {
  readonly prefill: number | null;
  readonly decode: number | null;
}

/**
 * Fits a profile five times, each time without a fifth of its lines, and compares those with what the fit says of them.
 *
 * A line is all rows with as many new tokens (of decodes: sequences): steps of a run have any number of them, and the
 * times between two measured numbers are what a profile tells least of. Of single cells left out, the rest of their line
 * gives most of the answer away: an rms of 0.5 and 0.8% (prefill, decode) instead of 1.8 and 2.8%, medians over the library. Line k is in fold k mod 5, so neighbours are never left out
 * together. What bounds the grid never is (the first and last line, and cells without another of at least as many new
 * tokens and as long): beyond it the model extrapolates, which candidates tell of themselves. A line left out lies in a
 * gap twice as wide as a run meets: see `SHARE_IN_OWN_GAP`.
 *
 * What counts is not the error of single cells. Under a steady load batch and context stay within about a factor of two
 * of their means, so what a plan sees is the mean over a cell and its neighbours; the mean over all cells would cancel
 * errors that no load averages over. So the signed errors of each cell and its up to eight neighbours are averaged, and
 * the answer is half the rms of these averages.
 */
export function crossValidate(profile: Profile, hardware: { gpu: Gpu; model: ModelSpec }): CrossValidation {
  const prefill = cellsOf(
    profile.prefill,
    (r) => r.promptTokens,
    (r) => r.promptTokens * r.batchSize,
  );
  const decode = cellsOf(
    profile.decode,
    (r) => r.contextTokens,
    (r) => r.batchSize,
  );
  const missed: { prefill: Missed[]; decode: Missed[] } = { prefill: [], decode: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    const seen = { prefill: rowsOutside(fold, prefill), decode: rowsOutside(fold, decode) };
    const times = new IterationTimes(fitProfile({ ...profile, ...seen }, hardware), NOTHING_ADDED);
    for (const cell of prefill)
      if (cell.fold === fold) missed.prefill.push(missedBy(cell, (r) => prefillMs(times, r)));
    for (const cell of decode)
      if (cell.fold === fold) missed.decode.push(missedBy(cell, (r) => decodeMs(times, r)));
  }
  return { prefill: spreadOf(missed.prefill), decode: spreadOf(missed.decode) };
}

const FOLDS = 5;
/**
 * Errors grow about as the gap does: leaving out the lines on both sides of one too, for a gap twice as wide again, makes
 * the averaged errors 2.1 (prefill) and 1.7 times as large, medians over a third of the library. So half of them counts.
 */
const SHARE_IN_OWN_GAP = 0.5;
/** With fewer cells left out in all, their error says little. */
const LEAST_LEFT_OUT = 4;
const NOTHING_ADDED = { stageFraction: 1, stepMs: 0, sendMsPerToken: 0, sendMs: 0 };

function prefillMs(times: IterationTimes, { promptTokens, batchSize }: PrefillRow): number {
  const tokens = promptTokens * batchSize;
  return times.mixedMs(tokens, (tokens * promptTokens) / 2, 0, 0);
}

const decodeMs = (times: IterationTimes, { contextTokens, batchSize }: DecodeRow): number =>
  times.decodeMs(batchSize, contextTokens * batchSize);

/** The rows of one length and one number of new tokens, as places among the values of both. */
interface Cell<Row> {
  readonly length: number;
  readonly line: number;
  readonly rows: readonly Row[];
  /** Null: bounds the grid, never left out. */
  readonly fold: number | null;
}

function cellsOf<Row>(
  rows: readonly Row[],
  lengthOf: (row: Row) => number,
  newTokensOf: (row: Row) => number,
): Cell<Row>[] {
  const lengths = sortedUnique(rows.map(lengthOf));
  const lines = sortedUnique(rows.map(newTokensOf));
  const cells = new Map<string, { length: number; line: number; rows: Row[] }>();
  for (const row of rows) {
    const length = lengths.indexOf(lengthOf(row));
    const line = lines.indexOf(newTokensOf(row));
    const known = cells.get(`${length} ${line}`);
    if (known === undefined) cells.set(`${length} ${line}`, { length, line, rows: [row] });
    else known.rows.push(row);
  }
  const all = [...cells.values()];
  const isBound = ({ length, line }: { length: number; line: number }) =>
    line === 0 ||
    line === lines.length - 1 ||
    all.filter((other) => other.length >= length && other.line >= line).length === 1;
  return all.map((cell) => ({ ...cell, fold: isBound(cell) ? null : cell.line % FOLDS }));
}

const rowsOutside = <Row>(fold: number, cells: readonly Cell<Row>[]): Row[] =>
  cells.flatMap((cell) => (cell.fold === fold ? [] : cell.rows));

/** A cell left out: mean over its rows of ln(measured ÷ predicted). */
interface Missed {
  readonly length: number;
  readonly line: number;
  readonly error: number;
}

function missedBy<Row extends { readonly meanMs: number }>(
  { length, line, rows }: Cell<Row>,
  predictMs: (row: Row) => number,
): Missed {
  const sum = rows.reduce((total, row) => total + Math.log(row.meanMs / predictMs(row)), 0);
  return { length, line, error: sum / rows.length };
}

/** Rms of the errors, each averaged with those of its neighbours. */
function spreadOf(cells: readonly Missed[]): number | null {
  if (cells.length < LEAST_LEFT_OUT) return null;
  let squares = 0;
  for (const { length, line } of cells) {
    const near = cells.filter((o) => Math.abs(o.length - length) <= 1 && Math.abs(o.line - line) <= 1);
    squares += (near.reduce((sum, o) => sum + o.error, 0) / near.length) ** 2;
  }
  return SHARE_IN_OWN_GAP * Math.sqrt(squares / cells.length);
}
