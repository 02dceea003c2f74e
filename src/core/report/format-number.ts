/** Rounds to `digits` significant digits, so that reports do not show or compare noise; null where there is no finite number. */
export function significant(value: number | null | undefined, digits: number): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  const rounded = Number(value.toPrecision(digits));
  return rounded === 0 ? 0 : rounded;
}

/** Printed where a number does not exist. */
const NO_NUMBER = 'n/a';

/** Milliseconds for a table or a fact line, always in ms below 100 s so that a value and its limit compare at a glance. */
export function formatMs(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  if (!Number.isFinite(ms)) return NO_NUMBER;
  if (ms >= 99_999.5) return `${trimmed(ms / 1000, 0)} s`;
  return `${trimmed(ms, decimalsFor(ms, { below10: 2, below1000: 1 }))} ms`;
}

/** Milliseconds as a person would say them in a sentence: `250 ms`, `2.4 s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 1000) return formatMs(ms);
  return `${significant(ms / 1000, 3)} s`;
}

/** Requests/s, three significant digits, without the unit. */
export function formatQps(qps: number | null): string {
  const rounded = qps !== null && qps >= 1000 ? significant(qps, 4) : significant(qps, 3);
  return rounded === null ? NO_NUMBER : plain(rounded);
}

/** US dollars: cents from one dollar up, three significant digits below. */
export function formatUsd(usd: number | null): string {
  if (usd === null || !Number.isFinite(usd)) return NO_NUMBER;
  if (usd >= 10_000) return `$${Math.round(usd).toLocaleString('en-US')}`;
  if (usd >= 1 || usd === 0) return `$${usd.toFixed(2)}`;
  return `$${plain(significant(usd, 3) ?? 0)}`;
}

/** A ratio in 0..1 as per cent; one decimal below 10%. */
export function formatPercent(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return NO_NUMBER;
  const percent = ratio * 100;
  return `${trimmed(percent, Math.abs(percent) < 9.95 ? 1 : 0)}%`;
}

/** Bytes as decimal GB. */
export function formatGb(bytes: number): string {
  const gb = significant(bytes / 1e9, 3);
  return gb === null ? NO_NUMBER : `${plain(gb)} GB`;
}

/** Any other number, three significant digits. */
export function formatNumber(value: number | null): string {
  const rounded = significant(value, 3);
  return rounded === null ? NO_NUMBER : plain(rounded);
}

/** `1 candidate`, `14 candidates`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function decimalsFor(value: number, decimals: { below10: number; below1000: number }): number {
  const size = Math.abs(value);
  if (size < 10) return decimals.below10;
  return size < 1000 ? decimals.below1000 : 0;
}

function trimmed(value: number, decimals: number): string {
  return plain(Number(value.toFixed(decimals)));
}

/** No exponent and no `-0`. */
function plain(value: number): string {
  if (value === 0) return '0';
  const text = String(value);
  if (!text.includes('e')) return text;
  return Math.abs(value) >= 1 ? value.toFixed(0) : value.toFixed(12).replace(/0+$/, '').replace(/\.$/, '');
}
