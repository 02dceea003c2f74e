import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { contentHash } from '../../src/app/content-hash';
import { ConflictError } from '../../src/app/ports/api-errors';
import { type PriceQuoteRecord, SHARED_WORKSPACE_ID } from '../../src/app/ports/records';
import { InputError } from '../../src/core/errors';
import { feasiblePlan } from '../support/plan-fixture';
import { addPlan, addRun, consistent, openStore, type StoreCase, storePlan } from './store-case';

let store: StoreCase;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe('price books', () => {
  const quote = (usdPerGpuHour: number): PriceQuoteRecord => ({
    gpuId: 't4',
    provider: 'aws',
    region: null,
    kind: 'on-demand',
    usdPerGpuHour,
    gpusPerInstance: null,
    product: 'g4dn.xlarge',
    date: '2026-11-01',
    source: 'a price list\twith a tab',
  });
  const book = (version: string, quotes: PriceQuoteRecord[]) => ({
    version,
    contentHash: contentHash({ version, quotes }),
    note: null,
    quotes,
  });

  it('a new state is a new book, the newest of the workspace is the current one', async () => {
    const { writes, reads, workspaceId, otherId } = store;
    const shipped = await writes.addPriceBook(SHARED_WORKSPACE_ID, book('shipped', [quote(0.5)]));
    expect((await reads.currentPriceBook(workspaceId)).id).toBe(shipped.record.id);
    const quotes = [
      quote(0.4),
      { ...quote(3), kind: 'reserved-1y', gpusPerInstance: 8, region: 'us-east-1' } as const,
    ];
    const first = await writes.addPriceBook(workspaceId, book('a', quotes));
    const second = await writes.addPriceBook(workspaceId, book('b', [quote(0.3)]));
    expect(await writes.addPriceBook(workspaceId, book('b', [quote(0.3)]))).toEqual({
      ...second,
      created: false,
    });
    expect(await reads.currentPriceBook(workspaceId)).toEqual(second.record);
    expect((await reads.currentPriceBook(otherId)).id).toBe(shipped.record.id);
    expect(await reads.quotesOf([second.record.id, randomUUID(), first.record.id])).toEqual([
      [quote(0.3)],
      [],
      quotes,
    ]);
    expect(await reads.priceBooksById(otherId, [first.record.id, shipped.record.id])).toEqual([
      null,
      shipped.record,
    ]);

    const pages = [];
    for (let after = null, more = true; more; ) {
      const page = await reads.priceBooks(workspaceId, { first: 1, after });
      pages.push(...page.rows.map(({ node }) => node.version));
      more = page.hasNextPage;
      after = page.rows.at(-1)!.cursor as never;
    }
    expect(pages).toEqual(['b', 'a', 'shipped']);

    const back = await writes.addPriceBook(workspaceId, book('a', quotes));
    expect(back).toMatchObject({ created: true, record: { contentHash: first.record.contentHash } });
    expect(await reads.currentPriceBook(workspaceId)).toEqual(back.record);
    expect(await reads.quotesOf([back.record.id, first.record.id])).toEqual([quotes, quotes]);
    expect(await reads.priceBooksById(workspaceId, [first.record.id])).toEqual([first.record]);
  });

  it('a book with a quote that cannot be is not stored at all', async () => {
    const { writes, reads, workspaceId } = store;
    const current = await reads.currentPriceBook(workspaceId);
    const broken = book('broken', [quote(1), { ...quote(1), gpuId: 'no-such-gpu' }]);
    await expect(writes.addPriceBook(workspaceId, broken)).rejects.toThrow('foreign key');
    expect(await reads.currentPriceBook(workspaceId)).toEqual(current);
  });
});

