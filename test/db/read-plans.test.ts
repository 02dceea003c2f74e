import { randomUUID } from 'node:crypto';
import { decodeCursor, encodeCursor } from '../../src/app/ports/paging';
import type { PlanFilter, PlanOrder } from '../../src/app/ports/read-store';
import { RUN_STATUSES } from '../../src/app/ports/records';
import { feasiblePlan, REQUEST } from '../support/plan-fixture';
import { addPlan, addRun, consistent, openStore, type StoreCase, storePlan } from './store-case';

let store: StoreCase;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** Names of all plans of a list, page by page. */
async function names(filter: PlanFilter, order: PlanOrder, first = 2, workspaceId = store.workspaceId) {
  const found: string[] = [];
  for (let after = null, more = true; more; ) {
    const page = await store.reads.plans(workspaceId, filter, order, { first, after });
    found.push(...page.rows.map((row) => row.node.name));
    more = page.hasNextPage;
    if (more) after = decodeCursor(encodeCursor(page.rows.at(-1)!.cursor), 2, 'after') as never;
  }
  expect(await store.reads.countPlans(workspaceId, filter)).toBe(found.length);
  return found;
}

const NEWEST: PlanOrder = { field: 'created_at', direction: 'desc' };
const A_TO_Z: PlanOrder = { field: 'name', direction: 'asc' };

describe('plans', () => {
  beforeAll(async () => {
    const { database, workspaceId, otherId, writes } = store;
    const day = (number: number) => `2026-01-0${number}T00:00:00.000Z`;
    const small = { ...feasiblePlan(), candidates: feasiblePlan().candidates.map(consistent) };
    const onT4 = {
      ...small,
      candidates: small.candidates.filter((c) => c.deployment.gpuId === 't4'),
      frontier: [],
    };
    await storePlan(database, { workspaceId, name: 'chat', createdAt: day(1) }, small);
    await storePlan(database, { workspaceId, name: 'Batch 100%', createdAt: day(2) }, onT4);
    const { planId } = await addPlan(database, { workspaceId, name: 'code_chat', createdAt: day(2) });
    await addRun(database, { workspaceId, planId, number: 1, status: 'failed', finishedAt: day(2) });
    await addRun(database, { workspaceId, planId, number: 2, status: 'queued' });
    await addPlan(database, { workspaceId, name: 'never run', modelId: 'other-model', createdAt: day(4) });
    const old = await addPlan(database, { workspaceId, name: 'old chat', createdAt: day(5) });
    expect(await writes.setPlanArchived(workspaceId, old.planId, true)).toBe(true);
    await storePlan(database, { workspaceId: otherId, name: 'chat of others', createdAt: day(3) }, small);
  });

  it('come newest first or by name, in both directions', async () => {
    const newest = await names({}, NEWEST);
    expect(newest[0]).toBe('never run');
    expect(newest.at(-1)).toBe('chat');
    expect(await names({}, { field: 'created_at', direction: 'asc' })).toEqual(newest.toReversed());
    expect(await names({}, { field: 'created_at', direction: 'asc' }, 100)).toEqual(newest.toReversed());
    const sorted = await names({}, A_TO_Z);
    expect(sorted.toSorted()).toEqual(newest.toSorted());
    expect(await names({}, { field: 'name', direction: 'desc' })).toEqual(sorted.toReversed());
  });

  it.each<[string, PlanFilter, string[]]>([
    ['model', { modelIds: ['other-model'] }, ['never run']],
    ['part of the name in any case', { nameContains: 'CHAT' }, ['chat', 'code_chat']],
    ['a percent sign, literally', { nameContains: '0%' }, ['Batch 100%']],
    ['an underscore, literally', { nameContains: '_' }, ['code_chat']],
    ['a backslash, literally', { nameContains: '\\' }, []],
    ['status of the newest run', { statuses: ['queued'] }, ['code_chat']],
    ['a status that only an older run has', { statuses: ['failed'] }, []],
    ['several statuses', { statuses: ['queued', 'completed'] }, ['Batch 100%', 'chat', 'code_chat']],
    ['a GPU among the candidates', { gpuId: 'a10g' }, ['chat']],
    ['a GPU of two plans', { gpuId: 't4' }, ['Batch 100%', 'chat']],
    [
      'time',
      { createdAfter: new Date('2026-01-01T12:00:00Z'), createdBefore: new Date('2026-01-04T00:00:00Z') },
      ['Batch 100%', 'code_chat'],
    ],
    ['all with archived', { includeArchived: true, nameContains: 'chat' }, ['chat', 'code_chat', 'old chat']],
  ])('filter by %s', async (_, filter, expected) => {
    expect((await names(filter, A_TO_Z)).toSorted()).toEqual(expected.toSorted());
  });

  it('of another workspace are not there', async () => {
    const { reads, workspaceId, otherId } = store;
    expect(await names({}, A_TO_Z, 10, otherId)).toEqual(['chat of others']);
    const page = await reads.plans(otherId, {}, A_TO_Z, { first: 1, after: null });
    const { id } = page.rows[0]!.node;
    expect(await reads.plansById(workspaceId, [id])).toEqual([null]);
    expect(await reads.plansById(otherId, [randomUUID(), id, id.toUpperCase()])).toMatchObject([
      null,
      { id },
      { id },
    ]);
    const [run] = await reads.latestRuns([id]);
    expect(await reads.runsById(workspaceId, [run!.id])).toEqual([null]);
    expect(await reads.runsById(otherId, [run!.id])).toEqual([run]);
  });

  it.each([
    ['of the other order', A_TO_Z, ['2026-01-01T00:00:00.000Z', 5]],
    ['with a time that is none', NEWEST, ['2026-13-01T00:00:00.000Z', randomUUID()]],
    ['with NUL in a name', A_TO_Z, ['a\0', randomUUID()]],
  ])('refuse a cursor %s', async (_, order, after) => {
    await expect(store.reads.plans(store.workspaceId, {}, order, { first: 1, after })).rejects.toThrow(
      'endCursor',
    );
  });

  it('refuse a text that no name can be', async () => {
    await expect(names({ nameContains: '\0' }, A_TO_Z)).rejects.toThrow('without NUL');
  });
});

