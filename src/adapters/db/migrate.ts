import type postgres from 'postgres';
import { beginUnlessCut } from './cut-connections';
import { driver } from './driver';
import { type Migration, readMigrations } from './migration-files';

/** Why the database cannot be brought to this version: one line, with what to do. */
export class MigrationError extends Error {
  readonly code: 'SERVER_TOO_OLD' | 'DATABASE_NEWER' | 'CHANGED' | 'UNFINISHED' | 'BUSY' | 'FAILED';

  constructor(code: MigrationError['code'], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'MigrationError';
    this.code = code;
  }
}

/**
 * Brings the database to this version: applies the migrations of the folder that it does not have yet, in order, and
 * returns their names. It keeps Prisma's own table, so that `prisma migrate status` and `deploy` agree with it.
 *
 * Each migration is one transaction, together with its row in that table: a failed or killed one leaves the database as it
 * was. Several servers may do this at once; each migration is applied by one of them. Throws MigrationError.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const migrations = readMigrations(folder);
  const sql = driver(url, { max: 1, onnotice: () => {} });
  sql.begin = beginUnlessCut(sql);
  try {
    const [version] =
      await sql`select current_setting('server_version_num')::int as number, current_setting('server_version') as text`;
    if (version!.number < 140_000) {
      throw new MigrationError(
        'SERVER_TOO_OLD',
        `The database server is PostgreSQL ${version!.text}; 14 or newer is needed: upgrade it, or point DATABASE_URL at another one.`,
      );
    }
    await underLock(sql, (transaction) => transaction.unsafe(TABLE));
    const applied: string[] = [];
    // Looked at anew for every migration, because another server may have applied some in between.
    for (;;) {
      const name = await applyNext(sql, migrations);
      if (name === null) return applied;
      applied.push(name);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Rejects when the database lacks one of the migrations: it was restored from an older backup, say. One that has more is
 * fine: a newer version is being rolled out beside this one.
 */
export async function checkMigrated(sql: postgres.Sql, migrations: readonly Migration[]): Promise<void> {
  const rows = await sql<{ name: string }[]>`
    select migration_name as name from "_prisma_migrations" where finished_at is not null and rolled_back_at is null`;
  const applied = new Set(rows.map(({ name }) => name));
  const missing = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new Error(
    `the database lacks the migration ${missing.join(', ')}: start this program anew, which applies it`,
  );
}

/** As Prisma makes it. */
const TABLE = `
  create table if not exists "_prisma_migrations" (
    "id" varchar(36) primary key not null,
    "checksum" varchar(64) not null,
    "finished_at" timestamptz,
    "migration_name" varchar(255) not null,
    "logs" text,
    "rolled_back_at" timestamptz,
    "started_at" timestamptz not null default now(),
    "applied_steps_count" integer not null default 0
  )`;

/** The number that Prisma Migrate locks too, so that neither works under the other's hands. */
const LOCK = 72707369;

/** A migration of this version, or whoever holds the lock or a table, may take this long. */
const LOCK_WAIT_S = 120;

async function underLock<T>(
  sql: postgres.Sql,
  work: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  // The lock belongs to the transaction: a lost connection cannot leave us working without it.
  const result = await sql.begin('isolation level read committed', async (transaction) => {
    await transaction
      .unsafe(`set local lock_timeout = '${LOCK_WAIT_S}s'; set local statement_timeout = 0`)
      .simple();
    try {
      await transaction`select pg_advisory_xact_lock(${LOCK})`;
    } catch (cause) {
      if ((cause as { code?: string }).code !== '55P03') throw cause;
      throw new MigrationError(
        'BUSY',
        `Another process has been migrating this database for more than ${LOCK_WAIT_S} s: wait until it is done, or end it, and start again.`,
        { cause },
      );
    }
    return await work(transaction);
  });
  return result as T;
}

async function applyNext(sql: postgres.Sql, migrations: readonly Migration[]): Promise<string | null> {
  let tried: Migration | undefined;
  try {
    return await underLock(sql, async (transaction) => {
      const rows = await transaction<Row[]>`
        select migration_name as name, checksum, finished_at is not null as finished, logs
        from "_prisma_migrations" where rolled_back_at is null order by started_at`;
      const next = nextMigration(migrations, rows);
      if (next === null) return null;
      tried = next;
      await run(transaction, next);
      await transaction`
        insert into "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
        values (gen_random_uuid()::text, ${next.checksum}, ${next.name}, clock_timestamp(), 1)`;
      return next.name;
    });
  } catch (cause) {
    if (tried === undefined || cause instanceof MigrationError) throw cause;
    const reason = describe(cause);
    await log(sql, tried, reason);
    throw new MigrationError(
      'FAILED',
      `Migration ${tried.name} failed and was undone, the database is as before: ${reason}. Mend the cause and start ` +
        'again; or go on with the previous version of simfaasinfer.',
      { cause },
    );
  }
}

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly logs: string | null;
}

/** The first one that the database does not have; null when it has all. Throws when the two do not belong together. */
function nextMigration(migrations: readonly Migration[], rows: readonly Row[]): Migration | null {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = rows.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw new MigrationError(
      'DATABASE_NEWER',
      `The database is newer than this version of simfaasinfer, which does not know its migration ${unknown.join(', ')}: ` +
        'use the newer version again, or restore the backup made before the upgrade.',
    );
  }
  for (const { name, checksum, finished, logs } of rows) {
    if (!finished) {
      throw new MigrationError(
        'UNFINISHED',
        `Migration ${name} was begun by another tool (prisma migrate) and did not finish${logs ? ` (${logs.trim().split('\n')[0]})` : ''}: ` +
          `see what it left, undo it, then run: npx prisma migrate resolve --rolled-back ${name}`,
      );
    }
    if (!known.get(name)!.checksums.includes(checksum)) {
      throw new MigrationError(
        'CHANGED',
        `Migration ${name} was changed after it was applied to this database: put its migration.sql back as it was, ` +
          'and make the change in a new migration.',
      );
    }
  }
  const applied = new Set(rows.map(({ name }) => name));
  return migrations.find(({ name }) => !applied.has(name)) ?? null;
}

async function run(transaction: postgres.TransactionSql, { name, script }: Migration): Promise<void> {
  const id = () => transaction`select pg_current_xact_id()::text as id`;
  const [before] = await id();
  await transaction.unsafe(script).simple();
  const [after] = await id();
  if (before!.id !== after!.id) {
    throw new MigrationError(
      'FAILED',
      `Migration ${name} has COMMIT or ROLLBACK in it, so that it was neither undone nor recorded: remove them (a migration ` +
        'is one transaction) and restore the database from a backup.',
    );
  }
  // The script may have set a path of its own.
  await transaction.unsafe('reset search_path; reset role').simple();
}

/** A row that says what happened and that nothing is left of it. */
async function log(sql: postgres.Sql, { name, checksum }: Migration, reason: string): Promise<void> {
  try {
    await sql`
      insert into "_prisma_migrations" (id, checksum, migration_name, logs, rolled_back_at)
      values (gen_random_uuid()::text, ${checksum}, ${name}, ${reason}, now())`;
  } catch {
    // The connection may be what failed; the caller tells the reason anyway.
  }
}

function describe(cause: unknown): string {
  const { message, code, position, detail, hint } = cause as postgres.PostgresError;
  const more = [detail, hint, position && `at character ${position}`, code && `SQLSTATE ${code}`].filter(
    Boolean,
  );
  return more.length === 0 ? message : `${message} (${more.join('; ')})`;
}