describe('keys', () => {
  const newKey = (workspaceId: string, role: 'viewer' | 'admin', expiresAt: Date | null = null) => {
    const secretHash = createHash('sha256').update(randomBytes(8)).digest();
    return { workspaceId, name: 'a key', prefix: 'sfi_abc', secretHash, role, expiresAt };
  };

  it('are found by their hash, and their use is noted at most once a minute', async () => {
    const { writes, reads, workspaceId, otherId, database } = store;
    const key = newKey(workspaceId, 'viewer');
    const created = await writes.createApiKey(key);
    expect(await writes.useApiKey(key.secretHash)).toEqual(created);
    const [used] = await reads.apiKeys(workspaceId);
    expect(used?.lastUsedAt).toBeInstanceOf(Date);
    expect(await writes.useApiKey(key.secretHash)).toEqual(used);
    expect((await reads.apiKeys(workspaceId))[0]).toEqual(used);
    await database.sql`UPDATE api_keys SET last_used_at = now() - interval '2 minutes'`;
    await writes.useApiKey(key.secretHash);
    expect((await reads.apiKeys(workspaceId))[0]!.lastUsedAt!.getTime()).toBeGreaterThanOrEqual(
      used!.lastUsedAt!.getTime(),
    );
    expect(await writes.useApiKey(newKey(workspaceId, 'viewer').secretHash)).toBeNull();
    expect(await reads.apiKeys(otherId)).toEqual([]);
  });

  it('are revoked once, by their own workspace', async () => {
    const { writes, workspaceId, otherId } = store;
    const { id } = await writes.createApiKey(newKey(workspaceId, 'viewer'));
    expect(await writes.revokeApiKey(otherId, id)).toBeNull();
    const revoked = await writes.revokeApiKey(workspaceId, id);
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect(await writes.revokeApiKey(workspaceId, id)).toEqual(revoked);
  });

  it('of admins count while they can be used', async () => {
    const { writes, workspaceId } = store;
    expect(await writes.countAdminKeys()).toBe(0);
    await writes.createApiKey(newKey(workspaceId, 'admin', new Date(Date.now() - 1000)));
    const { id } = await writes.createApiKey(newKey(workspaceId, 'admin'));
    await writes.createApiKey(newKey(workspaceId, 'admin', new Date(Date.now() + 3_600_000)));
    expect(await writes.countAdminKeys()).toBe(2);
    await writes.revokeApiKey(workspaceId, id);
    expect(await writes.countAdminKeys()).toBe(1);
  });

  it('are never for the shared workspace', async () => {
    await expect(store.writes.ensureWorkspace('shared')).rejects.toThrow(InputError);
    expect(await store.writes.ensureWorkspace('one')).toEqual({ id: store.workspaceId, name: 'one' });
    expect(await store.reads.workspace(store.workspaceId)).toEqual({ id: store.workspaceId, name: 'one' });
    expect(await store.reads.workspace(randomUUID())).toBeNull();
  });
});

describe('deleting a plan', () => {
  const rowsOf = async (runId: string) => {
    const [counts] = await store.database.sql`
      SELECT (SELECT count(*)::int FROM plan_runs WHERE id = ${runId}) AS runs,
        (SELECT count(*)::int FROM candidates WHERE run_id = ${runId}) AS candidates,
        (SELECT count(*)::int FROM load_points WHERE run_id = ${runId}) AS points,
        (SELECT count(*)::int FROM frontier_points WHERE run_id = ${runId}) AS frontier`;
    return counts;
  };

  it('takes all it holds, and its request when no other plan asks it', async () => {
    const { writes, reads, workspaceId, database } = store;
    const candidates = feasiblePlan().candidates.map(consistent);
    const { planId, runId } = await storePlan(database, { workspaceId }, { ...feasiblePlan(), candidates });
    const [plan] = await reads.plansById(workspaceId, [planId]);
    const { planRequestId } = plan!;
    const twin = await addPlan(database, { workspaceId, planRequestId });
    expect(await rowsOf(runId)).toMatchObject({ runs: 1, candidates: 12, frontier: 4 });

    await writes.setPlanArchived(workspaceId, planId, true);
    expect(await writes.deletePlan(workspaceId, planId)).toBe(true);
    expect(await rowsOf(runId)).toEqual({ runs: 0, candidates: 0, points: 0, frontier: 0 });
    expect(await reads.requestDocuments([planRequestId])).not.toEqual([null]);

    await writes.setPlanArchived(workspaceId, twin.planId, true);
    expect(await writes.deletePlan(workspaceId, twin.planId)).toBe(true);
    expect(await reads.requestDocuments([planRequestId])).toEqual([null]);
    expect(await writes.deletePlan(workspaceId, planId)).toBe(false);
  });

  it('needs it archived and its runs finished, and the right workspace', async () => {
    const { writes, reads, workspaceId, otherId, database } = store;
    const { planId } = await addPlan(database, { workspaceId });
    await expect(writes.deletePlan(workspaceId, planId)).rejects.toThrow(ConflictError);
    await writes.setPlanArchived(workspaceId, planId, true);
    await addRun(database, { workspaceId, planId, status: 'running' });
    await expect(writes.deletePlan(workspaceId, planId)).rejects.toThrow('a run of the plan is not finished');
    expect(await writes.deletePlan(otherId, planId)).toBe(false);
    expect(await writes.setPlanArchived(otherId, planId, false)).toBe(false);
    expect((await reads.plansById(workspaceId, [planId]))[0]?.archivedAt).toBeInstanceOf(Date);
  });
});
