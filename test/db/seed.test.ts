import { connectDatabase, type Database } from '../../src/adapters/db/connect';
import { createReadStore } from '../../src/adapters/db/read-store';
import { createWriteStore } from '../../src/adapters/db/write-store';
import { contentHash } from '../../src/app/content-hash';
import { loadCatalog } from '../../src/app/load-catalog';
import { SHARED_WORKSPACE_ID } from '../../src/app/ports/records';
import type { WriteStore } from '../../src/app/ports/write-store';
import { shippedSeed } from '../../src/app/shipped-seed';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const catalog = loadCatalog();
const shipped = shippedSeed(catalog);
const ALL = { first: 1000, after: null };

let test_: TestDatabase;
let database: Database;
let writes: WriteStore;

beforeAll(async () => {
  test_ = await createTestDatabase();
  database = connectDatabase(test_.url, { poolSize: 4 });
  writes = createWriteStore(database);
});
afterAll(async () => {
  await database.close();
  await test_.drop();
});

/** Every row that seeding may write, with its place on disk: a row written again has another. */
const rowsOnDisk = () => database.sql`
  SELECT 'gpu' AS kind, id, ctid::text FROM gpus UNION ALL SELECT 'model', id, ctid::text FROM models
  UNION ALL SELECT 'profile', id::text, ctid::text FROM profiles UNION ALL SELECT 'book', id::text, ctid::text FROM price_books
  UNION ALL SELECT 'quote', price_book_id || ':' || position, ctid::text FROM price_quotes ORDER BY 1, 2`;

test('servers that boot together store the catalogue, the library and the prices once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => writes.seed(shipped)));
  const reads = createReadStore(database);
  const { rows } = await reads.profiles(SHARED_WORKSPACE_ID, {}, ALL);
  expect(rows.map(({ node }) => node.name).toSorted()).toEqual(
    shipped.profiles.map(({ name }) => name).toSorted(),
  );
  expect(rows.every(({ node }) => node.version === 1)).toBe(true);
  const [content] = await reads.profileContents([rows[17]!.node.id]);
  const { prefill, decode, memory, notes } = shipped.profiles.find(
    ({ name }) => name === rows[17]!.node.name,
  )!.profile;
  expect(content).toEqual({ prefill, decode, memory, notes });

  const book = await reads.currentPriceBook(SHARED_WORKSPACE_ID);
  expect(book).toMatchObject({ version: catalog.prices.version, contentHash: shipped.priceBookHash });
  expect(await reads.quotesOf([book.id])).toEqual([catalog.prices.quotes]);
  const [counts] = await database.sql`
    SELECT (SELECT count(*)::int FROM gpus) AS gpus, (SELECT count(*)::int FROM models) AS models`;
  expect(counts).toEqual({ gpus: catalog.gpus.length, models: catalog.models.length });
});

test('what is there already is not written again', async () => {
  const before = await rowsOnDisk();
  await writes.seed(shipped);
  expect(await rowsOnDisk()).toEqual(before);
});

test('a correction is taken over, an older catalogue is not', async () => {
  const [first, ...others] = catalog.gpus;
  const memoryOf = async () =>
    (await database.sql`SELECT memory_bytes::float8 AS bytes FROM gpus WHERE id = ${first!.id}`)[0]?.bytes;
  const seedWith = (version: string, memoryBytes: number) =>
    writes.seed({
      ...shipped,
      catalog: { ...catalog, version, gpus: [{ ...first!, memoryBytes }, ...others] },
    });
  await seedWith('2099-01', 5e9);
  expect(await memoryOf()).toBe(5e9);
  await seedWith('2099-01', 6e9);
  expect(await memoryOf()).toBe(6e9);
  await seedWith(catalog.version, 7e9);
  expect(await memoryOf()).toBe(6e9);
});

test('new content of a library profile is a new version; the older one stays', async () => {
  const reads = createReadStore(database);
  const [old, ...others] = shipped.profiles;
  const profile = { ...old!.profile, notes: ['measured again'] };
  const before = await reads.profileByName(SHARED_WORKSPACE_ID, old!.name);
  await writes.seed({
    ...shipped,
    profiles: [{ ...old!, profile, contentHash: contentHash(profile) }, ...others],
  });
  expect(await reads.profileByName(SHARED_WORKSPACE_ID, old!.name)).toMatchObject({
    version: 2,
    name: old!.name,
  });
  expect(await reads.profilesById(SHARED_WORKSPACE_ID, [before!.id])).toEqual([before]);
  // A later release takes it back.
  await writes.seed(shipped);
  const again = await reads.profileByName(SHARED_WORKSPACE_ID, old!.name);
  expect(again).toMatchObject({ version: 3, contentHash: before!.contentHash });
  await writes.seed(shipped);
  expect((await reads.profileByName(SHARED_WORKSPACE_ID, old!.name))?.id).toBe(again!.id);
});

test('shipped prices that are taken back are current again', async () => {
  const reads = createReadStore(database);
  const newest = () => reads.currentPriceBook(SHARED_WORKSPACE_ID);
  const before = await newest();
  await writes.seed({
    ...shipped,
    priceBookHash: 'other prices',
    catalog: { ...catalog, prices: { ...catalog.prices, version: 'other' } },
  });
  expect((await newest()).version).toBe('other');
  await writes.seed(shipped);
  const after = await newest();
  expect(after).toMatchObject({ version: before.version, contentHash: before.contentHash });
  expect(await reads.quotesOf([after.id])).toEqual([catalog.prices.quotes]);
  expect(await reads.priceBooksById(SHARED_WORKSPACE_ID, [before.id])).toEqual([before]);
});
