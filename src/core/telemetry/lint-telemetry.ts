import { InputError } from '../errors';
import type { TelemetryFinding } from './telemetry';

/** Refuses telemetry with findings of severity `error`: one `InputError` that lists all of them. */
export function refuseFaulty(
  findings: readonly TelemetryFinding[],
  where: { readonly source: string; readonly path: string },
): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  // Where hardly a row is left, what was wrong with the others is the reason.
  const whyFew = errors.some(({ code }) => FOR_WANT_OF_ROWS.includes(code))
    ? findings.filter(({ severity, excluded }) => severity !== 'error' && excluded)
    : [];
  const told = [...errors, ...whyFew];
  throw new InputError({
    source: where.source,
    path: where.path,
    found: told.map(tell).join('; '),
    allowed: 'telemetry without errors of the lint',
    hint: [...new Set(told.map(({ whatToDo }) => whatToDo))].join('; '),
  });
}

/** `CODE: message (rows 1, 2, … 5 in all)`. */
function tell({ code, message, rows, rowCount }: TelemetryFinding): string {
  if (rows.length === 0) return `${code}: ${message}`;
  const shown = rows.slice(0, ROWS_SHOWN).join(', ');
  const more = rowCount > ROWS_SHOWN ? `, … ${rowCount} in all` : '';
  return `${code}: ${message} (${rowCount === 1 ? 'row' : 'rows'} ${shown}${more})`;
}

const ROWS_SHOWN = 5;
const FOR_WANT_OF_ROWS: readonly string[] = ['EMPTY', 'MOSTLY_FAULTY'];

export { lintIterations } from './lint-iterations';
export { lintRequests } from './lint-requests';
export { lintSummary } from './lint-summary';
