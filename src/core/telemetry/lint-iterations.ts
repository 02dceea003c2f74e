import { digits, Sieve } from './findings';
import { excludeMixed, MOST_TOKENS } from './lint-cells';
import { lintCount } from './lint-count';
import { quantile } from './quantile';
import type { RawIterations } from './raw-telemetry';
import {
  ITERATION_TYPES,
  type IterationSample,
  type IterationType,
  type TelemetryFinding,
} from './telemetry';

export interface LintedIterations {
  readonly samples: readonly IterationSample[];
  readonly findings: readonly TelemetryFinding[];
}

/** Judges engine steps, as `lintRequests` judges requests. */
export function lintIterations(raw: RawIterations): LintedIterations {
  const sieve = new Sieve(raw.types.length);
  const done = () => ({
    samples: sieve.kept().map((i) => sampleOf(raw, i)),
    findings: sieve.findings,
  });
  if (excludeMixed(raw.labels, sieve)) return done();
  excludeCells(raw, sieve);
  excludeContradictions(raw, sieve);
  if (lintTimes(raw, sieve)) return done();
  lintCount(sieve, 'iteration');
  return done();
}

/** Tokens of one step that are believed, over all its sequences. */
const MOST_IN_A_STEP = 100 * MOST_TOKENS;

function excludeCells(raw: RawIterations, sieve: Sieve): void {
  const cells = (i: number) => [
    raw.batchSize[i]!,
    raw.promptTokens[i]!,
    raw.contextTokens[i]!,
    raw.timeMs[i]!,
  ];
  const test = (
    code: 'NOT_FINITE' | 'INCOMPLETE' | 'NEGATIVE' | 'ZERO' | 'IMPLAUSIBLE',
    what: string,
    whatToDo: string,
    fails: (i: number) => boolean,
  ) =>
    sieve.exclude(fails, (count, i) => ({
      code,
      severity: 'warning',
      message: `${count} with ${what} (the first is row ${i + 1})`,
      whatToDo,
    }));
  test('NOT_FINITE', 'a value that is no finite number', 'leave out steps that were not timed', (i) =>
    cells(i).some((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  );
  test(
    'INCOMPLETE',
    'no batch size or no time',
    'record both of every step',
    (i) => Number.isNaN(raw.batchSize[i]) || Number.isNaN(raw.timeMs[i]),
  );
  test('NEGATIVE', 'a value below 0', 'look for a difference of two clocks', (i) =>
    cells(i).some((value) => value < 0),
  );
  test(
    'ZERO',
    'a batch or a time of 0',
    'leave out steps in which nothing ran',
    (i) => raw.batchSize[i] === 0 || raw.timeMs[i] === 0,
  );
  test('IMPLAUSIBLE', `a count that is no whole number up to ${MOST_IN_A_STEP}`, 'check the columns', (i) =>
    cells(i)
      .slice(0, 3)
      .some((value) => value > MOST_IN_A_STEP || (!Number.isNaN(value) && !Number.isInteger(value))),
  );
}

/** A decode step computes no prompt; a step with a prompt computes at least a token of it. */
function excludeContradictions(raw: RawIterations, sieve: Sieve): void {
  const known: readonly string[] = ITERATION_TYPES;
  sieve.exclude(
    (i) => {
      const type = raw.types[i]!;
      if (!known.includes(type)) return true;
      const prompts = Number.isNaN(raw.promptTokens[i]) ? 0 : raw.promptTokens[i]!;
      if ((type === 'decode') !== (prompts === 0)) return true;
      return type !== 'prefill' && !(raw.contextTokens[i]! > 0);
    },
    (count, i) => ({
      code: 'IMPLAUSIBLE',
      severity: 'warning',
      message: `${count} whose type and tokens contradict each other (row ${i + 1}: ${raw.types[i]}, ${raw.promptTokens[i]} prompt and ${raw.contextTokens[i]} context tokens)`,
      whatToDo:
        'prefill and mixed steps have prompt tokens, decode and mixed ones context tokens, decode ones no prompt tokens',
    }),
  );
}

/** Step times whose median is believed, ms. */
const LEAST_MS = 0.05;
const MOST_MS = 60_000;

function lintTimes(raw: RawIterations, sieve: Sieve): boolean {
  const kept = sieve.kept();
  const times = kept.map((i) => raw.timeMs[i]!).sort((a, b) => a - b);
  const median = quantile(times, 0.5);
  const units = median < LEAST_MS || median > MOST_MS;
  if (units) {
    sieve.add({
      code: 'UNITS',
      severity: 'error',
      message: `the median step takes ${digits(median)} ms: ms and seconds mixed?`,
      whatToDo: 'name the column by its unit: time_ms or time_s',
    });
  } else if (times.length > 1 && times[0] === times.at(-1)) {
    sieve.add({
      code: 'NO_VARIATION',
      severity: 'error',
      message: `all ${times.length} steps take ${digits(median)} ms`,
      whatToDo: 'give what each step measured, not one average repeated',
      rows: kept.map((i) => i + 1),
    });
  }
  return units;
}

const sampleOf = (raw: RawIterations, i: number): IterationSample => ({
  type: raw.types[i] as IterationType,
  batchSize: raw.batchSize[i]!,
  promptTokens: Number.isNaN(raw.promptTokens[i]) ? 0 : raw.promptTokens[i]!,
  contextTokens: Number.isNaN(raw.contextTokens[i]) ? 0 : raw.contextTokens[i]!,
  timeMs: raw.timeMs[i]!,
});