test('runs of a plan come newest first, each as it was stored', async () => {
  const { database, workspaceId, reads } = store;
  const plans = [
    await addPlan(database, { workspaceId }),
    await addPlan(database, { workspaceId }),
    await addPlan(database, { workspaceId }),
  ];
  const [one, two, none] = plans.map(({ planId }) => planId) as [string, string, string];
  const ids = new Map<string, string>();
  for (const [index, status] of RUN_STATUSES.entries())
    ids.set(
      status,
      await addRun(database, {
        workspaceId,
        planId: one,
        number: index + 1,
        status,
        finishedAt: ['completed', 'stopped', 'cancelled', 'failed'].includes(status)
          ? '2026-02-01T00:00:00.000Z'
          : null,
      }),
    );
  await addRun(database, { workspaceId, planId: two });
  const [none_, runs, single] = await reads.runsOfPlans([none, one, two]);
  expect(none_).toEqual([]);
  expect(single).toHaveLength(1);
  expect(runs!.map((run) => run.status)).toEqual(RUN_STATUSES.toReversed());
  const latest = await reads.latestRuns([two, one, none]);
  expect(latest).toEqual([single![0], runs![0], null]);
  expect(runs![0]).toMatchObject({
    id: ids.get('failed'),
    planId: one,
    workspaceId,
    number: 7,
    error: 'none',
    tiedConfigIds: [2, 3],
    finishedAt: new Date('2026-02-01T00:00:00.000Z'),
    startedAt: null,
  });
  const unknown = randomUUID();
  expect(await reads.runRemarks([unknown, ids.get('failed')!])).toEqual([
    { notes: [], warnings: [] },
    { notes: ['a note'], warnings: ['a warning, with a comma'] },
  ]);
});

test('what was asked comes with the defaults used, and with the targets of its load curves', async () => {
  const { database, workspaceId, reads } = store;
  const { planRequestId } = await addPlan(database, { workspaceId }, REQUEST);
  expect(await reads.requestDocuments([randomUUID(), planRequestId])).toEqual([
    null,
    { document: { model: { name: 'llama-2-7b' } }, assumptions: ['one assumption'] },
  ]);
});

describe('history', () => {
  it('holds the finished runs of a model on a GPU, newest first, with the best candidate there', async () => {
    const { database, otherId: workspaceId, reads } = store;
    const plan = { ...feasiblePlan(), candidates: feasiblePlan().candidates.map(consistent) };
    const nothing = { ...plan, candidates: plan.candidates.filter((c) => c.configId === 6), frontier: [] };
    const finished = (day: number) => `2026-03-0${day}T00:00:00.000Z`;
    const store1 = (day: number, of = plan) =>
      storePlan(database, { workspaceId, modelId: 'other-model', finishedAt: finished(day) }, of);
    const { runId: first } = await store1(1);
    const { runId: third } = await store1(3);
    const { runId: second } = await store1(2, nothing);
    await storePlan(database, { workspaceId, finishedAt: finished(4) }, plan);
    const { planId } = await addPlan(database, { workspaceId, modelId: 'other-model' });
    await addRun(database, { workspaceId, planId, modelId: 'other-model' });

    const onA10g = plan.candidates.filter(
      (c) => c.deployment.gpuId === 'a10g' && ['FEASIBLE', 'CAPPED'].includes(c.status),
    );
    const best = onA10g.reduce((a, b) => (b.cost!.qpsPerDollar! > a.cost!.qpsPerDollar! ? b : a)).configId;
    const pages = [];
    for (let after = null, more = true; more; ) {
      const page = await reads.history(workspaceId, 'other-model', 'a10g', { first: 1, after });
      pages.push(...page.rows.map((row) => row.node));
      more = page.hasNextPage;
      after = page.rows.at(-1)!.cursor as never;
    }
    expect(pages.map(({ run, bestOnGpu }) => [run.id, bestOnGpu?.configId ?? null])).toEqual([
      [third, best],
      [second, null],
      [first, best],
    ]);
    const elsewhere = await reads.history(workspaceId, 'other-model', 'not-in-the-catalogue', {
      first: 9,
      after: null,
    });
    expect(elsewhere).toEqual({ rows: [], hasNextPage: false });
    const foreign = await reads.history(store.workspaceId, 'other-model', 'a10g', { first: 9, after: null });
    expect(foreign.rows).toEqual([]);
  });
});
