import type { ReadStore } from '../../app/ports/read-store';
import type { CalibrationRecord, RunProfileRecord } from '../../app/ports/records';
import { groupedBy, inOrderOf } from './columns';
import type { Database } from './connect';
import { apiKeySelect, calibrationSelect, toCalibrationRecord } from './input-rows';
import { readJson } from './stored-json';

type RunReads = Pick<
  ReadStore,
  'workspace' | 'apiKeys' | 'requestDocuments' | 'runProfiles' | 'runCalibrations'
>;

/** Who asks, and what a plan was asked and a run was made with. */
export function createRunReads({ prisma }: Database): RunReads {
  return {
    workspace: (id) => prisma.workspace.findUnique({ where: { id }, select: { id: true, name: true } }),
    apiKeys: (workspaceId) =>
      prisma.apiKey.findMany({
        where: { workspaceId },
        select: apiKeySelect,
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      }),
    async requestDocuments(ids) {
      const rows = await prisma.planRequest.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, document: true, assumptions: true },
      });
      return inOrderOf(ids, rows, {
        key: (id) => id.toLowerCase(),
        row: (row) => row.id,
        node: ({ document, assumptions }) => ({
          document: readJson<Readonly<Record<string, unknown>>>(document),
          assumptions,
        }),
      });
    },
    async runProfiles(runIds) {
      const rows: RunProfileRecord[] = await prisma.planRunProfile.findMany({
        where: { runId: { in: [...runIds] } },
        orderBy: [{ gpuId: 'asc' }, { tensorParallel: 'asc' }],
      });
      return groupedBy(runIds, rows, { ...BY_RUN, node: (row) => row });
    },
    async runCalibrations(runIds) {
      const rows = await prisma.planRunCalibration.findMany({
        where: { runId: { in: [...runIds] } },
        select: { runId: true, calibration: { select: calibrationSelect } },
        orderBy: { calibrationId: 'asc' },
      });
      return groupedBy<string, (typeof rows)[number], CalibrationRecord>(runIds, rows, {
        ...BY_RUN,
        node: (row) => toCalibrationRecord(row.calibration),
      });
    },
  };
}

const BY_RUN = {
  key: (runId: string) => runId.toLowerCase(),
  row: (row: { readonly runId: string }) => row.runId,
};
