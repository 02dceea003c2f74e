import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../src/app/ports/paging';
import {
  CANDIDATE_ORDER_FIELDS,
  type CandidateFilter,
  type CandidateOrder,
  type CandidateScope,
} from '../../src/app/ports/read-store';
import type { CandidateRecord } from '../../src/app/ports/records';
import { InputError } from '../../src/core/errors';
import { CANDIDATE_STATUSES, type PlanResult } from '../../src/core/search/result';
import { feasiblePlan } from '../support/plan-fixture';
import { randomPlan } from '../support/random-plan';
import { consistent, openStore, type StoreCase, storePlan } from './store-case';

let store: StoreCase;
/** Runs of the first workspace, with candidates that tie, and with latencies that are Infinity, NaN or missing. */
let runIds: string[];
let foreignRunId: string;
let all: CandidateRecord[];
let frontierOf: Map<string, readonly number[]>;

beforeAll(async () => {
  store = await openStore();
  const { database, workspaceId, otherId, reads } = store;
  const drawn = fc.sample(randomPlan(), { numRuns: 6, seed: 5 });
  const plans: PlanResult[] = [feasiblePlan(), feasiblePlan(), ...drawn].map((plan) => ({
    ...plan,
    candidates: plan.candidates.map(consistent),
  }));
  const stored = await Promise.all(plans.map((plan) => storePlan(database, { workspaceId }, plan)));
  runIds = stored.map(({ runId }) => runId);
  frontierOf = new Map(plans.map((plan, i) => [runIds[i]!, plan.frontier]));
  foreignRunId = (await storePlan(database, { workspaceId: otherId }, plans[0]!)).runId;
  const keys = plans.flatMap((plan, i) =>
    plan.candidates.map(({ configId }) => ({ runId: runIds[i]!, configId })),
  );
  all = (await reads.candidatesByKey(keys)).filter((record) => record !== null);
  expect(all).toHaveLength(keys.length);
});
afterAll(() => store.close());

const idOf = ({ runId, configId }: { runId: string; configId: number }) => `${runId}:${configId}`;

/** Every page of a list, each begun at the cursor of the one before, as a client sends it. */
async function pages(
  scope: CandidateScope,
  filter: CandidateFilter,
  order: CandidateOrder,
  first: number,
): Promise<CandidateRecord[]> {
  const found: CandidateRecord[] = [];
  for (let after = null, more = true; more; ) {
    const page = await store.reads.candidates(scope, filter, order, { first, after });
    expect(page.rows.length).toBeLessThanOrEqual(first);
    found.push(...page.rows.map((row) => row.node));
    more = page.hasNextPage;
    if (more) after = decodeCursor(encodeCursor(page.rows.at(-1)!.cursor), 3, 'after') as never;
  }
  return found;
}

const FIELD_OF: Record<CandidateOrder['field'], (record: CandidateRecord) => number | null> = {
  config_id: (c) => c.configId,
  max_qps: (c) => c.maxQps,
  qps_per_dollar: (c) => c.qpsPerDollar,
  cost_per_hour_usd: (c) => c.costPerHourUsd,
  cost_per_1k_requests_usd: (c) => c.costPer1kRequestsUsd,
  total_gpus: (c) => c.totalGpus,
  ttft_p95_ms: (c) => c.ttftP95Ms,
  tbt_p99_ms: (c) => c.tbtP99Ms,
  e2e_p99_ms: (c) => c.e2eP99Ms,
};

/** As Postgres orders them: NaN is above Infinity, and those without a value come last whatever the direction. */
function inOrder(
  records: readonly CandidateRecord[],
  { field, direction }: CandidateOrder,
): CandidateRecord[] {
  const sign = direction === 'asc' ? 1 : -1;
  const value = (record: CandidateRecord) => FIELD_OF[field](record);
  const compare = (a: number, b: number) =>
    Object.is(a, b) ? 0 : Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;
  const ties = (a: CandidateRecord, b: CandidateRecord) =>
    sign * (a.runId === b.runId ? a.configId - b.configId : a.runId < b.runId ? -1 : 1);
  const withValue = records.filter((record) => value(record) !== null);
  const without = records.filter((record) => value(record) === null);
  return [
    ...withValue.sort((a, b) => sign * compare(value(a)!, value(b)!) || ties(a, b)),
    ...without.sort(ties),
  ];
}

