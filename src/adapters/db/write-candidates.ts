import type { CandidateResult } from '../../core/search/result';
import { type CandidateIds, candidateColumns, toCandidateRow } from './candidate-rows';
import type { Executor } from './connect';
import { type LoadPointRow, toLoadPointRows } from './load-point-rows';

/**
 * Stores candidates with their load curves; those that are there already stay as they are. Resolves with the config ids
 * of those that were not. Run it in a transaction: a candidate without its curve must not be seen.
 *
 * With INSERT, since a COPY that the server refuses at its end (a foreign key, a check) never settles in postgres.js 3.4.9
 * and keeps its connection for good.
 */
export async function writeCandidates(
  sql: Executor,
  results: readonly CandidateResult[],
  ids: CandidateIds,
): Promise<readonly number[]> {
  const added = new Set<number>();
  for (let from = 0; from < results.length; from += BATCH) {
    const rows = results.slice(from, from + BATCH).map((result) => toCandidateRow(result, ids));
    const stored = await sql<{ config_id: number }[]>`
      INSERT INTO candidates ${sql(rows as unknown as Record<string, never>[], [...candidateColumns])}
      ON CONFLICT (run_id, config_id) DO NOTHING RETURNING config_id`;
    for (const { config_id } of stored) added.add(config_id);
  }
  const fresh = results.filter((result) => added.has(result.configId));
  const points = fresh.flatMap((result) => toLoadPointRows(result, ids.runId));
  if (points.length > 0) await writeLoadPoints(sql, ids.runId, points);
  return [...added];
}

/** 37 parameters a row; a statement takes 65,535. */
const BATCH = 1000;

/** One array a column: as fast as COPY, and half the time of a parameter a field. */
async function writeLoadPoints(sql: Executor, runId: string, points: readonly LoadPointRow[]): Promise<void> {
  const all = <T>(field: (point: LoadPointRow) => T): T[] => points.map(field);
  await sql`
    INSERT INTO load_points (run_id, config_id, position, rate_qps, passed, failed_on, stopped_early,
      ttft_ms, tbt_ms, tpot_ms, e2e_ms)
    SELECT ${runId}::uuid, config_id, position, rate_qps, failed_on IS NULL, failed_on, stopped_early = 1,
      ttft_ms::float8[], tbt_ms::float8[], tpot_ms::float8[], e2e_ms::float8[]
    FROM unnest(
      ${all((point) => point.config_id)}::int[],
      ${all((point) => point.position)}::int2[],
      ${all((point) => point.rate_qps)}::float8[],
      ${all((point) => point.failed_on)}::text[],
      ${all((point) => Number(point.stopped_early))}::int[],
      ${all((point) => arrayText(point.ttft_ms))}::text[],
      ${all((point) => arrayText(point.tbt_ms))}::text[],
      ${all((point) => arrayText(point.tpot_ms))}::text[],
      ${all((point) => arrayText(point.e2e_ms))}::text[]
    ) AS p (config_id, position, rate_qps, failed_on, stopped_early, ttft_ms, tbt_ms, tpot_ms, e2e_ms)`;
}

const arrayText = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;
