import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { connectDatabase, type Database } from '../../src/adapters/db/connect';
import { closed } from '../../src/adapters/db/read-again';
import { executeAlone } from '../../src/adapters/db/runs/transact';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** Between us and the database, so that connections can be cut in every way. */
interface Line {
  readonly url: string;
  cut(how: (socket: Socket) => void): void;
  close(): Promise<void>;
}

async function lineTo(databaseUrl: string): Promise<Line> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const pairs = new Map<Socket, Socket>();
  const server: Server = createServer((near) => {
    const far = connectTo(target);
    pairs.set(near, far);
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => {
      pairs.delete(near);
      far.destroy();
    });
    // Nobody reads from it any more, so its own end would never be seen.
    far.on('close', () => near.destroySoon());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    cut(how) {
      for (const [near, far] of pairs) {
        far.unpipe(near);
        how(near);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const near of pairs.keys()) near.destroy();
      }),
  };
}

let test_: TestDatabase;
let line: Line;
let database: Database;
/** Not on that line. */
let beside: Database;
beforeEach(async () => {
  test_ = await createTestDatabase();
  line = await lineTo(test_.url);
  database = connectDatabase(line.url, { poolSize: 2 });
  beside = connectDatabase(test_.url, { poolSize: 1 });
});
afterEach(async () => {
  await Promise.all([database.close(), beside.close()]);
  await line.close();
  await test_.drop();
});

/** The server ends them itself, as an administrator's restart does, and says so first. */
async function terminate(): Promise<void> {
  await beside.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`;
}

const CUTS = [
  ['by the server', terminate],
  ['closed', async () => line.cut((socket) => socket.end())],
  ['reset', async () => line.cut((socket) => socket.resetAndDestroy())],
] as const;

/** Until a statement of this text is being executed. */
async function untilRunning(text: string): Promise<void> {
  const ask = () => beside.sql`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE ${`%${text}%`}
      AND state = 'active' AND pid <> pg_backend_pid()`;
  while ((await ask()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.each(CUTS)('a connection cut during a transaction (%s)', (_, cut) => {
  test('rejects it, ends nothing else, and is good again', async () => {
    const { sql } = database;
    for (let round = 0; round < 3; round++) {
      const cutShort = sql.begin(async (tx) => {
        await tx.unsafe(`CREATE TABLE half_${round} (n int)`);
        await tx.unsafe(`SELECT pg_sleep(30.${round})`);
      });
      const rejected = expect(cutShort).rejects.toThrow();
      await untilRunning(`pg_sleep(30.${round})`);
      await cut();
      await rejected;
      // As many as there are connections, at once and again: none is left in a bad state.
      for (let again = 0; again < 3; again++) {
        const answers = await Promise.all(
          [1, 2, 3, 4].map((n) => attempt(() => sql.begin(async (tx) => tx`SELECT ${n}::int AS n`))),
        );
        expect(answers.map((rows) => rows[0]!.n)).toEqual([1, 2, 3, 4]);
      }
      expect(await sql`SELECT 1 FROM pg_class WHERE relname LIKE 'half%'`).toHaveLength(0);
    }
  });

  test('during what the queue does alone likewise', async () => {
    const execute = executeAlone(database.single);
    for (let round = 0; round < 3; round++) {
      const rejected = expect(execute(`BEGIN; SELECT pg_sleep(30.${round}); COMMIT`)).rejects.toThrow();
      await untilRunning(`pg_sleep(30.${round})`);
      await cut();
      await rejected;
      const { rows } = await attempt(() => execute('SELECT 1 AS one'));
      expect(rows).toEqual([{ one: 1 }]);
    }
  });
});

test('what the queue does alone and fails leaves no transaction open', async () => {
  const execute = executeAlone(database.single);
  await expect(execute('BEGIN; SELECT 1 / 0; COMMIT')).rejects.toThrow(/division by zero/);
  expect(await execute('SELECT 1 AS one')).toEqual({ rows: [{ one: 1 }] });
});

/** The driver gives the end of a connection to the first statement after it once more: a new try is everybody's business. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    await closed();
    return work();
  }
}