describe('pages', () => {
  const directions = ['asc', 'desc'] as const;

  it.each(CANDIDATE_ORDER_FIELDS)('of one run by %s hold every candidate once, in order', async (field) => {
    for (const runId of runIds)
      for (const direction of directions)
        for (const first of [1, 5, 200]) {
          const order = { field, direction };
          const expected = inOrder(
            all.filter((record) => record.runId === runId),
            order,
          );
          expect((await pages({ runId }, {}, order, first)).map(idOf)).toEqual(expected.map(idOf));
        }
  });

  it.each(['max_qps', 'qps_per_dollar', 'cost_per_hour_usd'] as const)(
    'of a workspace by %s hold every candidate once, in order, and none of another workspace',
    async (field) => {
      for (const direction of directions)
        for (const first of [3, 7, 200]) {
          const order = { field, direction };
          const found = await pages({ workspaceId: store.workspaceId }, {}, order, first);
          expect(found.map(idOf)).toEqual(inOrder(all, order).map(idOf));
        }
    },
  );

  it('across runs need an indexed order', async () => {
    const order = { field: 'e2e_p99_ms', direction: 'asc' } as const;
    await expect(
      store.reads.candidates({ workspaceId: store.workspaceId }, {}, order, { first: 5, after: null }),
    ).rejects.toThrow(InputError);
  });

  it.each([
    ['values of other types', ['high', 'x', 1]],
    ['an id that is no UUID', [1, "' OR true --", 1]],
    ['a config id that is no integer', [1, '00000000-0000-4000-8000-000000000001', 1.5]],
    ['too few values', [1]],
  ])('refuse a cursor with %s', async (_, after) => {
    const order = { field: 'max_qps', direction: 'desc' } as const;
    await expect(
      store.reads.candidates({ workspaceId: store.workspaceId }, {}, order, { first: 5, after }),
    ).rejects.toThrow('the endCursor of a page of the same list');
  });
});

describe('filters', () => {
  const cases: [string, CandidateFilter, (c: CandidateRecord) => boolean][] = [
    ['statuses', { statuses: ['FEASIBLE', 'CAPPED'] }, (c) => ['FEASIBLE', 'CAPPED'].includes(c.status)],
    ['no status', { statuses: [] }, () => false],
    ['GPUs', { gpuIds: ['a10g', 't4'] }, (c) => ['a10g', 't4'].includes(c.deployment.gpuId)],
    ['schedulers', { schedulers: ['sarathi'] }, (c) => c.deployment.scheduler === 'sarathi'],
    ['tensor parallel', { tensorParallel: [2, 4] }, (c) => [2, 4].includes(c.deployment.tensorParallel)],
    ['pipeline parallel', { pipelineParallel: [2] }, () => false],
    ['batch sizes', { maxBatchSizes: [64] }, (c) => c.deployment.maxBatchSize === 64],
    ['replicas', { numReplicas: [8] }, (c) => c.deployment.numReplicas === 8],
    ['most GPUs', { totalGpusMax: 4 }, (c) => c.totalGpus <= 4],
    ['highest cost', { costPerHourUsdMax: 10 }, (c) => (c.costPerHourUsd ?? Infinity) <= 10],
    ['least QPS', { maxQpsMin: 20 }, (c) => (c.maxQps ?? 0) >= 20],
    ['targets met', { meetsAllTargets: true }, (c) => c.meetsAllTargets],
    ['targets missed', { meetsAllTargets: false }, (c) => !c.meetsAllTargets],
    ['on the frontier', { onFrontier: true }, (c) => frontierOf.get(c.runId)!.includes(c.configId)],
    ['off the frontier', { onFrontier: false }, (c) => !frontierOf.get(c.runId)!.includes(c.configId)],
  ];

  it.each(cases)('%s', async (_, filter, matches) => {
    const workspace = { workspaceId: store.workspaceId };
    const order = { field: 'qps_per_dollar', direction: 'desc' } as const;
    const expected = inOrder(all.filter(matches), order);
    expect((await pages(workspace, filter, order, 4)).map(idOf)).toEqual(expected.map(idOf));
    expect(await store.reads.countCandidates(workspace, filter)).toBe(expected.length);
  });

  it('combine by AND', async () => {
    const filters = fc.sample(
      fc.tuple(fc.subarray(cases, { minLength: 2, maxLength: 4 }), fc.constantFrom(...runIds)),
      { numRuns: 40, seed: 3 },
    );
    for (const [chosen, runId] of filters) {
      const filter = Object.assign({}, ...chosen.map(([, part]) => part)) as CandidateFilter;
      const last = new Map(chosen.map((entry) => [Object.keys(entry[1])[0], entry[2]]));
      const matches = (c: CandidateRecord) => [...last.values()].every((holds) => holds(c));
      const expected = all.filter((c) => c.runId === runId && matches(c));
      expect(await store.reads.countCandidates({ runId }, filter)).toBe(expected.length);
    }
  });

  it('know every status', async () => {
    const counts = await Promise.all(
      CANDIDATE_STATUSES.map((status) =>
        store.reads.countCandidates({ workspaceId: store.workspaceId }, { statuses: [status] }),
      ),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(all.length);
  });
});

test('frontiers come by run, in the order of their cost', async () => {
  const frontiers = await store.reads.frontiers([...runIds, foreignRunId]);
  const expected = [...runIds.map((runId) => frontierOf.get(runId)), feasiblePlan().frontier];
  expect(frontiers.map((frontier) => frontier.map((c) => c.configId))).toEqual(expected);
});

test('candidates by key come in the order of the keys, with null for those that are not there', async () => {
  const [a, b] = [all[3]!, all[1]!];
  const absent = { runId: runIds[0]!, configId: 999 };
  expect(await store.reads.candidatesByKey([a, absent, b, a])).toEqual([a, null, b, a]);
  expect(await store.reads.candidatesByKey([])).toEqual([]);
  expect(await store.reads.loadCurves([absent])).toEqual([[]]);
  expect(await store.reads.candidateDetails([absent])).toEqual([null]);
});
