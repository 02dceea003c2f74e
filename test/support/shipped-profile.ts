import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../data/profiles/a100-80gb/llama-2-7b/tp1/vidur-fp16');

type Row = Readonly<Record<string, number | string | boolean>>;

const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** The measured rows of a shipped profile as a client uploads its own: all times `slower` times as long. */
export function profileInput({ name, slower = 1 }: { readonly name: string; readonly slower?: number }) {
  const rows = read('fitted_profile.json') as readonly Row[];
  return {
    name,
    fittedProfile: rows
      .filter(({ extrapolated }) => !extrapolated)
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [
            key,
            typeof value === 'number' && key.endsWith('_ms') ? value * slower : value,
          ]),
        ),
      ),
    metadata: read('metadata.json'),
    modelMemory: read('model_memory.json'),
  };
}
