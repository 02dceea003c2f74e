import type { Workload } from '../workload/workload';

/** 64 bits of FNV-1a over the UTF-16 code units, as hex: tells contents apart, is no protection. */
export function fingerprint(text: string): string {
  const lanes = createLanes();
  for (let i = 0; i < text.length; i++) lanes.add(text.charCodeAt(i));
  return lanes.hex();
}

/** A workload as text: equal for equal traffic; a trace is told by its contents, whatever its name. */
export function workloadText({ arrival, lengths }: Workload): string {
  if (lengths.kind === 'drawn') return JSON.stringify({ arrival, lengths });
  const { arrivedAtS, promptTokens, outputTokens, cachedPromptTokens, hashes } = lengths.trace;
  const lanes = createLanes();
  const hashColumns = hashes === undefined ? [] : [hashes.blocks, hashes.starts];
  for (const column of [arrivedAtS, promptTokens, outputTokens, cachedPromptTokens, ...hashColumns]) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    for (const byte of bytes) lanes.add(byte);
    lanes.add(column.length);
  }
  if (hashes !== undefined) lanes.add(hashes.blockTokens);
  return JSON.stringify({ arrival, trace: lanes.hex() });
}

/** Two 32-bit FNV-1a hashes that start apart. */
function createLanes() {
  let [a, b] = [0x811c9dc5, 0x050c5d1f];
  return {
    add(unit: number): void {
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ (unit + 1), 0x01000193) ^ (b >>> 15);
    },
    hex: (): string => [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join(''),
  };
}
