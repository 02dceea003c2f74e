import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';
import { processIdentity } from '../../src/adapters/db/embedded/process-identity';
import { migrate } from '../../src/adapters/db/migrate';
import { readMigrations } from '../../src/adapters/db/migration-files';

const ROOT = join(__dirname, '../..');
const MIGRATIONS = join(ROOT, 'prisma/migrations');

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A private database with all migrations, cloned from a template in some tens of milliseconds. Drop it after the tests. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return onServer((server, sql) =>
    underLock(sql, async () => {
      await dropAbandoned(sql);
      return await create(server, sql, await ensureTemplate(server, sql));
    }),
  );
}

/** The same without anything in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return onServer((server, sql) => create(server, sql, 'template0'));
}

/**
 * One embedded server for all tests, of all runs in this checkout: nothing starts it before the first test that wants a
 * database, and it ends with the last process that does (see startEmbeddedPostgres), which is why there is nothing to
 * set up and to tear down. TEST_DATABASE_URL names another server to test on.
 */
async function onServer<T>(work: (serverUrl: string, sql: postgres.Sql) => Promise<T>): Promise<T> {
  const given = process.env.TEST_DATABASE_URL;
  const folder = join(ROOT, '.data/test');
  // Held until this process ends, so that the server need not start again for the next test file.
  const url = given ?? (await startEmbeddedPostgres({ folder, database: 'postgres', durable: false })).url;
  const sql = connect(url);
  try {
    return await work(url, sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function create(server: string, sql: postgres.Sql, template: string): Promise<TestDatabase> {
  // The process in the name tells whether anybody still wants it.
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await sql`create database ${sql(name)} template ${sql(template)}`;
  const drop = async () => {
    const admin = connect(server);
    await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 5 });
  };
  return { url: urlOf(server, name), drop };
}

/** Named by what is in the migrations, so that it serves until one changes; then it takes the place of the old one. The mark "is a template" says it is complete. */
async function ensureTemplate(server: string, sql: postgres.Sql): Promise<string> {
  const checksums = readMigrations(MIGRATIONS).map(({ name, checksum }) => `${name} ${checksum}`);
  const name = `template_${createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 16)}`;
  const complete = await sql`select 1 from pg_database where datname = ${name} and datistemplate`;
  if (complete.length > 0) return name;
  for (const old of await sql`select datname from pg_database where starts_with(datname, 'template_')`) {
    await sql`alter database ${sql(old.datname)} is_template false`;
    await sql`drop database ${sql(old.datname)} with (force)`;
  }
  await sql`create database ${sql(name)} template template0`;
  await migrate(urlOf(server, name), MIGRATIONS);
  await sql`alter database ${sql(name)} is_template true`;
  return name;
}

/** Databases of runs that were killed. */
async function dropAbandoned(sql: postgres.Sql): Promise<void> {
  const idle = await sql<{ name: string }[]>`
    select datname as name from pg_database d
    where datname ~ '^test_[0-9]+_' and not exists (select from pg_stat_activity a where a.datname = d.datname)`;
  for (const { name } of idle) {
    if (processIdentity(Number(name.split('_')[1])) !== null) continue;
    await sql`drop database if exists ${sql(name)} with (force)`;
  }
}

/** Several jest workers begin at once. */
async function underLock<T>(sql: postgres.Sql, work: () => Promise<T>): Promise<T> {
  const key = 831_140_277;
  await sql`select pg_advisory_lock(${key})`;
  try {
    return await work();
  } finally {
    await sql`select pg_advisory_unlock(${key})`;
  }
}

function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
