import { randomUUID } from 'node:crypto';
import { connectDatabase, type Database, type SentStatement } from '../../src/adapters/db/connect';
import { createReadStore } from '../../src/adapters/db/read-store';
import { writeCandidates } from '../../src/adapters/db/write-candidates';
import { createWriteStore } from '../../src/adapters/db/write-store';
import { encodePlanRequest } from '../../src/app/plans/stored-request';
import type { ReadStore } from '../../src/app/ports/read-store';
import { type RunStatus, SHARED_WORKSPACE_ID } from '../../src/app/ports/records';
import type { WriteStore } from '../../src/app/ports/write-store';
import type { CandidateResult, PlanResult } from '../../src/core/search/result';
import { REQUEST } from '../support/plan-fixture';
import { createTestDatabase } from '../support/test-database';

/** Both stores on a database of their own, with what plans need to be there: GPUs, a model, prices, two workspaces. */
export interface StoreCase {
  readonly url: string;
  readonly database: Database;
  readonly reads: ReadStore;
  readonly writes: WriteStore;
  /** Two workspaces that must not see each other. */
  readonly workspaceId: string;
  readonly otherId: string;
  /** Every statement sent so far. */
  readonly sent: SentStatement[];
  close(): Promise<void>;
}

const GPU_IDS = ['t4', 'a10g', 'a100-80gb', 'h100-sxm', 'not-in-the-catalogue'];

export async function openStore(): Promise<StoreCase> {
  const { url, drop } = await createTestDatabase();
  const sent: SentStatement[] = [];
  const database = connectDatabase(url, { poolSize: 6, onStatement: (statement) => sent.push(statement) });
  const writes = createWriteStore(database);
  const { sql } = database;
  await sql`
    INSERT INTO gpus SELECT id, id, 80000000000, 2e12, 3e14, NULL, 3e11, 8, '2026-11'
    FROM unnest(${GPU_IDS}::text[]) AS id`;
  await sql`
    INSERT INTO models SELECT id, id, 'MHA', 32, 4096, 32, 32, 128, 4096, 7e9, 7e9, 2, 14e9, 524288, 14e9, '2026-11'
    FROM unnest(${['llama-2-7b', 'other-model']}::text[]) AS id`;
  return {
    url,
    database,
    reads: createReadStore(database),
    writes,
    workspaceId: (await writes.ensureWorkspace('one')).id,
    otherId: (await writes.ensureWorkspace('two')).id,
    sent,
    async close() {
      await database.close();
      await drop();
    },
  };
}

export interface NewPlanCase {
  readonly workspaceId: string;
  readonly name?: string;
  readonly modelId?: string;
  readonly createdAt?: string;
  readonly planRequestId?: string;
}

/** A plan without runs; its ids. */
export async function addPlan(
  { sql }: Database,
  { workspaceId, name = 'plan', modelId = 'llama-2-7b', createdAt, planRequestId }: NewPlanCase,
  request = REQUEST,
): Promise<{ planId: string; planRequestId: string }> {
  const requestId = planRequestId ?? randomUUID();
  if (planRequestId === undefined)
    await sql`
      INSERT INTO plan_requests (id, workspace_id, content_hash, model_id, document, request, assumptions)
      VALUES (${requestId}, ${workspaceId}, ${randomUUID()}, ${modelId}, ${sql.json({ model: { name: modelId } })},
        ${sql.json(encodePlanRequest(request).json as never)}, ${['one assumption']})`;
  const [plan] = await sql<{ id: string }[]>`
    INSERT INTO plans (workspace_id, plan_request_id, model_id, name, launch_hash, created_at)
    VALUES (${workspaceId}, ${requestId}, ${modelId}, ${name}, 'hash', ${createdAt ?? new Date()}) RETURNING id`;
  return { planId: plan!.id, planRequestId: requestId };
}

/** A run of a plan, finished or not; its id. */
export async function addRun(
  { sql }: Database,
  run: {
    readonly workspaceId: string;
    readonly planId: string;
    readonly number?: number;
    readonly status?: RunStatus;
    readonly modelId?: string;
    readonly finishedAt?: string | null;
  },
): Promise<string> {
  const { number = 1, status = 'running', modelId = 'llama-2-7b', finishedAt = null } = run;
  await sql`
    INSERT INTO price_books (id, workspace_id, version, content_hash)
    VALUES (${BOOK_ID}, ${SHARED_WORKSPACE_ID}, '2026-11', 'of the tests') ON CONFLICT DO NOTHING`;
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO plan_runs (plan_id, workspace_id, model_id, number, status, error, engine_version, catalog_version,
      price_book_id, finished_at, notes, warnings, tied_config_ids)
    VALUES (${run.planId}, ${run.workspaceId}, ${modelId}, ${number}, ${status}, 'none', '0.1.0', '2026-11',
      ${BOOK_ID}, ${finishedAt}, ${['a note']}, ${['a warning, with a comma']}, ${[2, 3]}) RETURNING id`;
  return row!.id;
}

const BOOK_ID = '00000000-0000-4000-8000-00000000000b';

/** A plan with one finished run that holds all of `result`. */
export async function storePlan(
  database: Database,
  plan: NewPlanCase & { readonly finishedAt?: string },
  result: PlanResult,
): Promise<{ planId: string; runId: string }> {
  const { workspaceId, modelId, finishedAt = new Date().toISOString() } = plan;
  const { planId } = await addPlan(database, plan, result.request);
  const runId = await addRun(database, {
    workspaceId,
    planId,
    ...(modelId === undefined ? {} : { modelId }),
  });
  await database.sql.begin(async (tx) => {
    await writeCandidates(tx, result.candidates, { runId, workspaceId });
    await tx`
      INSERT INTO frontier_points SELECT ${runId}, position, config_id
      FROM unnest(${[...result.frontier]}::int[]) WITH ORDINALITY AS f(config_id, position)`;
    await tx`UPDATE plan_runs SET status = 'completed', finished_at = ${finishedAt} WHERE id = ${runId}`;
  });
  return { planId, runId };
}

/** A candidate as the table accepts it: with the consistency that the search gives its results. */
export function consistent(candidate: CandidateResult): CandidateResult {
  const sustains = ['FEASIBLE', 'CAPPED', 'BELOW_MIN_QPS'].includes(candidate.status);
  const known = candidate.maxQps !== null && candidate.maxQps > 0 && Number.isFinite(candidate.maxQps);
  const maxQps = known ? candidate.maxQps : sustains ? 10 : null;
  return {
    ...candidate,
    maxQps,
    maxQpsInterval: maxQps === null ? null : [maxQps * 0.97, maxQps * 1.03],
    samplingInterval: maxQps === null ? null : [maxQps * 0.98, maxQps * 1.02],
    reason: candidate.status === 'FEASIBLE' ? candidate.reason : (candidate.reason ?? 'a reason'),
    loadCurve: candidate.loadCurve
      .map((point) => ({
        ...point,
        rateQps: point.rateQps > 0 ? point.rateQps : 1,
        verdict: point.failedOn === null ? ('pass' as const) : ('fail' as const),
      }))
      .sort((a, b) => a.rateQps - b.rateQps),
  };
}
