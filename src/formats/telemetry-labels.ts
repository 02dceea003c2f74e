import type { Catalog } from '../core/catalog/catalog';
import { resolveGpu, resolveModel } from '../core/catalog/names';
import { InputError } from '../core/errors';
import type { RowLabels } from '../core/telemetry/raw-telemetry';
import type { TelemetryDeployment } from '../core/telemetry/telemetry';
import type { FoundColumn } from './telemetry-columns';
import { type TelemetryTable, textIn } from './telemetry-table';

/** What rows are compared with. */
export interface Subject {
  readonly catalog: Catalog;
  readonly deployment: TelemetryDeployment;
}

type LabelMeaning = 'model' | 'gpu' | 'engine' | 'tensorParallel';

/** The columns that say what served a row, spelt as the document where they mean the same. */
export function readLabels(
  table: TelemetryTable,
  columns: ReadonlyMap<string, FoundColumn>,
  subject: Subject,
): RowLabels[] {
  const { modelId, engineVersion, deployment } = subject.deployment;
  const kinds: readonly (readonly [LabelMeaning, string, (text: string) => string])[] = [
    ['model', modelId, (text) => modelIdOf(text, subject.catalog) ?? text],
    ['gpu', deployment.gpuId, (text) => gpuIdOf(text, subject.catalog) ?? text],
    ['engine', engineVersion, (text) => (isSameEngine(text, engineVersion) ? engineVersion : text)],
    ['tensorParallel', String(deployment.tensorParallel), (text) => String(Number(text))],
  ];
  return kinds.flatMap(([meaning, expected, spell]) => {
    const column = columns.get(meaning);
    if (column === undefined) return [];
    const spelt = new Map<string, string>();
    const values = table.rows.map((cells, row) => {
      const text = textIn(cells[column.index], () => table.where(row, column.name));
      if (text === '') return null;
      const known = spelt.get(text) ?? spell(text);
      spelt.set(text, known);
      return known;
    });
    return [{ name: column.name, expected, values }];
  });
}

/** Null: no model of the catalogue. */
export const modelIdOf = (name: string, catalog: Catalog): string | null =>
  orNull(() => resolveModel(catalog, name, NOWHERE).id);

const gpuIdOf = (name: string, catalog: Catalog): string | null =>
  orNull(() => resolveGpu(catalog, name, NOWHERE).id);

const NOWHERE = { source: '', path: '' };

function orNull(find: () => string): string | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** `0.19.0`, `vLLM` and `v0.19.0` are `vllm 0.19.0`, as far as they go. */
function isSameEngine(name: string, expected: string): boolean {
  const words = engineWords(expected);
  return engineWords(name).every((word) => words.includes(word));
}

const engineWords = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[\s/=_-]+/)
    .map((word) => word.replace(/^v(?=\d)/, ''))
    .filter((word) => word !== '');
