import { randomUUID } from 'node:crypto';
import { contentHash } from '../../src/app/content-hash';
import { SHARED_WORKSPACE_ID } from '../../src/app/ports/records';
import type { NewProfile } from '../../src/app/ports/write-store';
import { InputError } from '../../src/core/errors';
import type { Profile } from '../../src/core/profile/profile';
import type { Trace } from '../../src/core/workload/workload';
import { openStore, type StoreCase } from './store-case';

let store: StoreCase;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const ALL = { first: 100, after: null };

function profile(meanMs: number, parts: Partial<Profile> = {}): NewProfile {
  const content: Profile = {
    id: 'mine',
    origin: 'user',
    gpuId: 't4',
    modelId: 'llama-2-7b',
    tensorParallel: 1,
    kind: 'measured',
    engine: 'vllm 0.15',
    dtype: null,
    weightBytesPerParam: 2,
    date: '2026-11-01',
    prefill: [{ promptTokens: 128, batchSize: 1, meanMs }],
    decode: [
      { contextTokens: 128, batchSize: 1, meanMs: 20.125 },
      { contextTokens: 128, batchSize: 2, meanMs: 21, stdMs: Number.NaN },
    ],
    memory: { numGpuBlocks: 512 },
    notes: ['with "quotes", a tab\t and a \\'],
    ...parts,
  };
  const findings = [{ code: 'coverage', severity: 'warning', message: 'few', fix: 'more' }] as const;
  return { name: 'mine', contentHash: contentHash(content), profile: content, findings };
}

