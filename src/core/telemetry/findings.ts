import type { TelemetryFinding, TelemetrySeverity } from './telemetry';

/** Every code of a finding. */
export const TELEMETRY_CODES = [
  'EMPTY',
  'ONE_SAMPLE',
  'TOO_FEW',
  'NO_VARIATION',
  'MIXED_DEPLOYMENT',
  'UNITS',
  'NO_LATENCY',
  'FAILED',
  'INCOMPLETE',
  'NOT_FINITE',
  'NEGATIVE',
  'ZERO',
  'IMPLAUSIBLE',
  'DUPLICATE',
  'REPEATED_ID',
  'OUT_OF_ORDER',
  'CLOCK_JUMP',
  'CLOCK_SKEW',
  'TPOT_DEFINITION',
  'TPOT_DERIVED',
  'MOSTLY_FAULTY',
  'CLOSED_LOOP',
  'CONCURRENCY',
] as const;
export type TelemetryCode = (typeof TELEMETRY_CODES)[number];

export interface FindingDraft {
  readonly code: TelemetryCode;
  readonly severity: TelemetrySeverity;
  readonly message: string;
  readonly whatToDo: string;
  /** Row numbers, 1 is the first; all of them. */
  readonly rows?: readonly number[];
  readonly excluded?: boolean;
}

const MOST_ROWS = 20;

export function finding(draft: FindingDraft): TelemetryFinding {
  const { rows = [], excluded = false } = draft;
  return {
    code: draft.code,
    severity: draft.severity,
    message: draft.message,
    rows: rows.slice(0, MOST_ROWS),
    rowCount: rows.length,
    excluded,
    whatToDo: draft.whatToDo,
  };
}

/** Which rows are still in, and what was found on the way. */
export class Sieve {
  readonly findings: TelemetryFinding[] = [];
  private readonly out: Uint8Array;

  constructor(readonly total: number) {
    this.out = new Uint8Array(total);
  }

  /** Indices of the rows still in, in file order. */
  kept(): number[] {
    const indices: number[] = [];
    for (let i = 0; i < this.total; i++) if (this.out[i] === 0) indices.push(i);
    return indices;
  }

  add(draft: FindingDraft): void {
    this.findings.push(finding(draft));
  }

  /** Leaves out the rows still in that `fails` says, and reports them; none: nothing is reported. */
  exclude(
    fails: (index: number) => boolean,
    describe: (count: string, first: number) => Omit<FindingDraft, 'rows' | 'excluded'>,
  ): void {
    const failing = this.kept().filter(fails);
    if (failing.length === 0) return;
    for (const i of failing) this.out[i] = 1;
    const rows = failing.map((i) => i + 1);
    this.add({ ...describe(countOf(rows.length), failing[0]!), rows, excluded: true });
  }
}

export const countOf = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`);

/** A number with about four digits, to read. */
export const digits = (value: number): string => String(Number(value.toPrecision(4)));
