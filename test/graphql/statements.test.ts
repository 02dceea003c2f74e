import { launchOf } from '../support/service';
import { type ApiServer, dataOf, openApi, REQUEST } from './support';

let api: ApiServer;

beforeAll(async () => {
  api = await openApi();
  api.test.startWorker();
  const { plan } = await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST, { name: 'plan 0' }));
  await api.test.finished(plan.id);
  for (let i = 1; i < 50; i++) await copyPlan(plan.id, `plan ${i}`);
}, 60_000);
afterAll(() => api?.close());

/** A plan with all it has, under another name. */
async function copyPlan(planId: string, name: string): Promise<void> {
  await api.test.database.sql.begin(async (sql) => {
    // Finished runs take no more candidates.
    await sql`SET LOCAL session_replication_role = replica`;
    const copy = async (table: string, where: string, values: Record<string, string>) => {
      const columns = await sql<{ name: string }[]>`
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_name = ${table} AND is_generated = 'NEVER' AND table_schema = 'public' ORDER BY ordinal_position`;
      const names = columns.map(({ name: column }) => `"${column}"`).join(', ');
      const chosen = columns
        .map(({ name: column }) => (column in values ? `'${values[column]}'` : `"${column}"`))
        .join(', ');
      await sql.unsafe(`INSERT INTO ${table} (${names}) SELECT ${chosen} FROM ${table} WHERE ${where}`);
    };
    const [ids] = await sql<{ plan: string; run: string; old: string }[]>`
      SELECT gen_random_uuid() AS plan, gen_random_uuid() AS run, id AS old FROM plan_runs WHERE plan_id = ${planId}`;
    const { plan, run, old } = ids!;
    await copy('plans', `id = '${planId}'`, { id: plan, name });
    await copy('plan_runs', `id = '${old}'`, { id: run, plan_id: plan });
    for (const table of ['candidates', 'load_points', 'frontier_points', 'plan_run_profiles'])
      await copy(table, `run_id = '${old}'`, { run_id: run });
  });
}

/** Statements that a query takes, but for those by which the driver learns of types on a new connection. */
async function count(
  query: string,
  variables: object,
): Promise<{ statements: number; data: ReturnType<typeof dataOf> }> {
  api.sent.length = 0;
  const data = dataOf(await api.query(query, variables));
  return { statements: api.sent.filter((text) => !text.includes('pg_catalog')).length, data };
}

/**
 * Relations in the query below, each read once however many rows ask for it. Most ask together with others of their kind,
 * where those are known by then: how many statements less that makes depends on which answer comes first.
 */
const RELATIONS = 26;

const PLANS = `query ($first: Int!) { plans(first: $first, orderBy: { field: NAME }) { totalCount nodes {
  name progress { status } request { document resolved { modelId } }
  best { configId profile { name gpu { name } } run { number } plan { name } sloCompliance { meetsAllSlos } isBest }
  alternatives(first: 3) { kind candidate { configId profile { name } } }
  frontier { configId candidate { configId onFrontier profile { name } targets { met } } }
  candidates(first: 5, filter: { statuses: [FEASIBLE, CAPPED] }) { nodes { configId profile { name } } pageInfo { endCursor } }
  latestRun { priceBook { version } profiles { profile { name } } calibrations { id } }
} } }`;

test('plans with everything beside them: one statement for each relation, for two plans or fifty', async () => {
  await count(PLANS, { first: 2 });
  const two = await count(PLANS, { first: 2 });
  const fifty = await count(PLANS, { first: 50 });
  expect(fifty.data.plans.nodes).toHaveLength(50);
  expect(new Set(fifty.data.plans.nodes.map(({ name }: { name: string }) => name)).size).toBe(50);
  for (const plan of fifty.data.plans.nodes) {
    expect(plan.best.plan.name).toBe(plan.name);
    expect(plan.frontier.length).toBeGreaterThan(0);
    expect(plan.frontier[0].candidate.onFrontier).toBe(true);
  }
  expect(two.statements).toBeLessThanOrEqual(RELATIONS);
  expect(fifty.statements).toBeLessThanOrEqual(RELATIONS);
});

const CANDIDATES = `query ($first: Int!) { candidates(first: $first, orderBy: { field: MAX_QPS }) { nodes {
  id config { gpuType } performance { maxSustainableQps } cost { costPerHourUsd } plan { name model { id } } run { number }
  profile { name } metrics { mfu } memory { numGpuBlocks } loadCurve { rateQps } onFrontier
} } }`;

test('a page of candidates with everything beside them', async () => {
  await count(CANDIDATES, { first: 3 });
  const few = await count(CANDIDATES, { first: 3 });
  const many = await count(CANDIDATES, { first: 150 });
  expect(many.data.candidates.nodes).toHaveLength(150);
  expect(
    new Set(many.data.candidates.nodes.map(({ plan }: { plan: { name: string } }) => plan.name)).size,
  ).toBeGreaterThan(20);
  expect(few.statements).toBeLessThanOrEqual(9);
  expect(many.statements).toBeLessThanOrEqual(9);
});

test('the usual page of candidates takes two statements', async () => {
  const query = `{ candidates(first: 50) { nodes { id config { gpuType } performance { maxSustainableQps } cost { qpsPerDollar } plan { name } } pageInfo { hasNextPage } } }`;
  expect((await count(query, {})).statements).toBe(2);
});
