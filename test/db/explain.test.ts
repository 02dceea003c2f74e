import { connectDatabase, type Database, type SentStatement } from '../../src/adapters/db/connect';
import { createReadStore } from '../../src/adapters/db/read-store';
import {
  CANDIDATE_ORDER_FIELDS,
  type CandidateFilter,
  type CandidateOrder,
  type PlanFilter,
  type ReadStore,
} from '../../src/app/ports/read-store';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import {
  fillWithAMillion,
  planIdOf,
  runIdOf,
  MILLION_WORKSPACE_ID as workspaceId,
} from './million-candidates';

/** What EXPLAIN says of one step. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

let test_: TestDatabase;
let database: Database;
let reads: ReadStore;
let sent: SentStatement[] = [];

beforeAll(async () => {
  test_ = await createTestDatabase();
  database = connectDatabase(test_.url, { poolSize: 2, onStatement: (statement) => sent.push(statement) });
  reads = createReadStore(database);
  await fillWithAMillion(database.sql);
}, 120_000);
afterAll(async () => {
  await database?.close();
  await test_?.drop();
});

const first50 = { first: 50, after: null };
/** A run has 1,000 candidates; the planner guesses a run's size from a sample, here and there at three times that. */
const RUN_ROWS_GUESSED = 10_000;

