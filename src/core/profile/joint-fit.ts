import { sortedUnique } from './monotone-surface';
import type { Profile } from './profile';

/**
 * The smooth skeleton of a profile: one iteration takes
 * `dense(tokens) + perWork · prefillWork + perSequence · batch + perContext · contextTokens` ms,
 * with `dense` shared by prefill and decode rows and every part non-negative and never falling.
 */
export interface JointFit {
  /** Time of everything but attention over `tokens` new tokens, ms. */
  dense(tokens: number): number;
  /** Slope of `dense` beyond the measured tokens, ms per token. */
  readonly denseSlopeMs: number;
  /** ms per unit of prefill work Σ c·(p + c/2): c new tokens after p cached ones. */
  readonly perWorkMs: number;
  /** ms per decoding sequence (what decode attention costs beside reading the KV cache). */
  readonly perSequenceMs: number;
  /** ms per context token read by decode attention. */
  readonly perContextMs: number;
}

/** Slopes that physics expects, per GPU of the replica; they decide only what the rows cannot. */
export interface Physics {
  /** ms per new token at the GPU's peak dense FLOP rate. */
  readonly denseMsPerToken: number;
  readonly workMs: number;
  readonly contextMs: number;
}

// Typical share of peak that kernels reach (dense compute, prefill attention, KV reads): priors, a twentieth of one row's weight.
const EFFICIENCY = { dense: 0.6, work: 0.4, context: 0.7 };
const PRIOR_WEIGHT = 0.05;

export function fitJointly(profile: Profile, physics: Physics): JointFit {
  const knots = tokenKnots(profile);
  const columns = knots.length + 3;
  const problem = createLeastSquares(columns);
  const add = (tokens: number, work: number, sequences: number, context: number, ms: number) => {
    const row = new Float64Array(columns);
    denseBasis(knots, tokens, row);
    row[columns - 3] = work;
    row[columns - 2] = sequences;
    row[columns - 1] = context;
    problem.addRow(row, ms, 1 / ms);
  };
  for (const r of profile.prefill) {
    const tokens = r.promptTokens * r.batchSize;
    add(tokens, (tokens * r.promptTokens) / 2, 0, 0, r.meanMs);
  }
  for (const r of profile.decode) add(r.batchSize, 0, r.batchSize, r.batchSize * r.contextTokens, r.meanMs);
  problem.addPrior(columns - 3, physics.workMs / EFFICIENCY.work, PRIOR_WEIGHT);
  problem.addPrior(columns - 1, physics.contextMs / EFFICIENCY.context, PRIOR_WEIGHT);
  problem.addPrior(columns - 2, 0, PRIOR_WEIGHT);
  for (let m = 1; m < knots.length; m++)
    problem.addPrior(m, physics.denseMsPerToken / EFFICIENCY.dense, PRIOR_WEIGHT / 5);
  const solution = problem.solveNonNegative();
  const scratch = new Float64Array(columns);
  return {
    dense(tokens) {
      scratch.fill(0);
      denseBasis(knots, tokens, scratch);
      let ms = 0;
      for (let m = 0; m < knots.length; m++) ms += scratch[m]! * solution[m]!;
      return ms;
    },
    denseSlopeMs: Math.max(solution[knots.length - 1]!, physics.denseMsPerToken),
    perWorkMs: solution[columns - 3]!,
    perSequenceMs: solution[columns - 2]!,
    perContextMs: solution[columns - 1]!,
  };
}

/** Where `dense` may bend: the measured token counts, those closer than 20% to the one before left out. */
function tokenKnots(profile: Profile): number[] {
  const all = sortedUnique([
    ...profile.prefill.map((r) => r.promptTokens * r.batchSize),
    ...profile.decode.map((r) => r.batchSize),
  ]);
  const knots: number[] = [];
  for (const tokens of all) {
    if (knots.length === 0 || tokens >= knots[knots.length - 1]! * 1.2) knots.push(tokens);
  }
  return knots;
}

/** Column 0: the constant; column m: tokens between knots m−1 and m (the last one open to the right). */
function denseBasis(knots: readonly number[], tokens: number, row: Float64Array): void {
  row[0] = 1;
  for (let m = 1; m < knots.length; m++) {
    const from = m === 1 ? 0 : knots[m - 1]!;
    const to = m === knots.length - 1 ? Number.POSITIVE_INFINITY : knots[m]!;
    row[m] = Math.min(Math.max(tokens - from, 0), to - from);
  }
}

/** Weighted least squares with non-negative unknowns, by coordinate descent on the normal equations. */
function createLeastSquares(columns: number) {
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  const largest = new Float64Array(columns);
  function addRow(row: Float64Array, value: number, weight: number): void {
    for (let i = 0; i < columns; i++) {
      const wi = row[i]! * weight;
      if (wi === 0) continue;
      largest[i] = Math.max(largest[i]!, wi);
      right[i]! += wi * value * weight;
      for (let j = 0; j < columns; j++) gram[i * columns + j]! += wi * row[j]! * weight;
    }
  }
  return {
    addRow,
    /** A pseudo-observation of one unknown, `weight` times as strong as the row in which it matters most. */
    addPrior(column: number, value: number, weight: number): void {
      const strength = (largest[column]! * weight) ** 2;
      gram[column * columns + column]! += strength;
      right[column]! += strength * value;
    },
    solveNonNegative(): Float64Array {
      const x = new Float64Array(columns);
      const gradient = right.slice();
      for (let sweep = 0; sweep < 4000; sweep++) {
        let moved = 0;
        for (let i = 0; i < columns; i++) {
          const diagonal = gram[i * columns + i]!;
          if (diagonal === 0) continue;
          const next = Math.max(0, x[i]! + gradient[i]! / diagonal);
          const step = next - x[i]!;
          if (step === 0) continue;
          x[i] = next;
          for (let j = 0; j < columns; j++) gradient[j]! -= gram[j * columns + i]! * step;
          moved = Math.max(moved, Math.abs(step) * Math.sqrt(diagonal));
        }
        if (moved < 1e-9) break;
      }
      return x;
    },
  };
}
