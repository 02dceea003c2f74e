// Quantiles and how figures are written.

/** Linear between ranks; null of none. */
export function quantile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}

export const medianOf = (values) => quantile(values, 0.5);
export const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Where the next value lies with 90% probability, given those seen: ranks of n + 1. Of fewer than 19 values these are the
 * smallest and the largest, and the probability is (n − 1) ÷ (n + 1).
 */
export function nextValueBounds(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const tail = Math.max(0, Math.floor(0.05 * (sorted.length + 1)) - 1);
  return [sorted[tail], sorted[sorted.length - 1 - tail]];
}

export function groupBy(list, keyOf) {
  const map = new Map();
  for (const item of list) {
    const key = keyOf(item);
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(item);
  }
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

export const percent = (share, digits = 1) => (share === null ? '–' : `${(100 * share).toFixed(digits)}%`);

/** With its sign. */
export function signed(share, digits = 1) {
  const text = (100 * share).toFixed(digits);
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? (0).toFixed(digits) : text}%`.replace(
    '-',
    '−',
  );
}

export function milliseconds(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}

/** A table in Markdown; the first `left` columns are text. */
export const table = (head, rows, left = 1) =>
  [head, head.map((_, i) => (i < left ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
