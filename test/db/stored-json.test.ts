import fc from 'fast-check';
import { connectDatabase, type Database } from '../../src/adapters/db/connect';
import { fromStoredJson, toStoredJson } from '../../src/adapters/db/stored-json';
import { holds } from '../support/property';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, Number.MAX_VALUE, 0.1 + 0.2),
);
/** With half surrogate pairs, NUL, and texts that look like our own codes. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('\0', '\ud800', '$', 'NaN', 'Infinity', '-0', 'utf16:', '__proto__'),
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    numbers,
    texts,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(texts, fc.constantFrom('$', 'a', 'b')), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** With its entries defined, not assigned, so that `__proto__` is a key like others. */
const plain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
};

test('any value comes back from its JSON text', () => {
  holds(
    values,
    (value) => {
      const stored = JSON.parse(JSON.stringify(toStoredJson(value)));
      expect(fromStoredJson(stored)).toStrictEqual(plain(value));
    },
    2000,
  );
});

test('sensible values are stored as they are', () => {
  const value = { a: [1, 'two', null, true], b: { c: 0.5 } };
  expect(toStoredJson(value)).toEqual(value);
  expect(toStoredJson({ p99: Infinity, gone: undefined })).toEqual({ p99: { $: 'Infinity' } });
});

describe('in a jsonb column', () => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await createTestDatabase();
    database = connectDatabase(test.url, { poolSize: 1 });
  });
  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  it('any value comes back', async () => {
    const { sql } = database;
    const samples = fc.sample(values, { numRuns: 500, seed: 7 }).map(plain);
    const [row] = await sql<{ stored: unknown }[]>`
      SELECT ${sql.json(toStoredJson(samples) as never)}::jsonb AS stored`;
    expect(fromStoredJson(row?.stored)).toStrictEqual(samples);
  });
});
