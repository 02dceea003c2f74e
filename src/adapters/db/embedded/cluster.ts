import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binaries } from './binaries';
import { EmbeddedPostgresError } from './embedded-error';
import { readConnection, type Site, writeConnection } from './site';

/** The database role of everything we do; it owns the server. */
export const ROLE = 'simfaasinfer';

/** Makes the data folder at the first start, and checks that it fits the programs at every other. */
export function prepareCluster(site: Site, binaries: Binaries, durable: boolean): void {
  if (!existsSync(site.dataLink)) initialise(site, binaries, durable);
  const made = readFileSync(join(site.dataFolder, 'PG_VERSION'), 'utf8').trim();
  if (made !== String(binaries.majorVersion)) {
    throw new EmbeddedPostgresError(
      'OTHER_VERSION',
      `${site.dataFolder} was made by PostgreSQL ${made} and this version brings ${binaries.majorVersion}; move the data ` +
        `over with PostgreSQL's pg_dump and pg_restore, use another folder`,
    );
  }
  if (readConnection(site) === null) {
    throw new EmbeddedPostgresError(
      'FOLDER',
      `${site.connectionFile}, which has the password of ${site.dataFolder}, is missing; bring it back, move the data away`,
    );
  }
}

/** Nothing of an interrupted initialisation counts: the data get their name when they are complete. */
function initialise(site: Site, { initdb }: Binaries, durable: boolean): void {
  const draft = `${site.dataFolder}.new`;
  const passwordFile = `${site.dataFolder}.password`;
  const password = randomBytes(24).toString('base64url');
  mkdirSync(dirname(site.dataFolder), { recursive: true, mode: 0o711 });
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (site.account !== null) {
    const { uid, gid } = site.account;
    chownSync(draft, uid, gid);
    chownSync(passwordFile, uid, gid);
  }
  // Sorts by code point on every machine; the built-in locale knows upper and lower case beyond ASCII, plain C does not.
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
  const access = [`--username=${ROLE}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const done = spawnSync(initdb, ['-D', draft, ...access, ...locale, ...(durable ? [] : ['--no-sync'])], {
    ...site.account,
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
  });
  rmSync(passwordFile, { force: true });
  if (done.status !== 0) {
    const reason = done.error?.message ?? lastLine(done.stderr);
    throw new EmbeddedPostgresError(
      'START',
      `cannot make a database in ${site.dataFolder} (${reason}); mend that`,
    );
  }
  writeConnection(site, { password, port: null });
  renameSync(draft, site.dataFolder);
  if (site.dataLink !== site.dataFolder) symlinkSync(site.dataFolder, site.dataLink);
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .at(-1) ?? 'no message'
  );
}