/** The plans of the statements a read sends: made for its values, and made once for all values. */
async function plansOf(read: () => Promise<unknown>): Promise<{ text: string; nodes: PlanNode[] }[]> {
  sent = [];
  await read();
  const statements = sent.filter(
    ({ text, via }) => via === 'postgres' && /candidates|load_points|plan/.test(text),
  );
  expect(statements.length).toBeGreaterThan(0);
  const plans = [];
  for (const { text, parameters } of statements)
    for (const [options, values] of [
      ['FORMAT JSON', parameters],
      ['FORMAT JSON, GENERIC_PLAN', []],
    ] as const) {
      const rows = await database.sql.unsafe(`EXPLAIN (${options}) ${text}`, values as never[], {
        prepare: false,
      });
      const [{ Plan: root }] = rows.map((row) => row['QUERY PLAN'])[0] as [{ Plan: PlanNode }];
      plans.push({ text: `${options}: ${text}`, nodes: flatten(root) });
    }
  return plans;
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

async function usesIndexes(read: () => Promise<unknown>): Promise<void> {
  for (const { text, nodes } of await plansOf(read)) {
    const whole = nodes.filter((node) => isBig(node) && node['Node Type'].includes('Seq Scan'));
    const sorts = nodes.filter((node) => node['Node Type'] === 'Sort');
    const sorted = sorts
      .flatMap((sort) => sort.Plans ?? [])
      .filter((input) => input['Plan Rows'] > RUN_ROWS_GUESSED);
    const parallel = nodes.filter((node) => node['Node Type'].startsWith('Gather'));
    expect({ text, whole, sorted, parallel }).toEqual({ text, whole: [], sorted: [], parallel: [] });
  }
}

const isBig = (node: PlanNode): boolean =>
  node['Relation Name'] === 'candidates' || node['Relation Name'] === 'load_points';

const ORDERS: CandidateOrder[] = CANDIDATE_ORDER_FIELDS.flatMap((field) =>
  (['asc', 'desc'] as const).map((direction) => ({ field, direction })),
);
const FILTERS: [string, CandidateFilter][] = [
  ['nothing', {}],
  ['status', { statuses: ['FEASIBLE', 'CAPPED'] }],
  ['GPU', { gpuIds: ['h100-sxm'] }],
  ['GPU and scheduler', { gpuIds: ['l40s', 'h100-sxm'], schedulers: ['vllm'] }],
  ['size', { tensorParallel: [1, 2], numReplicas: [1], totalGpusMax: 4, maxBatchSizes: [64, 128] }],
  ['cost and load', { costPerHourUsdMax: 20, maxQpsMin: 10 }],
  ['targets', { meetsAllTargets: true }],
  ['frontier', { onFrontier: true }],
];

describe('with a million candidates, an index serves', () => {
  describe.each(FILTERS)('candidates by %s', (_, filter) => {
    it.each(ORDERS.map((order) => [`${order.field} ${order.direction}`, order] as const))(
      'of a run by %s',
      (_, order) =>
        usesIndexes(async () => {
          const scope = { runId: runIdOf(77) };
          const page = await reads.candidates(scope, filter, order, first50);
          expect(page.rows.length).toBeGreaterThan(0);
          await reads.candidates(scope, filter, order, { first: 50, after: page.rows.at(-1)!.cursor });
          if (!['config_id', 'total_gpus'].includes(order.field))
            await reads.candidates(scope, filter, order, { first: 50, after: [null, runIdOf(77), 500] });
        }),
    );

    it.each(
      ORDERS.filter(({ field }) => ['max_qps', 'qps_per_dollar', 'cost_per_hour_usd'].includes(field)).map(
        (order) => [`${order.field} ${order.direction}`, order] as const,
      ),
    )('of all runs by %s', (_, order) =>
      usesIndexes(async () => {
        const scope = { workspaceId };
        const page = await reads.candidates(scope, filter, order, first50);
        expect(page.rows).toHaveLength(50);
        await reads.candidates(scope, filter, order, { first: 50, after: page.rows.at(-1)!.cursor });
        await reads.candidates(scope, filter, order, { first: 50, after: [null, runIdOf(500), 500] });
      }),
    );
  });

  const PLAN_FILTERS: [string, PlanFilter][] = [
    ['nothing', {}],
    ['model', { modelIds: ['m1'] }],
    ['name', { nameContains: '77' }],
    ['status', { statuses: ['completed'] }],
    ['GPU', { gpuId: 'l40s' }],
    ['a GPU of no plan', { gpuId: 't4' }],
    ['time', { createdAfter: new Date('2026-01-10'), createdBefore: new Date('2026-01-20') }],
  ];
  it.each(PLAN_FILTERS)('plans by %s', (_, filter) =>
    usesIndexes(async () => {
      for (const field of ['created_at', 'name'] as const)
        for (const direction of ['asc', 'desc'] as const) {
          const { rows } = await reads.plans(workspaceId, filter, { field, direction }, first50);
          const after = rows.at(-1)?.cursor ?? null;
          await reads.plans(workspaceId, filter, { field, direction }, { first: 50, after });
        }
      await reads.countPlans(workspaceId, filter);
    }),
  );

  const keys = Array.from({ length: 50 }, (_, i) => ({ runId: runIdOf(1 + (i % 5)), configId: 1 + i * 7 }));
  const runIds = Array.from({ length: 50 }, (_, i) => runIdOf(1 + i));
  const planIds = Array.from({ length: 50 }, (_, i) => planIdOf(1 + i));
  it.each<[string, () => Promise<unknown>]>([
    ['candidates by key', () => reads.candidatesByKey(keys)],
    ['their details', () => reads.candidateDetails(keys)],
    ['their load curves', () => reads.loadCurves(keys)],
    ['frontiers', () => reads.frontiers(runIds)],
    ['the history of a model on a GPU', () => reads.history(workspaceId, 'm2', 'l40s', first50)],
    ['the history of a GPU of no plan', () => reads.history(workspaceId, 'm2', 't4', first50)],
    ['plans by id', () => reads.plansById(workspaceId, planIds)],
    ['runs by id', () => reads.runsById(workspaceId, runIds)],
    ['runs of plans', () => reads.runsOfPlans(planIds)],
    ['newest runs of plans', () => reads.latestRuns(planIds)],
    [
      'the number of candidates of a run',
      () => reads.countCandidates({ runId: runIdOf(5) }, { gpuIds: ['l40s'] }),
    ],
  ])('%s', (_, read) => usesIndexes(read));
});
