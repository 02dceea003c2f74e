import type { RawRequests } from '../../src/core/telemetry/raw-telemetry';
import { createRandomStream } from '../../src/core/workload/random';

/** Requests of a plausible run, each with all fields; `change` overwrites columns. */
export function rawRequests(count: number, change: Partial<RawRequests> = {}): RawRequests {
  const { uniform } = createRandomStream(count, 'telemetry');
  const column = (of: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => of(i));
  const promptTokens = column(() => 100 + Math.floor(uniform() * 900));
  const outputTokens = column(() => 10 + Math.floor(uniform() * 200));
  const ttftMs = column(() => 40 + 100 * uniform());
  const tpotMs = column(() => 20 + 10 * uniform());
  return {
    arrivals: { atS: column((i) => i * 0.5 + 0.1 * uniform()), absolute: false },
    promptTokens,
    outputTokens,
    cachedPromptTokens: column(() => 0),
    ttftMs,
    tpotMs,
    e2eMs: column((i) => ttftMs[i]! + tpotMs[i]! * (outputTokens[i]! - 1)),
    failed: new Uint8Array(count),
    ids: null,
    labels: [],
    ...change,
  };
}

/** A column with some values replaced. */
export function withValues(values: Float64Array, changes: Readonly<Record<number, number>>): Float64Array {
  const copy = values.slice();
  for (const [i, value] of Object.entries(changes)) copy[Number(i)] = value;
  return copy;
}

/** The rows in another order. */
export function reordered(raw: RawRequests, order: readonly number[]): RawRequests {
  const pick = (values: Float64Array) => Float64Array.from(order, (i) => values[i]!);
  return {
    ...raw,
    arrivals: raw.arrivals === null ? null : { ...raw.arrivals, atS: pick(raw.arrivals.atS) },
    promptTokens: pick(raw.promptTokens),
    outputTokens: pick(raw.outputTokens),
    cachedPromptTokens: pick(raw.cachedPromptTokens),
    ttftMs: pick(raw.ttftMs),
    tpotMs: pick(raw.tpotMs),
    e2eMs: pick(raw.e2eMs),
    failed: Uint8Array.from(order, (i) => raw.failed[i]!),
    ids: raw.ids === null ? null : order.map((i) => raw.ids![i]!),
  };
}
