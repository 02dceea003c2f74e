import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStatements } from '../../src/adapters/db/bindings';
import { connectDatabase } from '../../src/adapters/db/connect';
import { startEmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';
import { readAgain } from '../../src/adapters/db/read-again';
import { createReadStore } from '../../src/adapters/db/read-store';
import { createWriteStore } from '../../src/adapters/db/write-store';
import { StoreUnavailableError } from '../../src/app/ports/run-store';
import { createTestDatabase } from '../support/test-database';

test('both clients use the database again after it was restarted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simfaasinfer-connect-'));
  const start = () => startEmbeddedPostgres({ folder, database: 'kept', durable: false });
  const lost: Error[] = [];
  let server = await start();
  const { url } = server;
  const database = connectDatabase(url, { poolSize: 4, onConnectionLost: (error) => lost.push(error) });
  const { sql, prisma } = database;
  try {
    const ask = async () => {
      const answers = await Promise.all([
        ...[1, 2, 3, 4].map((n) =>
          readAgain(async () => sql`SELECT ${n}::int AS n, pg_backend_pid() AS pid, pg_sleep(0.05)::text`),
        ),
        ...[5, 6].map(
          (n) =>
            prisma.$queryRaw<{ n: number; pid: number }[]>`SELECT ${n}::int AS n, pg_backend_pid() AS pid`,
        ),
      ]);
      return answers.map((rows) => rows[0] as { n: number; pid: number });
    };
    const before = await ask();
    const cut = sql`SELECT pg_sleep(60)`.then(
      () => 'answered',
      () => 'rejected',
    );
    const [running] = await waitFor(
      () =>
        sql<
          { pid: number }[]
        >`SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()`,
    );
    expect(before.map(({ pid }) => pid)).toContain(running!.pid);
    await server.stop();
    expect(await cut).toBe('rejected');
    server = await start();
    expect(server.url).toBe(url);

    const after = await ask();
    expect(after.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lost.length).toBeGreaterThan(0);
  } finally {
    await database.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('each statement that reads, each transaction and what Prisma runs has its time taken', async () => {
  const test_ = await createTestDatabase();
  const times: number[] = [];
  const database = connectDatabase(test_.url, { poolSize: 2, onSqlTime: (ms) => times.push(ms) });
  try {
    const heard = async (work: () => Promise<unknown>) => {
      await work();
      return times.splice(0);
    };
    const select = createStatements(database);
    const [slow, ...none] = await heard(() => select('SELECT pg_sleep(0.05)::text', []));
    expect([slow! >= 50, none]).toEqual([true, []]);
    expect(await heard(() => database.sql.begin(async (tx) => tx`SELECT 1`))).toHaveLength(1);
    expect(await heard(() => database.prisma.workspace.count())).toHaveLength(1);
    expect(await heard(() => select('SELECT 1 / 0', []).catch(() => null))).toHaveLength(1);
  } finally {
    await database.close();
    await test_.drop();
  }
});

test('what cannot be read because the database is away is told as that: a key is no wrong key', async () => {
  // A port that nothing listens on.
  const database = connectDatabase('postgres://nobody@127.0.0.1:1/none', { poolSize: 1 });
  await expect(createWriteStore(database).useApiKey(new Uint8Array(32))).rejects.toThrow(
    StoreUnavailableError,
  );
  await expect(createReadStore(database).runsById(randomUUID(), [randomUUID()])).rejects.toThrow(
    StoreUnavailableError,
  );
  await database.close();
});

/** Asks until there is a row. */
async function waitFor<T>(rows: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const found = await rows();
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