describe('profiles', () => {
  it('are stored once per content, a new content under a name as its next version', async () => {
    const { writes, reads, workspaceId, otherId } = store;
    const first = await writes.addProfile(workspaceId, profile(10));
    expect(first).toMatchObject({
      created: true,
      record: {
        workspaceId,
        name: 'mine',
        version: 1,
        gpuId: 't4',
        kind: 'measured',
        engine: 'vllm 0.15',
        dtype: null,
        measuredOn: '2026-11-01',
        prefillRowCount: 1,
        decodeRowCount: 2,
        findings: profile(10).findings,
        archivedAt: null,
      },
    });
    expect(await writes.addProfile(workspaceId, profile(10))).toEqual({ ...first, created: false });
    const second = await writes.addProfile(workspaceId, profile(11));
    expect(second).toMatchObject({ created: true, record: { name: 'mine', version: 2 } });
    expect(await writes.addProfile(otherId, profile(11))).toMatchObject({
      created: true,
      record: { version: 1 },
    });

    expect(await reads.profileByName(workspaceId, 'mine')).toEqual(second.record);
    const { prefill, decode, memory, notes } = profile(10).profile;
    expect(await reads.profileContents([first.record.id, randomUUID()])).toEqual([
      { prefill, decode, memory, notes },
      null,
    ]);
    expect(await reads.profilesById(otherId, [first.record.id])).toEqual([null]);
  });

  it('uploaded at the same time get versions of their own, and one content one row', async () => {
    const { writes, reads, workspaceId } = store;
    const race = async (uploads: readonly NewProfile[]) => {
      const stored = await Promise.all(uploads.map((upload) => writes.addProfile(workspaceId, upload)));
      return stored.filter(({ created }) => created).length;
    };
    const one = { ...profile(100), name: 'raced' };
    expect(await race([one, one, one, one])).toBe(1);
    expect(await race([101, 102, 103, 104, 105].map((ms) => ({ ...profile(ms), name: 'raced' })))).toBe(5);
    const page = await reads.profiles(workspaceId, { nameContains: 'RACED' }, ALL);
    expect(page.rows.map(({ node }) => node.version)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('set back to what they were are current again, as a new version; the older ones stay', async () => {
    const { writes, reads, workspaceId } = store;
    const upload = (ms: number, name = 'set back') =>
      writes.addProfile(workspaceId, { ...profile(ms), name });
    const [old, newer] = [await upload(201), await upload(202)];
    const again = await upload(201);
    expect(again).toMatchObject({
      created: true,
      record: { name: 'set back', version: 3, contentHash: old.record.contentHash },
    });
    expect(await reads.profileByName(workspaceId, 'set back')).toEqual(again.record);
    expect(await upload(201)).toEqual({ ...again, created: false });
    expect(await reads.profilesById(workspaceId, [old.record.id, newer.record.id])).toEqual([
      old.record,
      newer.record,
    ]);
    // A new name for what is there is none.
    expect(await upload(202, 'another name')).toEqual({ ...newer, created: false });
  });

  it('are listed page by page with the shipped ones, by name and newest version', async () => {
    const { writes, reads, workspaceId, database } = store;
    const [shipped] = await database.sql<{ id: string }[]>`
      INSERT INTO profiles (workspace_id, name, version, content_hash, gpu_id, model_id, tensor_parallel, kind,
        prefill_row_count, decode_row_count, content, findings)
      VALUES (${SHARED_WORKSPACE_ID}, 'mine', 2, 'shipped', 'a10g', 'llama-2-7b', 2, 'composed', 0, 0, '{}', '[]')
      RETURNING id`;
    await writes.addProfile(workspaceId, { ...profile(1), name: '100%' });
    const whole = await reads.profiles(workspaceId, {}, ALL);
    const versions = whole.rows.map(({ node }) => [node.name, node.version]);
    expect(versions).toEqual(
      versions.toSorted(([a, v], [b, w]) => (a === b ? Number(w) - Number(v) : a! < b! ? -1 : 1)),
    );
    expect(await reads.countProfiles(workspaceId, {})).toBe(whole.rows.length);
    const paged = [];
    for (let after = null, more = true; more; ) {
      const page = await reads.profiles(workspaceId, {}, { first: 2, after });
      paged.push(...page.rows);
      more = page.hasNextPage;
      after = page.rows.at(-1)!.cursor as never;
    }
    expect(paged).toEqual(whole.rows);

    const namesOf = async (filter: Parameters<typeof reads.profiles>[1]) =>
      (await reads.profiles(workspaceId, filter, ALL)).rows.map(({ node }) => node.id);
    expect(await namesOf({ origin: 'library' })).toEqual([shipped!.id]);
    expect(await namesOf({ gpuIds: ['a10g'] })).toEqual([shipped!.id]);
    expect(await namesOf({ tensorParallel: [2] })).toEqual([shipped!.id]);
    expect(await namesOf({ modelIds: ['other-model'] })).toEqual([]);
    expect(await namesOf({ nameContains: '%' })).toHaveLength(1);
    expect(await namesOf({ origin: 'own' })).toHaveLength(whole.rows.length - 1);
  });

  it('that are archived leave the lists, not the database', async () => {
    const { writes, reads, workspaceId, otherId } = store;
    const { record } = await writes.addProfile(workspaceId, { ...profile(77), name: 'retired' });
    expect(await writes.setProfileArchived(otherId, record.id, true)).toBeNull();
    const archived = await writes.setProfileArchived(workspaceId, record.id, true);
    expect(archived?.archivedAt).toBeInstanceOf(Date);
    expect(await writes.setProfileArchived(workspaceId, record.id, true)).toEqual(archived);
    expect(await reads.profileByName(workspaceId, 'retired')).toBeNull();
    expect((await reads.profiles(workspaceId, { nameContains: 'retired' }, ALL)).rows).toEqual([]);
    const listed = await reads.profiles(workspaceId, { nameContains: 'retired', includeArchived: true }, ALL);
    expect(listed.rows.map(({ node }) => node)).toEqual([archived]);
    expect(await writes.setProfileArchived(workspaceId, record.id, false)).toEqual(record);
  });

  it('of the shared workspace cannot be archived from another', async () => {
    const { writes, reads, workspaceId } = store;
    const shipped = (await reads.profiles(workspaceId, { origin: 'library' }, ALL)).rows[0]!.node;
    expect(await writes.setProfileArchived(workspaceId, shipped.id, true)).toBeNull();
    expect((await reads.profilesById(workspaceId, [shipped.id]))[0]?.archivedAt).toBeNull();
  });
});

describe('traces', () => {
  const trace = (name: string, scale = 1): Trace => ({
    name,
    arrivedAtS: Float64Array.of(0.5, 1 / 3 + 1, 1e6 * scale),
    promptTokens: Int32Array.of(10, 20, 60),
    outputTokens: Int32Array.of(1, 2, 3),
    cachedPromptTokens: Int32Array.of(0, 0, 59),
  });

  it('come back to the last bit, by id and by name', async () => {
    const { writes, reads, workspaceId, otherId } = store;
    const { record, created } = await writes.addTrace(workspaceId, trace('one'), 'hash of one');
    expect(created).toBe(true);
    expect(record).toMatchObject({
      name: 'one',
      requestCount: 3,
      durationS: 1e6 - 0.5,
      meanPromptTokens: 30,
      meanOutputTokens: 2,
    });
    const loaded = { ...trace('one'), id: record.id };
    expect(await reads.loadTrace(workspaceId, record.id)).toEqual(loaded);
    expect(await reads.loadTrace(workspaceId, 'one')).toEqual(loaded);
    expect(await reads.loadTrace(otherId, record.id)).toBeNull();
    expect(await reads.loadTrace(workspaceId, randomUUID())).toBeNull();
    expect(await reads.tracesById(workspaceId, [record.id])).toEqual([record]);
    expect(await reads.tracesById(otherId, [record.id])).toEqual([null]);
    expect((await reads.traces(workspaceId, ALL)).rows.map(({ node }) => node)).toEqual([record]);
  });

  it('keep the blocks of their prompts; one without any is another than one that knows of none', async () => {
    const { writes, reads, workspaceId } = store;
    const hashed = (name: string, blocks: number[], starts: number[]): Trace => ({
      ...trace(name),
      hashes: {
        blockTokens: 512,
        blocks: Int32Array.from(blocks),
        starts: Int32Array.from(starts),
        distinct: new Set(blocks).size,
      },
    });
    for (const [given, count] of [
      [hashed('some', [0, 1, 0, 2, 0], [0, 2, 2, 5]), 5],
      [hashed('none', [], [0, 0, 0, 0]), 0],
      [trace('unknown'), null],
    ] as const) {
      const { record } = await writes.addTrace(workspaceId, given, given.name);
      expect(record.promptBlockCount).toBe(count);
      expect(await reads.loadTrace(workspaceId, record.id)).toEqual({ ...given, id: record.id });
    }
    await expect(
      store.database.sql`UPDATE traces SET prompt_blocks = '{1,1,1,1,1}' WHERE name = 'some'`,
    ).rejects.toThrow('never changed once stored');
    const torn = { ...hashed('torn', [0, 1], [0, 1, 2]), arrivedAtS: Float64Array.of(0, 1, 2) };
    await expect(writes.addTrace(workspaceId, torn, 'torn')).rejects.toThrow('traces_blocks');
  });

  it('of one content are stored once; a name stays with its content', async () => {
    const { writes, workspaceId } = store;
    const { record } = await writes.addTrace(workspaceId, trace('kept'), 'hash of kept');
    expect(await writes.addTrace(workspaceId, trace('other name'), 'hash of kept')).toEqual({
      record,
      created: false,
    });
    await expect(writes.addTrace(workspaceId, trace('kept', 2), 'another hash')).rejects.toThrow(InputError);
    const raced = await Promise.all(
      [1, 2, 3, 4].map(() => writes.addTrace(workspaceId, trace('raced'), 'hash of raced')),
    );
    expect(raced.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe('workloads', () => {
  const workload = (name: string, value: number) => ({
    name,
    contentHash: contentHash(value),
    definition: { prompt_length: { mean: value } },
    traceId: null,
  });

  it('are stored once per content; a name stays with its content', async () => {
    const { writes, reads, workspaceId, otherId } = store;
    const { record, created } = await writes.addWorkload(workspaceId, workload('chat', 512));
    expect([created, record.definition]).toEqual([true, { prompt_length: { mean: 512 } }]);
    expect(await writes.addWorkload(workspaceId, workload('talk', 512))).toEqual({ record, created: false });
    await expect(writes.addWorkload(workspaceId, workload('chat', 9))).rejects.toThrow(
      "a name that no other of the workspace's workloads has",
    );
    expect(await reads.workloadByName(workspaceId, 'chat')).toEqual(record);
    expect(await reads.workloadByName(otherId, 'chat')).toBeNull();
    expect(await reads.workloadsById(otherId, [record.id])).toEqual([null]);
    expect(await reads.workloadsById(workspaceId, [record.id])).toEqual([record]);
  });

  it('are listed newest first, page by page, without the archived ones', async () => {
    const { writes, reads, otherId } = store;
    for (const value of [1, 2, 3, 4]) await writes.addWorkload(otherId, workload(`w${value}`, value));
    const second = await reads.workloadByName(otherId, 'w2');
    await writes.setWorkloadArchived(otherId, second!.id, true);
    const page = await reads.workloads(otherId, { first: 2, after: null });
    expect([page.rows.map(({ node }) => node.name), page.hasNextPage]).toEqual([['w4', 'w3'], true]);
    const next = await reads.workloads(otherId, { first: 2, after: page.rows[1]!.cursor });
    expect([next.rows.map(({ node }) => node.name), next.hasNextPage]).toEqual([['w1'], false]);
  });
});
