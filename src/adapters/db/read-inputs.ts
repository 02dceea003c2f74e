import type { PageRequest } from '../../app/ports/paging';
import type { ProfileFilter, ReadStore } from '../../app/ports/read-store';
import { type ProfileRecord, SHARED_WORKSPACE_ID } from '../../app/ports/records';
import { checkText } from './check-text';
import { groupedBy, inOrderOf } from './columns';
import type { Database } from './connect';
import { pageOf, readCursor } from './cursor';
import type { Prisma } from './generated/client';
import { profileSelect, toProfileRecord, toWorkloadRecord, traceSelect, workloadSelect } from './input-rows';
import { afterNewest, newestCursor, newestFirst, ofModelAndGpu, readableBy } from './newest-first';
import { readJson } from './stored-json';

type InputReads = Pick<
  ReadStore,
  | 'profiles'
  | 'countProfiles'
  | 'profilesById'
  | 'profileByName'
  | 'profileContents'
  | 'planProfiles'
  | 'workloads'
  | 'workloadsById'
  | 'workloadByName'
  | 'traces'
  | 'tracesById'
>;

/** Profiles, workloads and traces: small tables, read through Prisma. */
export function createInputReads({ prisma }: Database): InputReads {
  return {
    async profiles(workspaceId, filter, page) {
      const rows = await prisma.profile.findMany({
        select: profileSelect,
        where: { AND: [profileWhere(workspaceId, filter), afterProfile(page)] },
        orderBy: [{ name: 'asc' }, { version: 'desc' }, { id: 'asc' }],
        take: page.first + 1,
      });
      return pageOf(rows, page, { node: toProfileRecord, cursor: (row) => [row.name, row.version, row.id] });
    },
    countProfiles: (workspaceId, filter) =>
      prisma.profile.count({ where: profileWhere(workspaceId, filter) }),
    async profilesById(workspaceId, ids) {
      const where = { id: { in: [...ids] }, ...readableBy(workspaceId) };
      const rows = await prisma.profile.findMany({ select: profileSelect, where });
      return inOrderOf(ids, rows, { ...BY_ID, node: toProfileRecord });
    },
    async profileByName(workspaceId, name) {
      const rows = await prisma.profile.findMany({
        select: profileSelect,
        where: { name: checkText(name, 'profile'), archivedAt: null, ...readableBy(workspaceId) },
        orderBy: { version: 'desc' },
      });
      const own = rows.find((row) => row.workspaceId === workspaceId) ?? rows[0];
      return own === undefined ? null : toProfileRecord(own);
    },
    async profileContents(ids) {
      const select = { id: true, content: true } as const;
      const rows = await prisma.profile.findMany({ select, where: { id: { in: [...ids] } } });
      return inOrderOf(ids, rows, { ...BY_ID, node: (row) => readJson(row.content) });
    },
    async planProfiles(planIds) {
      const rows = await prisma.planProfile.findMany({
        where: { planId: { in: [...planIds] } },
        orderBy: { position: 'asc' },
        select: { planId: true, profile: { select: profileSelect } },
      });
      return groupedBy<string, (typeof rows)[number], ProfileRecord>(planIds, rows, {
        key: (planId) => planId.toLowerCase(),
        row: (row) => row.planId,
        node: (row) => toProfileRecord(row.profile),
      });
    },

    async workloads(workspaceId, page) {
      const rows = await prisma.workload.findMany({
        ...newestFirst(page),
        select: workloadSelect,
        where: { AND: [{ archivedAt: null, ...readableBy(workspaceId) }, afterNewest(page)] },
      });
      return pageOf(rows, page, { node: toWorkloadRecord, cursor: newestCursor });
    },
    async workloadsById(workspaceId, ids) {
      const where = { id: { in: [...ids] }, ...readableBy(workspaceId) };
      const rows = await prisma.workload.findMany({ select: workloadSelect, where });
      return inOrderOf(ids, rows, { ...BY_ID, node: toWorkloadRecord });
    },
    async workloadByName(workspaceId, name) {
      const where = { name: checkText(name, 'workload'), archivedAt: null, ...readableBy(workspaceId) };
      const row = await prisma.workload.findFirst({ select: workloadSelect, where });
      return row === null ? null : toWorkloadRecord(row);
    },

    async traces(workspaceId, page) {
      const rows = await prisma.trace.findMany({
        ...newestFirst(page),
        select: traceSelect,
        where: { AND: [{ archivedAt: null, ...readableBy(workspaceId) }, afterNewest(page)] },
      });
      return pageOf(rows, page, { node: (row) => row, cursor: newestCursor });
    },
    async tracesById(workspaceId, ids) {
      const where = { id: { in: [...ids] }, ...readableBy(workspaceId) };
      const rows = await prisma.trace.findMany({ select: traceSelect, where });
      return inOrderOf(ids, rows, { ...BY_ID, node: (row) => row });
    },
  };
}

const BY_ID = { key: (id: string) => id.toLowerCase(), row: (row: { readonly id: string }) => row.id };

function afterProfile(page: PageRequest): Prisma.ProfileWhereInput {
  if (page.after === null) return {};
  const [name, version, id] = readCursor(page.after, ['text', 'integer', 'uuid']) as [string, number, string];
  return {
    OR: [{ name: { gt: name } }, { name, version: { lt: version } }, { name, version, id: { gt: id } }],
  };
}

const ORIGINS = {
  own: (workspaceId: string) => ({ workspaceId }),
  library: () => ({ workspaceId: SHARED_WORKSPACE_ID }),
};

function profileWhere(workspaceId: string, filter: ProfileFilter): Prisma.ProfileWhereInput {
  return {
    ...(filter.origin === undefined ? readableBy(workspaceId) : ORIGINS[filter.origin](workspaceId)),
    ...ofModelAndGpu(filter),
    ...(filter.nameContains !== undefined && {
      name: { contains: literally(checkText(filter.nameContains, 'filter')), mode: 'insensitive' as const },
    }),
    ...(filter.includeArchived === true ? {} : { archivedAt: null }),
  };
}

/** Prisma leaves the wildcards of LIKE in the text as they are. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
