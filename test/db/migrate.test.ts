import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkMigrated, MigrationError, migrate } from '../../src/adapters/db/migrate';
import { readMigrations } from '../../src/adapters/db/migration-files';
import { spawnTypeScript, until, withClient } from '../support/embedded-user';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/test-database';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '../..');
const SHIPPED = join(ROOT, 'prisma/migrations');

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

function write(name: string, script: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), script);
}

async function refusal(): Promise<MigrationError> {
  const error = await migrate(database.url, folder).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(MigrationError);
  expect(error.message).toMatch(/^[^\n]+$/);
  return error;
}

const tables = () =>
  withClient(database.url, async (sql) =>
    (await sql`select tablename from pg_tables where schemaname = 'public' order by 1`.values()).flat(),
  );

const log = () =>
  withClient(
    database.url,
    (sql) => sql`select migration_name as name, finished_at is not null as finished,
      rolled_back_at is not null as "rolledBack", logs from "_prisma_migrations" order by started_at`,
  );

test('applies what is missing, in order, once', async () => {
  write('1_first', 'create table a (id int);');
  expect(await migrate(database.url, folder)).toEqual(['1_first']);
  // One statement after the other, with everything Prisma or a person writes.
  write(
    '2_second',
    "-- a; b\nalter table a add b text default ';';\ncreate function f() returns int language sql as $$ select 1; $$;\n",
  );
  write('3_third', 'create table c as select f() as one;');
  writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"');
  expect(await migrate(database.url, folder)).toEqual(['2_second', '3_third']);
  expect(await migrate(database.url, folder)).toEqual([]);
  expect(await tables()).toEqual(['_prisma_migrations', 'a', 'c']);
});

test('five servers that boot at once apply each migration once', async () => {
  for (let i = 1; i <= 4; i++) write(`${i}_step`, `create table t${i} (id int); select pg_sleep(0.05);`);
  const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url, folder)));
  expect(applied.flat().sort()).toEqual(['1_step', '2_step', '3_step', '4_step']);
  expect(await log()).toHaveLength(4);
});

test('a failed migration leaves nothing but its log row, says what to do, and may be mended', async () => {
  write('1_first', 'create table a (id int);');
  write('2_broken', 'create table b (id int); insert into a values (1); insert into nowhere values (1);');
  write('3_third', 'create table c (id int);');
  const error = await refusal();
  expect(error.code).toBe('FAILED');
  expect(error.message).toMatch(
    /2_broken failed and was undone.*relation "nowhere" does not exist.*42P01.*start again/,
  );
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
  expect(await log()).toEqual([
    { name: '1_first', finished: true, rolledBack: false, logs: null },
    { name: '2_broken', finished: false, rolledBack: true, logs: expect.stringContaining('nowhere') },
  ]);
  write('2_broken', 'create table b (id int);');
  expect(await migrate(database.url, folder)).toEqual(['2_broken', '3_third']);
});

test('a process killed in the middle of a migration leaves nothing', async () => {
  write('1_slow', 'create table a (id int); select pg_sleep(4);');
  const child = spawnTypeScript('test/support/migrate-process.ts', [database.url, folder]);
  const active = () =>
    withClient(
      database.url,
      (sql) =>
        sql`select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep(4)%' and pid <> pg_backend_pid()`,
    );
  await until(async () => (await active()).length > 0);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  write('1_slow', 'create table a (id int);');
  // Waits for the server to notice that nobody listens to that session any more.
  expect(await migrate(database.url, folder)).toEqual(['1_slow']);
  expect(await log()).toHaveLength(1);
});

test('a migration that ends its own transaction is found out', async () => {
  write('1_commit', 'create table a (id int); commit; create table b (id int);');
  const error = await refusal();
  expect([error.code, error.message]).toEqual([
    'FAILED',
    expect.stringMatching(/1_commit has COMMIT or ROLLBACK/),
  ]);
});

