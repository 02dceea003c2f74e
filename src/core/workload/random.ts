/**
 * A stream of random numbers, reproducible on every machine: sfc32 (Chris Doty-Humphrey's Small Fast Counting
 * generator, 128 bits of state), seeded from a number and the name of what the stream is for, so that arrivals,
 * lengths and routing never share numbers.
 */
export interface RandomStream {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Standard normal. */
  normal(): number;
  /** Gamma with this shape and mean `shape` (scale 1). */
  gamma(shape: number): number;
}

export function createRandomStream(seed: number, purpose: string): RandomStream {
  const uniform = sfc32(seed, purpose);
  const positive = () => 1 - uniform();
  let spare = Number.NaN;
  function normal(): number {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    // Marsaglia's polar method: two normals from a point inside the unit circle.
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  }
  function gamma(shape: number): number {
    // Marsaglia and Tsang 2000; shapes below 1 by boosting.
    if (shape < 1) return gamma(shape + 1) * positive() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(positive()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }
  return { uniform, exponential: () => -Math.log(positive()), normal, gamma };
}

function sfc32(seed: number, purpose: string): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = fnv1a(purpose);
  let counter = 1;
  function next(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  }
  for (let i = 0; i < 20; i++) next();
  return next;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
