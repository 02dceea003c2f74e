import fc from 'fast-check';
import { writeCandidates } from '../../src/adapters/db/write-candidates';
import { toCandidateResult } from '../../src/app/stored-candidate';
import type { CandidateResult } from '../../src/core/search/result';
import { feasiblePlan } from '../support/plan-fixture';
import { randomPlan } from '../support/random-plan';
import { addPlan, addRun, consistent, openStore, type StoreCase, storePlan } from './store-case';

let store: StoreCase;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

test('whatever the search finds comes back from the database as it was', async () => {
  const { database, workspaceId } = store;
  for (const drawn of fc.sample(randomPlan(), { numRuns: 40, seed: 11 })) {
    const candidates = drawn.candidates.map(consistent);
    const { runId } = await storePlan(database, { workspaceId }, { ...drawn, candidates });
    expect(await readBack(runId, drawn.request.constraints.targets, candidates.length)).toEqual(candidates);
  }
});

async function readBack(
  runId: string,
  targets: Parameters<typeof toCandidateResult>[3],
  count: number,
): Promise<CandidateResult[]> {
  const { reads } = store;
  const keys = Array.from({ length: count }, (_, index) => ({ runId, configId: index + 1 }));
  const [records, details, curves] = await Promise.all([
    reads.candidatesByKey(keys),
    reads.candidateDetails(keys),
    reads.loadCurves(keys),
  ]);
  return keys.map((_, i) => toCandidateResult(records[i]!, details[i]!, curves[i]!, targets));
}

test('a candidate is stored once: the first one stays', async () => {
  const { database, workspaceId, reads } = store;
  const { planId } = await addPlan(database, { workspaceId });
  const runId = await addRun(database, { workspaceId, planId });
  const [first, second, third] = feasiblePlan().candidates;
  const write = (results: CandidateResult[]) =>
    database.sql.begin((tx) => writeCandidates(tx, results, { runId, workspaceId }));
  expect(await write([first!, second!])).toEqual([1, 2]);
  expect(
    await write([{ ...second!, priceless: true } as never, { ...third! }, { ...first!, maxQps: 10.41 }]),
  ).toEqual([3]);
  const keys = [1, 2, 3, 4].map((configId) => ({ runId, configId }));
  const stored = await reads.candidatesByKey(keys);
  expect(stored.map((record) => record?.maxQps ?? null)).toEqual([
    first!.maxQps,
    second!.maxQps,
    third!.maxQps,
    null,
  ]);
  const curves = await reads.loadCurves(keys);
  expect(curves.map((curve) => curve.length)).toEqual(
    [first!, second!, third!, null].map((c) => c?.loadCurve.length ?? 0),
  );
});

test('a finished run takes no more candidates, and none is ever changed', async () => {
  const { database, workspaceId } = store;
  const [first, ...others] = feasiblePlan().candidates.map(consistent);
  const { runId } = await storePlan(
    database,
    { workspaceId },
    { ...feasiblePlan(), candidates: others, frontier: [] },
  );
  await expect(writeCandidates(database.sql, [first!], { runId, workspaceId })).rejects.toThrow(
    'a finished run gains no candidates',
  );
  await expect(database.sql`UPDATE candidates SET max_qps = max_qps * 2`).rejects.toThrow(
    'candidates are never changed',
  );
});

test('a curve that the table refuses takes its candidates with it', async () => {
  const { database, workspaceId, reads } = store;
  const { planId } = await addPlan(database, { workspaceId });
  const runId = await addRun(database, { workspaceId, planId });
  const [first, second] = feasiblePlan().candidates;
  const broken = { ...second!, loadCurve: [{ ...second!.loadCurve[0]!, rateQps: 0 }] };
  await expect(
    database.sql.begin((tx) => writeCandidates(tx, [first!, broken], { runId, workspaceId })),
  ).rejects.toThrow('load_points_shape');
  expect(await reads.countCandidates({ runId }, {})).toBe(0);
});
