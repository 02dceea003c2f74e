import type { LintFinding, NeededCoverage } from './lint-finding';
import { maxBy, show } from './lint-physics';
import type { Profile } from './profile';

/** What can be said of the rows without knowing model or GPU. */
export function lintSurface(profile: Profile, needed: NeededCoverage | null): LintFinding[] {
  return [
    ...lintCounts(profile),
    ...lintDuplicates(profile),
    ...lintMonotone(profile),
    ...lintSpread(profile),
    ...lintCoverage(profile, needed ?? USUAL, needed === null ? 'usual' : 'needed'),
  ];
}

/** A row of either phase; `length` is the prompt or the context. */
interface Point {
  readonly phase: 'prefill' | 'decode';
  readonly length: number;
  readonly batch: number;
  readonly meanMs: number;
  readonly stdMs: number | undefined;
}

const pointsOf = ({ prefill, decode }: Profile): Point[] => [
  ...prefill.map(
    (row): Point => ({
      phase: 'prefill',
      length: row.promptTokens,
      batch: row.batchSize,
      meanMs: row.meanMs,
      stdMs: row.stdMs,
    }),
  ),
  ...decode.map(
    (row): Point => ({
      phase: 'decode',
      length: row.contextTokens,
      batch: row.batchSize,
      meanMs: row.meanMs,
      stdMs: row.stdMs,
    }),
  ),
];

const FEW_POINTS = 4;

function lintCounts({ prefill, decode }: Profile): LintFinding[] {
  if (prefill.length >= FEW_POINTS && decode.length >= FEW_POINTS) return [];
  return [
    {
      code: 'too-few-points',
      severity: prefill.length < 2 || decode.length < 2 ? 'error' : 'warning',
      message: `${prefill.length} prefill and ${decode.length} decode rows: most of the time model is extrapolated`,
      fix: 'measure at least 4 of each, over several lengths and batch sizes',
    },
  ];
}

function lintDuplicates(profile: Profile): LintFinding[] {
  const seen = new Set<string>();
  const duplicates = pointsOf(profile).filter(({ phase, length, batch }) => {
    const key = `${phase}|${length}|${batch}`;
    const known = seen.has(key);
    seen.add(key);
    return known;
  });
  const [first] = duplicates;
  if (first === undefined) return [];
  return [
    {
      code: 'duplicate-rows',
      severity: 'error',
      message: `${duplicates.length} rows repeat a point, e.g. ${first.phase} of ${first.batch} × ${first.length} tokens`,
      fix: 'keep one row for each (length, batch size)',
    },
  ];
}

/** Noise of good profiles reaches 5% between neighbours. */
const NOISE = 0.05;
const LARGE_DROP = 0.2;
const MANY_DROPS = 0.12;
const MOSTLY_DROPS = 0.4;

/** More tokens or more requests cannot take less time. */
function lintMonotone(profile: Profile): LintFinding[] {
  return (['prefill', 'decode'] as const).flatMap((phase) => {
    const points = pointsOf(profile).filter((point) => point.phase === phase);
    return [
      ...lintAxis(points, { along: 'length', fixed: 'batch', phase }),
      ...lintAxis(points, { along: 'batch', fixed: 'length', phase }),
    ];
  });
}

type Axis = 'length' | 'batch';

function lintAxis(
  points: readonly Point[],
  axes: { along: Axis; fixed: Axis; phase: Point['phase'] },
): LintFinding[] {
  const { along, fixed, phase } = axes;
  const lines = new Map<number, Point[]>();
  for (const point of points) lines.set(point[fixed], [...(lines.get(point[fixed]) ?? []), point]);
  const steps = [...lines.values()].flatMap((line) => {
    const sorted = [...line].sort((a, b) => a[along] - b[along]);
    return sorted.slice(1).map((to, i) => {
      const from = sorted[i] ?? to;
      return { from, to, drop: 1 - to.meanMs / from.meanMs };
    });
  });
  const drops = steps.filter(({ drop }) => drop > NOISE);
  const worst = maxBy(drops, ({ drop }) => drop);
  if (worst === null) return [];
  const share = drops.length / steps.length;
  const severity =
    share > MOSTLY_DROPS && steps.length >= 5
      ? 'error'
      : worst.drop > LARGE_DROP || (share > MANY_DROPS && drops.length > 1)
        ? 'warning'
        : 'info';
  return [
    {
      code: 'non-monotone',
      severity,
      message: `${drops.length} of ${steps.length} ${phase} steps along ${along === 'batch' ? 'the batch size' : 'the length'} get faster by more than ${NOISE * 100}%; the largest: ${show(worst.from.meanMs)} ms at ${worst.from.batch} × ${worst.from.length} tokens, ${show(worst.to.meanMs)} ms at ${worst.to.batch} × ${worst.to.length}`,
      fix:
        severity === 'info'
          ? 'nothing: the fit levels it'
          : 'repeat these points with more iterations after a warm-up; the fit levels them, so times between are uncertain by as much',
    },
  ];
}

function lintSpread(profile: Profile): LintFinding[] {
  const noisy = pointsOf(profile).filter(({ stdMs, meanMs }) => stdMs !== undefined && stdMs > meanMs);
  const worst = maxBy(noisy, ({ stdMs = 0, meanMs }) => stdMs / meanMs);
  if (worst === null) return [];
  return [
    {
      code: 'std-above-mean',
      severity: 'warning',
      message: `the standard deviation is above the mean in ${noisy.length} of the rows, e.g. ${worst.phase} of ${worst.batch} × ${worst.length} tokens: ${show(worst.meanMs)} ± ${show(worst.stdMs ?? 0)} ms`,
      fix: 'leave the first iterations (compilation, warm-up) out of the statistics',
    },
  ];
}

/** Below this a profile serves hardly any real plan; without a plan at hand there is no other measure. */
const USUAL: NeededCoverage = { batch: 8, context: 1024, prompt: 512 };

function lintCoverage(
  { prefill, decode }: Profile,
  needed: NeededCoverage,
  measure: 'usual' | 'needed',
): LintFinding[] {
  const reach = [
    { what: 'decode batch', to: Math.max(0, ...decode.map((row) => row.batchSize)), need: needed.batch },
    {
      what: 'decode context',
      to: Math.max(0, ...decode.map((row) => row.contextTokens)),
      need: needed.context,
    },
    {
      what: 'prompt length',
      to: Math.max(0, ...prefill.map((row) => row.promptTokens)),
      need: needed.prompt,
    },
  ].filter(({ to, need }) => to < need);
  if (reach.length === 0) return [];
  return [
    {
      code: 'coverage',
      severity: 'warning',
      message: `measured only up to ${reach.map(({ what, to, need }) => `${what} ${to} of ${need} ${measure}`).join(', ')}: beyond, times are extrapolated`,
      fix: 'measure up to the largest batch and context that will be served',
    },
  ];
}
