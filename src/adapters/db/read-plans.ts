import type { Cursor } from '../../app/ports/paging';
import type { PlanFilter, PlanOrder, ReadStore } from '../../app/ports/read-store';
import { Bindings, type RunStatement } from './bindings';
import { groupedBy, inOrderOf, selectList } from './columns';
import { pageOf, readCursor } from './cursor';
import { fromPlanRow, fromRunRow, type PlanRow, planColumns, type RunRow, runColumns } from './plan-rows';

type PlanReads = Pick<
  ReadStore,
  | 'plans'
  | 'countPlans'
  | 'plansById'
  | 'plansOfRuns'
  | 'runsById'
  | 'runRemarks'
  | 'runsOfPlans'
  | 'latestRuns'
  | 'history'
>;

export function createPlanReads(run: RunStatement): PlanReads {
  return {
    async plans(workspaceId, filter, { field, direction }, page) {
      const bindings = new Bindings();
      const conditions = planConditions(workspaceId, filter, bindings);
      if (page.after !== null) {
        const [value, id] = readCursor(page.after, [field === 'name' ? 'text' : 'time', 'uuid']);
        const place = `${bindings.add(value ?? null)}, ${bindings.add(id ?? null)}`;
        conditions.push(`(p.${field}, p.id) ${direction === 'asc' ? '>' : '<'} (${place})`);
      }
      const text = `SELECT ${PLAN_LIST} FROM plans p WHERE ${conditions.join(' AND ')}
        ORDER BY p.${field} ${direction}, p.id ${direction} LIMIT ${page.first + 1}`;
      const rows = await run<PlanRow>(text, bindings.values);
      return pageOf(rows, page, { node: fromPlanRow, cursor: (row) => planCursor(row, field) });
    },

    async countPlans(workspaceId, filter) {
      const bindings = new Bindings();
      const conditions = planConditions(workspaceId, filter, bindings);
      const [row] = await run<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM plans p WHERE ${conditions.join(' AND ')}`,
        bindings.values,
      );
      return row?.count ?? 0;
    },

    async plansById(workspaceId, ids) {
      const rows = await run<PlanRow>(PLANS_BY_ID, [ids, workspaceId]);
      return inOrderOf(ids, rows, { ...BY_ID, node: fromPlanRow });
    },

    async runsById(workspaceId, ids) {
      const rows = await run<RunRow>(RUNS_BY_ID, [ids, workspaceId]);
      return inOrderOf(ids, rows, { ...BY_ID, node: fromRunRow });
    },

    async plansOfRuns(workspaceId, runIds) {
      const rows = await run<PlanRow & { readonly run_id: string }>(PLANS_OF_RUNS, [runIds, workspaceId]);
      return inOrderOf(runIds, rows, { key: BY_ID.key, row: (row) => row.run_id, node: fromPlanRow });
    },

    async runRemarks(runIds) {
      const rows = await run<RemarksRow>(REMARKS, [runIds]);
      const node = ({ notes, warnings }: RemarksRow) => ({ notes: notes ?? [], warnings: warnings ?? [] });
      const found = inOrderOf(runIds, rows, { ...BY_ID, node });
      return found.map((remarks) => remarks ?? { notes: [], warnings: [] });
    },

    async runsOfPlans(planIds) {
      const rows = await run<RunRow>(RUNS_OF_PLANS, [planIds]);
      return groupedBy(planIds, rows, { ...BY_PLAN, node: fromRunRow });
    },

    async latestRuns(planIds) {
      const rows = await run<RunRow>(LATEST_RUNS, [planIds]);
      return inOrderOf(planIds, rows, { ...BY_PLAN, node: fromRunRow });
    },

    async history(workspaceId, modelId, gpuId, page) {
      const bindings = new Bindings();
      const [workspace, model, gpu] = [workspaceId, modelId, gpuId].map((value) => bindings.add(value));
      const conditions = [
        `r.workspace_id = ${workspace} AND r.model_id = ${model} AND r.finished_at IS NOT NULL`,
        `(SELECT c.config_id FROM candidates c WHERE c.run_id = r.id AND c.gpu_id = ${gpu} LIMIT 1) IS NOT NULL`,
      ];
      if (page.after !== null) {
        const [finishedAt, id] = readCursor(page.after, ['time', 'uuid']);
        conditions.push(
          `(r.finished_at, r.id) < (${bindings.add(finishedAt ?? null)}, ${bindings.add(id ?? null)})`,
        );
      }
      const text = `SELECT ${RUN_LIST}, (SELECT c.config_id FROM candidates c
          WHERE c.run_id = r.id AND c.gpu_id = ${gpu} AND c.qps_per_dollar IS NOT NULL AND c.status IN ('FEASIBLE', 'CAPPED')
          ORDER BY c.qps_per_dollar DESC, c.config_id LIMIT 1) AS best_on_gpu
        FROM plan_runs r WHERE ${conditions.join(' AND ')}
        ORDER BY r.finished_at DESC, r.id DESC LIMIT ${page.first + 1}`;
      const rows = await run<RunRow & { readonly best_on_gpu: number | null }>(text, bindings.values);
      return pageOf(rows, page, {
        node: (row) => ({
          run: fromRunRow(row),
          bestOnGpu: row.best_on_gpu === null ? null : { runId: row.id, configId: row.best_on_gpu },
        }),
        cursor: (row) => [row.finished_at?.toISOString() ?? null, row.id],
      });
    },
  };
}

const PLAN_LIST = selectList('p', planColumns);
const RUN_LIST = selectList('r', runColumns);

const PLANS_BY_ID = `SELECT ${PLAN_LIST} FROM plans p WHERE p.id = ANY($1::uuid[]) AND p.workspace_id = $2`;

const RUNS_BY_ID = `SELECT ${RUN_LIST} FROM plan_runs r WHERE r.id = ANY($1::uuid[]) AND r.workspace_id = $2`;

interface RemarksRow {
  readonly id: string;
  readonly notes: readonly string[] | null;
  readonly warnings: readonly string[] | null;
}

const REMARKS = 'SELECT r.id, r.notes, r.warnings FROM plan_runs r WHERE r.id = ANY($1::uuid[])';

const PLANS_OF_RUNS = `SELECT ${PLAN_LIST}, r.id AS run_id FROM plan_runs r JOIN plans p ON p.id = r.plan_id
  WHERE r.id = ANY($1::uuid[]) AND r.workspace_id = $2`;

const RUNS_OF_PLANS = `SELECT ${RUN_LIST} FROM plan_runs r WHERE r.plan_id = ANY($1::uuid[])
  ORDER BY r.plan_id, r.number DESC`;

const LATEST_RUNS = `SELECT ${RUN_LIST} FROM unnest($1::uuid[]) AS k(plan_id) CROSS JOIN LATERAL
  (SELECT * FROM plan_runs n WHERE n.plan_id = k.plan_id ORDER BY n.number DESC LIMIT 1) AS r`;

const BY_ID = { key: (id: string) => id.toLowerCase(), row: (row: { readonly id: string }) => row.id };
const BY_PLAN = {
  key: (planId: string) => planId.toLowerCase(),
  row: (row: { readonly plan_id: string }) => row.plan_id,
};

const planCursor = (row: PlanRow, field: PlanOrder['field']): Cursor => [
  field === 'name' ? row.name : row.created_at.toISOString(),
  row.id,
];

/** Of a plan `p`, in a subquery that gives one value: the planner then looks it up plan by plan, through the index. */
const newestRun = (column: 'id' | 'status'): string =>
  `(SELECT r.${column} FROM plan_runs r WHERE r.plan_id = p.id ORDER BY r.number DESC LIMIT 1)`;

function planConditions(workspaceId: string, filter: PlanFilter, bindings: Bindings): string[] {
  const conditions = [`p.workspace_id = ${bindings.add(workspaceId)}`];
  if (filter.includeArchived !== true) conditions.push('p.archived_at IS NULL');
  if (filter.modelIds !== undefined)
    conditions.push(`p.model_id = ANY(${bindings.add(filter.modelIds)}::text[])`);
  if (filter.nameContains !== undefined)
    conditions.push(`p.name ILIKE ${bindings.add(`%${literally(filter.nameContains)}%`)}`);
  if (filter.createdAfter !== undefined)
    conditions.push(`p.created_at > ${bindings.add(filter.createdAfter)}`);
  if (filter.createdBefore !== undefined)
    conditions.push(`p.created_at < ${bindings.add(filter.createdBefore)}`);
  if (filter.statuses !== undefined)
    conditions.push(`${newestRun('status')} = ANY(${bindings.add(filter.statuses)}::text[]::run_status[])`);
  if (filter.gpuId !== undefined)
    conditions.push(`(SELECT c.config_id FROM candidates c
      WHERE c.run_id = ${newestRun('id')} AND c.gpu_id = ${bindings.add(filter.gpuId)} LIMIT 1) IS NOT NULL`);
  return conditions;
}

/** Text in which LIKE finds itself only. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
