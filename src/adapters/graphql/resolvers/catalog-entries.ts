import type { Catalog } from '../../../core/catalog/catalog';
import type { Gpu } from '../../../core/catalog/gpu';
import type { ModelSpec } from '../../../core/catalog/model';

// What is stored names GPUs and models by id, with a foreign key to the catalogue as it was seeded: only entries that a
// later version dropped can be missing here.

export function gpuOf(catalog: Catalog, id: string): Gpu {
  const gpu = catalog.gpus.find((entry) => entry.id === id);
  if (gpu === undefined) throw new Error(`the catalogue has no GPU ${id} any more`);
  return gpu;
}

export function modelOf(catalog: Catalog, id: string): ModelSpec {
  const model = catalog.models.find((entry) => entry.id === id);
  if (model === undefined) throw new Error(`the catalogue has no model ${id} any more`);
  return model;
}
