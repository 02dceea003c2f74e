import type { Catalog } from '../../../core/catalog/catalog';
import { resolveGpu, resolveModel } from '../../../core/catalog/names';
import { given } from './page';

// Filters take every name the catalogue knows, as launches do: `A100` is a100-80gb. An unknown one is an InputError with
// near matches; as a condition that nothing meets, a slip of the pen would look like an empty list.

type Resolve = typeof resolveGpu | typeof resolveModel;

const idOf = (resolve: Resolve, catalog: Catalog, name: string, path: string): string =>
  resolve(catalog, name, { source: 'query', path }).id;

export const gpuIdOf = (catalog: Catalog, name: string, path: string): string =>
  idOf(resolveGpu, catalog, name, path);

export const modelIdOf = (catalog: Catalog, name: string, path: string): string =>
  idOf(resolveModel, catalog, name, path);

export const gpuIdsOf = (catalog: Catalog, names: readonly string[], path: string): string[] =>
  names.map((name, i) => gpuIdOf(catalog, name, `${path}[${i}]`));

export const modelIdsOf = (catalog: Catalog, names: readonly string[], path: string): string[] =>
  names.map((name, i) => modelIdOf(catalog, name, `${path}[${i}]`));

interface Names {
  readonly gpuId?: string | null;
  readonly gpuIds?: readonly string[] | null;
  readonly modelIds?: readonly string[] | null;
}

/** The conditions of a filter that were given, GPUs and models by their ids. */
export function conditionsOf<T extends Names>(filter: T | null | undefined, catalog: Catalog) {
  const conditions = given(filter);
  const { gpuId, gpuIds, modelIds }: Names = conditions;
  return {
    ...conditions,
    ...(gpuId && { gpuId: gpuIdOf(catalog, gpuId, 'filter.gpuId') }),
    ...(gpuIds && { gpuIds: gpuIdsOf(catalog, gpuIds, 'filter.gpuIds') }),
    ...(modelIds && { modelIds: modelIdsOf(catalog, modelIds, 'filter.modelIds') }),
  };
}
