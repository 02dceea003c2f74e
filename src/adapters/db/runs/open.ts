import { decodePlanRequest, traceIdOf } from '../../../app/plans/stored-request';
import type { ReadStore } from '../../../app/ports/read-store';
import type { RunStore, TaskMember } from '../../../app/ports/run-store';
import { NO_DETAIL, toCandidateResult } from '../../../app/stored-candidate';
import { profileOf } from '../../../app/uploads/stored-profiles';
import { activeCalibration } from '../../../core/calibration/calibration-json';
import type { LoadPoint } from '../../../core/search/result';
import { available } from '../available';
import {
  type CandidateDetailRow,
  type CandidateRow,
  candidateColumns,
  candidateListColumns,
  fromCandidateDetailRow,
  fromCandidateRow,
} from '../candidate-rows';
import { fromLoadPointRow, type LoadPointRow } from '../load-point-rows';
import { fromRunRow, type RunRow } from '../plan-rows';
import type { Sql } from './transact';

/** Reading what working on a run takes. */
export function opener(
  sql: Sql,
  reads: ReadStore,
): Pick<RunStore, 'open' | 'candidatesSoFar' | 'candidateResults' | 'encodedRequests' | 'queueDepth'> {
  return {
    open: (runId) =>
      available(async () => {
        const [row] = await sql<(RunRow & OpenRow)[]>`
          SELECT r.*, q.request, q.assumptions, p.accept_profile_errors, p.simulations_max, p.priority,
            b.version AS price_book_version
          FROM plan_runs r JOIN plans p ON p.id = r.plan_id JOIN plan_requests q ON q.id = p.plan_request_id
            JOIN price_books b ON b.id = r.price_book_id
          WHERE r.id = ${runId}`;
        if (row === undefined) return null;
        const traceId = traceIdOf(row.request);
        const [[records], [calibrations], [quotes], trace] = await Promise.all([
          reads.planProfiles([row.plan_id]),
          reads.runCalibrations([runId]),
          reads.quotesOf([row.price_book_id]),
          traceId === null ? null : reads.loadTrace(row.workspace_id, traceId),
        ]);
        const contents = await reads.profileContents(records!.map(({ id }) => id));
        return {
          run: fromRunRow(row),
          request: decodePlanRequest(row.request, trace),
          userProfiles: records!.map((record, i) => profileOf(record, contents[i]!)),
          calibrations: calibrations!.map(({ id, result }) => activeCalibration(result, id)),
          prices: { version: row.price_book_version, quotes: quotes! },
          assumptions: row.assumptions,
          acceptProfileErrors: row.accept_profile_errors,
          simulationsMax: row.simulations_max,
          priority: row.priority,
        };
      }),

    candidatesSoFar: (runId, request) =>
      available(async () => {
        const [candidates, undone, [run]] = await Promise.all([
          sql<CandidateRow[]>`
            SELECT ${sql(candidateListColumns as never)} FROM candidates WHERE run_id = ${runId} ORDER BY config_id`,
          sql<{ members: TaskMember[] }[]>`
            SELECT members FROM plan_tasks WHERE run_id = ${runId} AND kind = 'evaluate' AND NOT done ORDER BY position`,
          sql<{ status: string }[]>`SELECT status FROM plan_runs WHERE id = ${runId}`,
        ]);
        return {
          candidates: candidates.map((row) =>
            toCandidateResult(fromCandidateRow(row), NO_DETAIL, [], request.constraints.targets),
          ),
          undone: undone.flatMap(({ members }) => members),
          stopping: run?.status === 'stopping',
        };
      }),

    candidateResults: (runId, { constraints: { targets } }) =>
      available(async () => {
        const [candidates, points] = await Promise.all([
          sql<(CandidateRow & CandidateDetailRow)[]>`
            SELECT ${sql(candidateColumns as never)} FROM candidates WHERE run_id = ${runId} ORDER BY config_id`,
          sql<LoadPointRow[]>`SELECT * FROM load_points WHERE run_id = ${runId} ORDER BY config_id, position`,
        ]);
        const curves = new Map<number, LoadPoint[]>();
        for (const row of points) {
          const curve = curves.get(row.config_id) ?? [];
          curves.set(row.config_id, curve);
          curve.push(fromLoadPointRow(row, targets));
        }
        return candidates.map((row) =>
          toCandidateResult(
            fromCandidateRow(row),
            fromCandidateDetailRow(row),
            curves.get(row.config_id) ?? [],
            targets,
          ),
        );
      }),

    encodedRequests: (workspaceId, ids) =>
      available(async () => {
        const rows = await sql<{ id: string; request: unknown }[]>`
          SELECT id, request FROM plan_requests WHERE id = ANY(${ids as string[]}::uuid[]) AND workspace_id = ${workspaceId}`;
        const byId = new Map(rows.map(({ id, request }) => [id, request]));
        return ids.map((id) => byId.get(id) ?? null);
      }),

    queueDepth: () =>
      available(async () => {
        const [row] = await sql<{ waiting: number; active: number; workers: number }[]>`
          SELECT count(*) FILTER (WHERE t.worker_id IS NULL)::int AS waiting, count(t.worker_id)::int AS active,
            (SELECT count(*)::int FROM workers WHERE last_seen_at > now() - interval '15 s') AS workers
          FROM plan_tasks t JOIN plan_runs r ON r.id = t.run_id
          WHERE NOT t.done AND r.status IN ('queued', 'running', 'stopping')`;
        return row!;
      }),
  };
}

interface OpenRow {
  readonly request: unknown;
  readonly assumptions: string[];
  readonly accept_profile_errors: boolean;
  readonly simulations_max: number | null;
  readonly priority: 'low' | 'normal' | 'high';
  readonly price_book_version: string;
}
