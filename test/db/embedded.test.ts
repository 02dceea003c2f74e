import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';
import { processIdentity } from '../../src/adapters/db/embedded/process-identity';
import { tryLock } from '../../src/adapters/db/embedded/start-lock';
import { postmasterPid, startUser, until, untilEnded, withClient } from '../support/embedded-user';

jest.setTimeout(60_000);

const start = (folder: string) => startEmbeddedPostgres({ folder, database: 'plans', durable: false });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-'));
  // PostgreSQL runs as another account when this is root.
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('of five processes that start it at once for the first time, one does and the others attach', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => startUser(folder)));
  expect(users.map(({ owner }) => owner).sort()).toEqual([false, false, false, false, true]);
  expect(new Set(users.map(({ url }) => url)).size).toBe(1);
  const { url, dataFolder } = users[0]!;
  await withClient(url, (sql) => sql`create table kept as select 'written' as what`);
  expect(statSync(join(folder, 'connection.json')).mode & 0o777).toBe(0o600);
  // The password is not for show.
  const wrong = new URL(url);
  wrong.password = 'guess';
  await expect(withClient(wrong.href, (sql) => sql`select 1`)).rejects.toThrow(
    /password authentication failed/,
  );
  const pid = postmasterPid(dataFolder);
  await Promise.all(users.map((user) => user.kill()));
  await untilEnded(pid);
});

test('it listens on the loopback interface alone, with the settings we count on', async () => {
  const server = await start(folder);
  const settings = await withClient(server.url, (sql) =>
    sql`select name, setting from pg_settings where name in
      ('listen_addresses', 'unix_socket_directories', 'max_connections', 'tcp_keepalives_idle', 'server_encoding') order by name`.values(),
  );
  expect(settings).toEqual([
    ['listen_addresses', '127.0.0.1'],
    ['max_connections', '100'],
    ['server_encoding', 'UTF8'],
    ['tcp_keepalives_idle', '5'],
    ['unix_socket_directories', ''],
  ]);
  await server.stop();
  expect(existsSync(join(server.dataFolder, 'postmaster.pid'))).toBe(false);
});

test('killed with -9, its only user takes it down; the next start has the data under the same URL', async () => {
  const user = await startUser(folder);
  const pid = postmasterPid(user.dataFolder);
  await withClient(user.url, (sql) => sql`insert into kept values ('before the kill')`);
  await user.kill();
  await untilEnded(pid);
  const server = await start(folder);
  expect(server).toMatchObject({ owner: true, url: user.url });
  expect(await withClient(server.url, (sql) => sql`select what from kept`.values())).toEqual([
    ['written'],
    ['before the kill'],
  ]);
  await server.stop();
});

test('when the process that started it is killed, those attached keep it, and their connections', async () => {
  const starter = await startUser(folder);
  const worker = await start(folder);
  expect([starter.owner, worker.owner]).toEqual([true, false]);
  const sql = postgres(worker.url, { max: 1 });
  const [before] = await sql`select pg_backend_pid() as pid`;
  await starter.kill();
  await sleep(300);
  const again = await startUser(folder);
  expect(again.owner).toBe(false);
  expect((await sql`select pg_backend_pid() as pid`)[0]).toEqual(before);
  await sql.end();
  // Regular ends are no different: the last one takes it down.
  const pid = postmasterPid(worker.dataFolder);
  await worker.stop();
  expect(processIdentity(pid)).not.toBeNull();
  await again.end();
  await untilEnded(pid);
});

test('PostgreSQL killed with -9 comes back by itself, and clients reconnect to the URL they have', async () => {
  const server = await start(folder);
  const sql = postgres(server.url, { max: 2, onnotice: () => {} });
  await sql`insert into kept values ('committed')`;
  for (let round = 0; round < 2; round++) {
    const pid = postmasterPid(server.dataFolder);
    process.kill(pid, 'SIGKILL');
    await untilEnded(pid);
    await until(() =>
      sql`select 1`.then(
        () => true,
        () => false,
      ),
    );
    expect(await sql`select what from kept where what = 'committed'`.values()).toEqual([['committed']]);
  }
  // Without a limit postgres.js waits for ever for a connection that it has lost.
  await sql.end({ timeout: 1 });
  await server.stop();
  expect(existsSync(join(server.dataFolder, 'postmaster.pid'))).toBe(false);
});

test('after everything was killed and another program got the process number, it starts', async () => {
  const user = await startUser(folder);
  const pid = postmasterPid(user.dataFolder);
  for (const victim of [...watchdogOf(pid), pid]) process.kill(victim, 'SIGKILL');
  await user.kill();
  await untilEnded(pid);
  const stranger = sleeperOwnedBy(user.dataFolder);
  const file = join(user.dataFolder, 'postmaster.pid');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(stranger.pid)));
  const server = await start(folder);
  expect(server).toMatchObject({ owner: true, url: user.url });
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  stranger.kill();
  await server.stop();
});

test('a server whose watchdog was killed is replaced, not left running for ever', async () => {
  const user = await startUser(folder);
  const pid = postmasterPid(user.dataFolder);
  for (const shell of watchdogOf(pid)) process.kill(shell, 'SIGKILL');
  const server = await start(folder);
  expect(server.owner).toBe(true);
  expect(postmasterPid(server.dataFolder)).not.toBe(pid);
  await user.kill();
  await server.stop();
  await untilEnded(pid);
});

test('a port that somebody else took is replaced by another, which stays', async () => {
  const first = await start(folder);
  await first.stop();
  const occupant = createServer().listen(first.port, '127.0.0.1');
  const second = await start(folder);
  expect(second.port).not.toBe(first.port);
  await second.stop();
  occupant.close();
  const third = await start(folder);
  expect(third.port).toBe(second.port);
  await third.stop();
});

describe('the start lock', () => {
  const file = () => join(folder, 'a.lock');

  test('is held by one, and free again afterwards', () => {
    const unlock = tryLock(file());
    expect(unlock).not.toBeNull();
    expect(tryLock(file())).toBeNull();
    unlock!();
    tryLock(file())!();
  });

  test('of a process that has ended, or whose number is another program’s now, is taken over', () => {
    const live = processIdentity(process.pid)!;
    for (const holder of ['999999999 1', live.replace(/ .*/, ' 1'), '']) {
      writeFileSync(file(), holder);
      expect(tryLock(file())).toBeNull(); // it clears the way
      tryLock(file())!();
    }
  });
});

/** The shells that watch over a server: what else is in its process group. */
function watchdogOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,pgid='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const group = rows.find(([one]) => one === pid)?.[1];
  const shells = rows.filter(([one, of]) => of === group && one !== pid).map(([one]) => one!);
  expect(shells).toHaveLength(2);
  return shells;
}

/** Another program of the user PostgreSQL runs as: of others it does not believe that they are a server of its own. */
function sleeperOwnedBy(dataFolder: string): ChildProcess {
  const { uid, gid } = statSync(dataFolder);
  const identity = process.getuid?.() === 0 ? { uid, gid } : {};
  return spawn('sleep', ['600'], { ...identity, cwd: '/', stdio: 'ignore' });
}
