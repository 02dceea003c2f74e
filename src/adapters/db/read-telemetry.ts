import type { ReadStore } from '../../app/ports/read-store';
import { SHARED_WORKSPACE_ID, type StoredTelemetry, type TelemetrySetRecord } from '../../app/ports/records';
import type { LatencySummary, TelemetryDeployment } from '../../core/telemetry/telemetry';
import { groupedBy, inOrderOf } from './columns';
import type { Database } from './connect';
import { pageOf } from './cursor';
import {
  calibrationSelect,
  telemetrySetSelect,
  toCalibrationRecord,
  toTelemetrySetRecord,
} from './input-rows';
import { afterNewest, newestCursor, newestFirst, ofModelAndGpu, readableBy } from './newest-first';
import { readAgain } from './read-again';
import { readJson } from './stored-json';
import {
  fromIterationRows,
  fromRequestRows,
  type TelemetryIterationRow,
  type TelemetryRequestRow,
} from './telemetry-rows';

type TelemetryReads = Pick<
  ReadStore,
  | 'telemetrySets'
  | 'telemetrySetsById'
  | 'loadTelemetry'
  | 'calibrations'
  | 'calibrationsById'
  | 'activeCalibrations'
  | 'calibrationTelemetry'
>;

/** Telemetry and calibrations: sets and versions through Prisma, samples in bulk. */
export function createTelemetryReads({ prisma, sql }: Database): TelemetryReads {
  return {
    async telemetrySets(workspaceId, filter, page) {
      const chosen = { ...ofModelAndGpu(filter), ...(filter.kinds && { kind: { in: [...filter.kinds] } }) };
      const rows = await prisma.telemetrySet.findMany({
        ...newestFirst(page),
        select: telemetrySetSelect,
        where: { AND: [{ ...readableBy(workspaceId), ...shown(filter), ...chosen }, afterNewest(page)] },
      });
      return pageOf(rows, page, { node: toTelemetrySetRecord, cursor: newestCursor });
    },
    async telemetrySetsById(workspaceId, ids) {
      const where = { id: { in: [...ids] }, ...readableBy(workspaceId) };
      const rows = await prisma.telemetrySet.findMany({ select: telemetrySetSelect, where });
      return inOrderOf(ids, rows, { ...BY_ID, node: toTelemetrySetRecord });
    },
    async loadTelemetry(workspaceId, id) {
      const set = await prisma.telemetrySet.findFirst({
        where: { id, ...readableBy(workspaceId) },
        select: { id: true, name: true, deployment: true, summary: true },
      });
      if (set === null) return null;
      const [requests, iterations] = await Promise.all([
        readAgain(
          async () => sql<TelemetryRequestRow[]>`
          SELECT arrived_at_s, prompt_tokens, output_tokens, cached_prompt_tokens, ttft_ms, tpot_ms, e2e_ms
          FROM telemetry_requests WHERE telemetry_set_id = ${id} ORDER BY position`,
        ),
        readAgain(
          async () => sql<TelemetryIterationRow[]>`
          SELECT type, batch_size, prompt_tokens, context_tokens, time_ms
          FROM telemetry_iterations WHERE telemetry_set_id = ${id} ORDER BY position`,
        ),
      ]);
      return {
        id: set.id,
        name: set.name,
        deployment: readJson<TelemetryDeployment>(set.deployment),
        requests: fromRequestRows(requests),
        iterations: fromIterationRows(iterations),
        summary: set.summary === null ? null : readJson<LatencySummary>(set.summary),
      } satisfies StoredTelemetry;
    },

    async calibrations(workspaceId, filter, page) {
      const { applied } = filter;
      const chosen = { ...ofModelAndGpu(filter), ...(applied === undefined ? {} : { applied }) };
      const rows = await prisma.calibration.findMany({
        ...newestFirst(page),
        select: calibrationSelect,
        where: { AND: [{ ...readableBy(workspaceId), ...shown(filter), ...chosen }, afterNewest(page)] },
      });
      return pageOf(rows, page, { node: toCalibrationRecord, cursor: newestCursor });
    },
    async calibrationsById(workspaceId, ids) {
      const where = { id: { in: [...ids] }, ...readableBy(workspaceId) };
      const rows = await prisma.calibration.findMany({ select: calibrationSelect, where });
      return inOrderOf(ids, rows, { ...BY_ID, node: toCalibrationRecord });
    },
    async activeCalibrations(workspaceId, modelId, engineVersion) {
      const rows = await readAgain(
        async () => sql<{ id: string }[]>`
        SELECT DISTINCT ON (c.gpu_id, c.tensor_parallel, c.profile_id) c.id
        FROM calibrations c JOIN profiles p ON p.id = c.profile_id
        WHERE c.workspace_id IN (${workspaceId}, ${SHARED_WORKSPACE_ID}) AND c.model_id = ${modelId}
          AND c.engine_version = ${engineVersion} AND c.applied AND c.archived_at IS NULL
          AND NOT EXISTS (SELECT FROM profiles q
            WHERE q.workspace_id = p.workspace_id AND q.name = p.name AND q.version > p.version
              AND q.archived_at IS NULL)
        ORDER BY c.gpu_id, c.tensor_parallel, c.profile_id, c.created_at DESC, c.id DESC`,
      );
      const where = { id: { in: rows.map(({ id }) => id) } };
      const orderBy = [{ gpuId: 'asc' as const }, { tensorParallel: 'asc' as const }, { id: 'asc' as const }];
      const found = await prisma.calibration.findMany({ select: calibrationSelect, where, orderBy });
      return found.map(toCalibrationRecord);
    },
    async calibrationTelemetry(calibrationIds) {
      const rows = await prisma.calibrationTelemetry.findMany({
        where: { calibrationId: { in: [...calibrationIds] } },
        orderBy: { telemetrySetId: 'asc' },
        select: { calibrationId: true, telemetrySet: { select: telemetrySetSelect } },
      });
      return groupedBy<string, (typeof rows)[number], TelemetrySetRecord>(calibrationIds, rows, {
        key: (id) => id.toLowerCase(),
        row: (row) => row.calibrationId,
        node: (row) => toTelemetrySetRecord(row.telemetrySet),
      });
    },
  };
}

const BY_ID = { key: (id: string) => id.toLowerCase(), row: (row: { readonly id: string }) => row.id };

const shown = ({ includeArchived = false }: { readonly includeArchived?: boolean }) =>
  includeArchived ? {} : { archivedAt: null };
