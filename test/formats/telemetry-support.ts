import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomStream } from '../../src/core/workload/random';
import { loadTelemetry, parseTelemetry, type ReadTelemetry } from '../../src/formats/read-telemetry';
import { CATALOG } from './support';

export const DEPLOYMENT = { gpu_type: 'A100', tensor_parallel: 1, scheduler: 'vllm', max_batch_size: 64 };
export const DOCUMENT = { model: 'llama-7b', engine: 'vllm 0.19.0', deployment: DEPLOYMENT };

/** A document that holds all it needs. */
export const parse = (fields: object): ReadTelemetry =>
  parseTelemetry({ source: 'api', value: { ...DOCUMENT, ...fields }, folder: null }, CATALOG);

/** A document as a file, with files beside it. */
export function load(fields: object, files: Readonly<Record<string, string>>): ReadTelemetry {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'telemetry.json'), JSON.stringify({ ...DOCUMENT, ...fields }));
    return loadTelemetry(join(folder, 'telemetry.json'), CATALOG);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Sample {
  readonly arrivedAtS: number;
  readonly prompt: number;
  readonly output: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly e2eMs: number;
}

/** A plausible run; figures with few digits, so that they survive being written. */
export function someSamples(count: number): Sample[] {
  const { uniform } = createRandomStream(count, 'samples');
  const between = (low: number, high: number) => Math.floor(low + (high - low) * uniform());
  return Array.from({ length: count }, (_, i) => {
    const output = between(10, 200);
    const ttftMs = between(40, 140);
    const tpotMs = between(20, 30);
    const e2eMs = ttftMs + tpotMs * (output - 1);
    return { arrivedAtS: i / 2, prompt: between(100, 900), output, ttftMs, tpotMs, e2eMs };
  });
}

export const csvOf = (names: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [names, ...rows].map((cells) => cells.join(',')).join('\n');

export const codes = ({ findings }: ReadTelemetry): string[] =>
  findings.map(({ code, severity }) => `${code} ${severity}`);