test('a migration changed after it was applied is refused; other line ends are no change', async () => {
  write('1_first', 'create table a (id int);\ncreate table b (id int);\n');
  await migrate(database.url, folder);
  write('1_first', 'create table a (id int);\r\ncreate table b (id int);\r\n');
  expect(await migrate(database.url, folder)).toEqual([]);
  write('1_first', 'create table a (id bigint);');
  expect(await refusal()).toMatchObject({
    code: 'CHANGED',
    message: expect.stringMatching(/1_first was changed.*put .* back.*new migration/),
  });
});

test('a database newer than this version is refused, whatever else is missing', async () => {
  write('1_first', 'create table a (id int);');
  write('2_future', 'create table b (id int);');
  await migrate(database.url, folder);
  rmSync(join(folder, '2_future'), { recursive: true });
  write('1_late', 'create table c (id int);');
  expect(await refusal()).toMatchObject({
    code: 'DATABASE_NEWER',
    message: expect.stringMatching(/newer than this version of simfaasinfer.*2_future/),
  });
  expect(await tables()).toEqual(['_prisma_migrations', 'a', 'b']);
});

test('what another tool left unfinished is refused with the command that settles it', async () => {
  write('1_first', 'create table a (id int);');
  await migrate(database.url, folder);
  await withClient(
    database.url,
    (sql) => sql`update "_prisma_migrations" set finished_at = null, logs = 'it broke'`,
  );
  expect(await refusal()).toMatchObject({
    code: 'UNFINISHED',
    message: expect.stringMatching(/\(it broke\).*migrate resolve --rolled-back 1_first/),
  });
});

test('a database that lacks a migration is found out, one that knows more is not minded', async () => {
  write('1_first', 'create table a (id int);');
  await migrate(database.url, folder);
  const check = () => withClient(database.url, (sql) => checkMigrated(sql, readMigrations(folder)));
  await check();
  await withClient(
    database.url,
    (sql) => sql`insert into "_prisma_migrations" (id, checksum, migration_name, finished_at)
      values ('newer', 'x', '9_newer', now())`,
  );
  await check();
  write('2_second', 'create table b (id int);');
  await expect(check()).rejects.toThrow(/lacks the migration 2_second/);
});

test('a server older than PostgreSQL 14 is refused', async () => {
  write('1_first', 'create table a (id int);');
  // This server, saying that it is another.
  await withClient(database.url, (sql) =>
    sql.unsafe(`
      create schema old;
      create function old.current_setting(text) returns text language sql as
        $$ select case $1 when 'server_version_num' then '130014' else '13.14' end $$;
      do $$ begin execute format('alter database %I set search_path = old, pg_catalog, public', current_database()); end $$`),
  );
  expect(await refusal()).toMatchObject({
    code: 'SERVER_TOO_OLD',
    message: expect.stringMatching(/PostgreSQL 13\.14; 14 or newer/),
  });
});

test('an installation without its migrations says so', async () => {
  await expect(migrate(database.url, folder)).rejects.toThrow(/no migrations in .*incomplete/);
});

describe('the shipped migrations', () => {
  const run = (script: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
    promisify(execFile)(process.execPath, [join(ROOT, script), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });

  test('produce prisma/schema.prisma', async () => {
    const { stdout } = await run('scripts/db-diff.mjs', []);
    expect(stdout).toMatch(/the migrations produce/);
  });

  test('applied by us are up to date for Prisma', async () => {
    const migrated = await createTestDatabase();
    const status = await run('node_modules/prisma/build/index.js', ['migrate', 'status'], {
      DATABASE_URL: migrated.url,
    });
    expect(status.stdout).toMatch(/Database schema is up to date/);
    await withClient(migrated.url, async (sql) => {
      const count = readdirSync(SHIPPED, { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      ).length;
      expect(await sql`select from "_prisma_migrations"`).toHaveLength(count);
    });
    await migrated.drop();
  });
});
