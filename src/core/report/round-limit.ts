/** Up to two significant digits, as a person writes a limit, and never below `value`: a limit set there admits it. */
export function roundLimitUp(value: number): number {
  return roundLimit(value, Math.ceil, (rounded) => rounded >= value, 1);
}

/** Down to two significant digits, never above `value`. */
export function roundLimitDown(value: number): number {
  return roundLimit(value, Math.floor, (rounded) => rounded <= value, -1);
}

function roundLimit(
  value: number,
  round: (x: number) => number,
  holds: (x: number) => boolean,
  away: 1 | -1,
): number {
  // Below the smallest normal number powers of ten lose their digits; no limit is that small.
  if (!(value > 1e-300) || !Number.isFinite(value)) return value;
  const exponent = Math.floor(Math.log10(value)) - 1;
  // Dividing by a power of ten given as text keeps 0.1 + 0.2 noise out: 7.3 stays 7.3.
  const at = (steps: number) => Number(`${steps}e${exponent}`);
  const steps = round(Number((value / at(1)).toPrecision(12)));
  return holds(at(steps)) ? at(steps) : at(steps + away);
}
