import { countOf, digits, type Sieve } from './findings';
import type { RawRequests, RowLabels } from './raw-telemetry';

/** The most tokens of one request that are believed. */
export const MOST_TOKENS = 10_000_000;

/**
 * Rows of another deployment than the document's. True: there are some, and the file is refused as a whole, since rows
 * without a label may be of either.
 */
export function excludeMixed(labels: readonly RowLabels[], sieve: Sieve): boolean {
  let mixed = false;
  for (const { name, expected, values } of labels) {
    const other = (i: number) => values[i] !== null && values[i] !== expected;
    const counts = new Map<string, number>();
    for (const i of sieve.kept()) {
      const value = values[i];
      if (value !== null && value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const listed = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 5);
    sieve.exclude(other, () => {
      mixed = true;
      return {
        code: 'MIXED_DEPLOYMENT',
        severity: 'error',
        message: `the column ${name} has ${listed.map(([value, n]) => `${short(value)} (${countOf(n)})`).join(', ')}; the document says ${expected}`,
        whatToDo: 'give each deployment its own document and its own samples',
      };
    });
  }
  return mixed;
}

const short = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** Rows with a value that cannot be, in the order in which a person would ask. */
export function excludeFaultyCells(raw: RawRequests, sieve: Sieve): void {
  sieve.exclude(
    (i) => raw.failed[i] === 1,
    (count) => ({
      code: 'FAILED',
      severity: 'info',
      message: `${count} of requests that did not succeed`,
      whatToDo: 'nothing; if they are many, the load they made is missing from the replay',
    }),
  );
  const columns = columnsOf(raw);
  excludeByCell(sieve, columns, (value) => Math.abs(value) === Number.POSITIVE_INFINITY, {
    code: 'NOT_FINITE',
    what: 'that is no finite number',
    whatToDo: 'leave a cell empty when nothing was recorded',
  });
  const needed = columns.filter(({ needed }) => needed);
  excludeByCell(sieve, needed, Number.isNaN, {
    code: 'INCOMPLETE',
    what: 'missing',
    whatToDo: 'record the arrival and both lengths of every request: without them it cannot be replayed',
  });
  excludeByCell(sieve, columns, (value) => value < 0, {
    code: 'NEGATIVE',
    what: 'below 0',
    whatToDo: 'look for a difference of two clocks, or a −1 that stands for nothing recorded',
  });
  const positive = columns.filter(({ name }) => name !== 'arrival' && name !== 'cached tokens');
  excludeByCell(
    sieve,
    // A request of one token has no time between tokens: a 0 there is usual.
    positive.filter(({ name }) => name !== 'TPOT'),
    (value) => value === 0,
    {
      code: 'ZERO',
      what: 'of 0',
      whatToDo: 'look whether these requests failed, or whether 0 stands for nothing recorded',
    },
  );
  sieve.exclude(
    (i) => raw.tpotMs[i] === 0 && raw.outputTokens[i]! > 1,
    (count, i) => ({
      code: 'ZERO',
      severity: 'warning',
      message: `${count} with a TPOT of 0 and several output tokens (row ${i + 1}: ${raw.outputTokens[i]})`,
      whatToDo: 'look whether the answers came in one piece: without streaming there is no TPOT to measure',
    }),
  );
  const counts = columns.filter(({ whole }) => whole);
  excludeByCell(sieve, counts, (value) => value > MOST_TOKENS || (value >= 0 && !Number.isInteger(value)), {
    code: 'IMPLAUSIBLE',
    what: `that is no whole number up to ${MOST_TOKENS}`,
    whatToDo: 'check the column: tokens are counted',
  });
  sieve.exclude(
    (i) => raw.cachedPromptTokens[i]! > raw.promptTokens[i]!,
    (count, i) => ({
      code: 'IMPLAUSIBLE',
      severity: 'warning',
      message: `${count} with more cached tokens than prompt tokens (row ${i + 1}: ${raw.cachedPromptTokens[i]} of ${raw.promptTokens[i]})`,
      whatToDo: 'prompt tokens include the cached ones: add them if they were counted apart',
    }),
  );
}

interface Column {
  readonly name: string;
  readonly values: Float64Array;
  readonly needed: boolean;
  readonly whole: boolean;
}

function columnsOf(raw: RawRequests): Column[] {
  const column = (name: string, values: Float64Array, needed: boolean, whole: boolean) => [
    { name, values, needed, whole },
  ];
  return [
    ...(raw.arrivals === null ? [] : column('arrival', raw.arrivals.atS, true, false)),
    ...column('prompt tokens', raw.promptTokens, true, true),
    ...column('output tokens', raw.outputTokens, true, true),
    ...column('cached tokens', raw.cachedPromptTokens, false, true),
    ...column('TTFT', raw.ttftMs, false, false),
    ...column('TPOT', raw.tpotMs, false, false),
    ...column('e2e', raw.e2eMs, false, false),
  ];
}

interface CellFault {
  readonly code: 'NOT_FINITE' | 'INCOMPLETE' | 'NEGATIVE' | 'ZERO' | 'IMPLAUSIBLE';
  readonly what: string;
  readonly whatToDo: string;
}

function excludeByCell(
  sieve: Sieve,
  columns: readonly Column[],
  fails: (value: number) => boolean,
  { code, what, whatToDo }: CellFault,
): void {
  const faulty = (i: number) => columns.find(({ values }) => fails(values[i]!));
  sieve.exclude(
    (i) => faulty(i) !== undefined,
    (count, first) => {
      const { name, values } = faulty(first)!;
      const value = values[first]!;
      const example = Number.isFinite(value) ? `${name} ${digits(value)}` : name;
      return {
        code,
        severity: 'warning',
        message: `${count} with a value ${what} (row ${first + 1}: ${example})`,
        whatToDo,
      };
    },
  );
}

/** Rows that repeat an earlier one in everything, its id included: a log read twice. The first one stays. */
export function excludeDuplicates(raw: RawRequests, sieve: Sieve): void {
  const columns = columnsOf(raw).map(({ values }) => values);
  const keyOf = (i: number) => `${columns.map((values) => values[i]).join(' ')} ${raw.ids?.[i] ?? ''}`;
  // Without arrivals or ids, two short requests may well agree in all that was recorded.
  if (raw.arrivals !== null || raw.ids !== null) {
    const seen = new Set<string>();
    sieve.exclude(
      (i) => seen.size === seen.add(keyOf(i)).size,
      (count) => ({
        code: 'DUPLICATE',
        severity: 'warning',
        message: `${count} that repeat an earlier row in everything`,
        whatToDo: 'check whether a log was read twice',
      }),
    );
  }
  const { ids } = raw;
  if (ids === null) return;
  const known = new Set<string>();
  const repeated = sieve.kept().filter((i) => ids[i] !== '' && known.size === known.add(ids[i]!).size);
  if (repeated.length === 0) return;
  sieve.add({
    code: 'REPEATED_ID',
    severity: 'warning',
    message: `${countOf(repeated.length)} with the id of an earlier row and other values`,
    whatToDo: 'check whether requests were tried again, or ids are unique within a client only',
    rows: repeated.map((i) => i + 1),
  });
}
