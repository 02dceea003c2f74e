/** The number, or null where it is none that JSON knows: a latency that never came is Infinity inside, null outside. */
export const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;
