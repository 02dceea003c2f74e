import type { Cursor, PageRequest } from '../../app/ports/paging';
import { SHARED_WORKSPACE_ID } from '../../app/ports/records';
import { readCursor } from './cursor';

// What Prisma reads of small tables have in common: who may see a row, and pages with the newest first.

export const readableBy = (workspaceId: string) => ({
  workspaceId: { in: [workspaceId, SHARED_WORKSPACE_ID] },
});

export const newestFirst = (page: PageRequest) => ({
  orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }],
  take: page.first + 1,
});

export function afterNewest(page: PageRequest) {
  if (page.after === null) return {};
  const [time, id] = readCursor(page.after, ['time', 'uuid']) as [string, string];
  return { OR: [{ createdAt: { lt: time } }, { createdAt: time, id: { lt: id } }] };
}

export const newestCursor = (row: { readonly createdAt: Date; readonly id: string }): Cursor => [
  row.createdAt.toISOString(),
  row.id,
];

/** Conditions of a filter that most inputs have; none where it does not say. */
export const ofModelAndGpu = (filter: {
  readonly modelIds?: readonly string[];
  readonly gpuIds?: readonly string[];
  readonly tensorParallel?: readonly number[];
}) => ({
  ...(filter.modelIds && { modelId: { in: [...filter.modelIds] } }),
  ...(filter.gpuIds && { gpuId: { in: [...filter.gpuIds] } }),
  ...(filter.tensorParallel && { tensorParallel: { in: [...filter.tensorParallel] } }),
});
