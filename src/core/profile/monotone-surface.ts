/**
 * A surface over two axes that never falls along either, linear between its nodes.
 *
 * Built from scattered measured points and a smooth prior: the measured points are nodes (after the isotonic step,
 * below), the other nodes follow the prior, bent by how the points around them differ from it.
 */
export interface Surface {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** Row by row: `values[i * ys.length + j]` is at (xs[i], ys[j]). */
  readonly values: Float64Array;
  /** Slopes beyond the last x and the last y. */
  readonly slopeX: number;
  readonly slopeY: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export function fitSurface(input: {
  points: readonly Point[];
  xs: readonly number[];
  ys: readonly number[];
  prior: (x: number, y: number) => number;
  slopeX: number;
  slopeY: number;
}): Surface {
  const points = makeMonotone(input.points);
  const xs = sortedUnique([...input.xs, ...points.map((p) => p.x)]);
  const ys = sortedUnique([...input.ys, ...points.map((p) => p.y)]);
  const estimate = createEstimate(points, input.prior);
  const width = ys.length;
  const values = new Float64Array(xs.length * width);
  for (let i = 0; i < xs.length; i++) {
    for (let j = 0; j < width; j++) {
      const x = xs[i]!;
      const y = ys[j]!;
      const { lowest, highest } = boundsOf(points, x, y);
      let value = Math.min(Math.max(estimate(x, y), lowest), highest);
      // Bounds never fall along either axis, so the running maximum keeps the measured nodes where they are.
      if (i > 0) value = Math.max(value, values[(i - 1) * width + j]!);
      if (j > 0) value = Math.max(value, values[i * width + j - 1]!);
      values[i * width + j] = value;
    }
  }
  return { xs, ys, values, slopeX: input.slopeX, slopeY: input.slopeY };
}

/**
 * The isotonic step: the monotone values closest to the measured ones in the largest relative error. Point i gets the
 * middle (of logarithms) between the largest value measured at or below it and the smallest at or above it, which is
 * its own value wherever no other point contradicts it.
 */
export function makeMonotone(points: readonly Point[]): Point[] {
  return points.map((p) => {
    const { lowest, highest } = boundsOf(points, p.x, p.y);
    return { x: p.x, y: p.y, value: lowest === highest ? p.value : Math.sqrt(lowest * highest) };
  });
}

/** Largest value among the points at or below (x, y), and the smallest among those at or above it. */
function boundsOf(points: readonly Point[], x: number, y: number): { lowest: number; highest: number } {
  let lowest = 0;
  let highest = Number.POSITIVE_INFINITY;
  for (const p of points) {
    if (p.x <= x && p.y <= y && p.value > lowest) lowest = p.value;
    if (p.x >= x && p.y >= y && p.value < highest) highest = p.value;
  }
  return { lowest, highest };
}

/** Between two measured points of one x: linear. Elsewhere: the prior, bent. */
function createEstimate(
  points: readonly Point[],
  prior: (x: number, y: number) => number,
): (x: number, y: number) => number {
  const bend = createBend(points, prior);
  const rows = new Map<number, Point[]>();
  for (const p of [...points].sort((a, b) => a.y - b.y)) {
    const row = rows.get(p.x);
    if (row === undefined) rows.set(p.x, [p]);
    else row.push(p);
  }
  return (x, y) => {
    const row = rows.get(x) ?? [];
    const next = row.findIndex((p) => p.y >= y);
    const above = row[next];
    const below = row[next - 1];
    if (above === undefined || below === undefined) return prior(x, y) * bend(x, y);
    return below.value + ((above.value - below.value) * (y - below.y)) / (above.y - below.y);
  };
}

/**
 * Ratio of measured to prior around a place: Shepard's inverse-distance mean of the points' ratios, distances in the
 * logarithms of both axes (profiles are measured on geometric grids), power 4 so that the nearest points decide.
 */
function createBend(
  points: readonly Point[],
  prior: (x: number, y: number) => number,
): (x: number, y: number) => number {
  const known = points.map((p) => ({
    x: Math.log1p(p.x),
    y: Math.log1p(p.y),
    ratio: p.value / prior(p.x, p.y),
  }));
  return (x, y) => {
    const lx = Math.log1p(x);
    const ly = Math.log1p(y);
    let weights = 0;
    let sum = 0;
    for (const k of known) {
      const squared = (k.x - lx) ** 2 + (k.y - ly) ** 2;
      if (squared < 1e-18) return k.ratio;
      const weight = 1 / (squared * squared);
      weights += weight;
      sum += weight * k.ratio;
    }
    return weights === 0 ? 1 : sum / weights;
  };
}

/** Linear between nodes, along the slopes beyond the last ones; below the first ones the first hold. */
export function evaluate(surface: Surface, x: number, y: number): number {
  const { xs, ys, values } = surface;
  const width = ys.length;
  const i = cellOf(xs, x);
  const j = cellOf(ys, y);
  const u = positionIn(xs, i, x);
  const v = positionIn(ys, j, y);
  const at = i * width + j;
  const right = i + 1 < xs.length ? width : 0;
  const up = j + 1 < width ? 1 : 0;
  const low = values[at]! + (values[at + up]! - values[at]!) * v;
  const high = values[at + right]! + (values[at + right + up]! - values[at + right]!) * v;
  return low + (high - low) * u + beyond(xs, x) * surface.slopeX + beyond(ys, y) * surface.slopeY;
}

/** Index of the last node at or below `value`; 0 below the first. */
export function cellOf(nodes: Float64Array, value: number): number {
  let low = 0;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (nodes[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function positionIn(nodes: Float64Array, cell: number, value: number): number {
  if (cell + 1 >= nodes.length || value <= nodes[cell]!) return 0;
  return (value - nodes[cell]!) / (nodes[cell + 1]! - nodes[cell]!);
}

function beyond(nodes: Float64Array, value: number): number {
  const last = nodes[nodes.length - 1]!;
  return value > last ? value - last : 0;
}

export function sortedUnique(numbers: readonly number[]): Float64Array {
  return Float64Array.from(new Set(numbers)).sort();
}
