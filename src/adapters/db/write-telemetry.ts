import type { TransactionSql } from 'postgres';
import { SHARED_WORKSPACE_ID } from '../../app/ports/records';
import type { NewTelemetry, WriteStore } from '../../app/ports/write-store';
import { archiving } from './archiving';
import type { Database } from './connect';
import {
  calibrationSelect,
  telemetrySetSelect,
  toCalibrationRecord,
  toTelemetrySetRecord,
} from './input-rows';
import { withLock } from './locks';
import { toStoredJson } from './stored-json';
import { iterationArrays, requestArrays } from './telemetry-rows';

type TelemetryWrites = Pick<
  WriteStore,
  'addTelemetry' | 'setTelemetryArchived' | 'addCalibration' | 'setCalibrationArchived'
>;

export function createTelemetryWrites({ prisma, sql }: Database): TelemetryWrites {
  return {
    async addTelemetry(workspaceId, telemetry) {
      const { id, created } = await withLock(sql, `telemetry ${workspaceId}`, async (tx) => {
        const [known] = await tx<{ id: string }[]>`
          SELECT id FROM telemetry_sets WHERE workspace_id = ${workspaceId} AND content_hash = ${telemetry.contentHash}`;
        if (known !== undefined) return { id: known.id, created: false };
        return { id: await storeSet(tx, workspaceId, telemetry), created: true };
      });
      const row = await prisma.telemetrySet.findUniqueOrThrow({ where: { id }, select: telemetrySetSelect });
      return { record: toTelemetrySetRecord(row), created };
    },

    async setTelemetryArchived(workspaceId, id, archived) {
      await prisma.telemetrySet.updateMany(archiving(workspaceId, id, archived));
      const row = await prisma.telemetrySet.findFirst({
        where: { id, workspaceId },
        select: telemetrySetSelect,
      });
      return row === null ? null : toTelemetrySetRecord(row);
    },

    async addCalibration(workspaceId, { result, telemetrySetIds }) {
      const id = await withLock(sql, `calibrations ${workspaceId}`, async (tx) => {
        const [added] = await tx<{ id: string }[]>`
          INSERT INTO calibrations (workspace_id, model_id, gpu_id, tensor_parallel, serving_engine, version,
            engine_version, profile_id, result, applied)
          SELECT ${workspaceId}, ${result.model}, ${result.gpu_type}, ${result.tensor_parallel}, ${result.engine},
            (SELECT coalesce(max(version), 0) + 1 FROM calibrations WHERE workspace_id = ${workspaceId}
              AND model_id = ${result.model} AND gpu_id = ${result.gpu_type}
              AND tensor_parallel = ${result.tensor_parallel} AND serving_engine = ${result.engine}),
            ${result.simulator_version},
            coalesce(
              (SELECT id FROM profiles WHERE workspace_id = ${workspaceId} AND name || '@' || version = ${result.profile}),
              (SELECT id FROM profiles WHERE workspace_id = ${SHARED_WORKSPACE_ID} AND name = ${result.profile}
                ORDER BY version DESC LIMIT 1)),
            ${tx.json(toStoredJson(result) as never)}, ${result.applied}
          RETURNING id`;
        await tx`INSERT INTO calibration_telemetry (calibration_id, telemetry_set_id)
          SELECT ${added!.id}, unnest(${telemetrySetIds as string[]}::uuid[])`;
        return added!.id;
      });
      const row = await prisma.calibration.findUniqueOrThrow({ where: { id }, select: calibrationSelect });
      return toCalibrationRecord(row);
    },

    async setCalibrationArchived(workspaceId, id, archived) {
      await prisma.calibration.updateMany(archiving(workspaceId, id, archived));
      const row = await prisma.calibration.findFirst({
        where: { id, workspaceId },
        select: calibrationSelect,
      });
      return row === null ? null : toCalibrationRecord(row);
    },
  };
}

async function storeSet(tx: TransactionSql, workspaceId: string, of: NewTelemetry): Promise<string> {
  const { deployment, requests, iterations, summary, name } = of.telemetry;
  const [set] = await tx<{ id: string }[]>`
    INSERT INTO telemetry_sets ${tx({
      workspace_id: workspaceId,
      name,
      content_hash: of.contentHash,
      kind: of.kind,
      model_id: deployment.modelId,
      gpu_id: deployment.deployment.gpuId,
      tensor_parallel: deployment.deployment.tensorParallel,
      engine_version: deployment.engineVersion,
      deployment: tx.json(toStoredJson(deployment) as never),
      summary: summary === null ? null : tx.json(toStoredJson(summary) as never),
      findings: tx.json(toStoredJson(of.findings) as never),
      notes: of.notes as string[],
      sample_count: of.sampleCount,
    })} RETURNING id`;
  const { id } = set!;
  if (requests !== null) {
    const arrays = requestArrays(requests);
    await tx`
      INSERT INTO telemetry_requests (telemetry_set_id, position, arrived_at_s, prompt_tokens, output_tokens,
        cached_prompt_tokens, ttft_ms, tpot_ms, e2e_ms)
      SELECT ${id}, u.position - 1, u.arrived, u.prompt, u.output, u.cached, u.ttft, u.tpot, u.e2e
      FROM unnest(${arrays.arrivedAtS}::float8[], ${arrays.promptTokens}::int[], ${arrays.outputTokens}::int[],
        ${arrays.cachedPromptTokens}::int[], ${arrays.ttftMs}::float8[], ${arrays.tpotMs}::float8[],
        ${arrays.e2eMs}::float8[])
        WITH ORDINALITY AS u(arrived, prompt, output, cached, ttft, tpot, e2e, position)`;
  }
  if (iterations !== null) {
    const arrays = iterationArrays(iterations);
    await tx`
      INSERT INTO telemetry_iterations (telemetry_set_id, position, type, batch_size, prompt_tokens, context_tokens, time_ms)
      SELECT ${id}, u.position - 1, u.type, u.batch, u.prompt, u.context, u.time
      FROM unnest(${arrays.type}::text[], ${arrays.batchSize}::int[], ${arrays.promptTokens}::int[],
        ${arrays.contextTokens}::int[], ${arrays.timeMs}::float8[])
        WITH ORDINALITY AS u(type, batch, prompt, context, time, position)`;
  }
  return id;
}
