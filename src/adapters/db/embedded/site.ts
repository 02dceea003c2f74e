import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Account, chooseAccount, hasAccount } from './account';
import { EmbeddedPostgresError } from './embedded-error';

/** Where everything of one embedded server is. */
export interface Site {
  readonly folder: string;
  /** What PostgreSQL writes; not there before the first start. */
  readonly dataFolder: string;
  /** Leads to dataFolder: the same path, or a link where PostgreSQL's account cannot enter the folder. */
  readonly dataLink: string;
  /** Held while somebody starts the server. */
  readonly startLock: string;
  /** Named pipe that every program using the server holds open. */
  readonly keepalive: string;
  readonly connectionFile: string;
  readonly logFile: string;
  /** Whom PostgreSQL runs as; null: as this user. */
  readonly account: Account | null;
}

/** What root keeps outside the folder when PostgreSQL's account cannot enter that, e.g. below a home of mode 0700. */
export const ROOT_STORE = '/var/lib/simfaasinfer';

/** The places of a folder, which is made if missing. Throws when it cannot be used. */
export function openSite(folderGiven: string): Site {
  const uid = process.getuid?.();
  if (uid === undefined)
    throw new EmbeddedPostgresError('NO_BINARIES', 'it does not run on Windows; use WSL');
  const folder = resolve(folderGiven);
  makeFolder(folder, uid === 0);
  const dataLink = join(folder, 'data');
  const existing = existingData(dataLink);
  const account = chooseAccount({
    uid,
    hasAccount: hasAccount(),
    dataOwner: existing,
    passwd: () => readFileSync('/etc/passwd', 'utf8'),
  });
  const reachable = account === null || canEnter(account, existing?.folder ?? folder);
  if (existing !== null && !reachable) {
    throw new EmbeddedPostgresError(
      'FOLDER',
      `user id ${account?.uid}, who owns ${existing.folder}, cannot enter it any more; open the folders above it (chmod o+x)`,
    );
  }
  return {
    folder,
    dataFolder: existing?.folder ?? (reachable ? dataLink : join(ROOT_STORE, randomUUID())),
    dataLink,
    startLock: join(folder, 'start.lock'),
    keepalive: join(folder, 'keepalive'),
    connectionFile: join(folder, 'connection.json'),
    logFile: join(folder, 'postgres.log'),
    account,
  };
}

/** Kept in the folder, readable by its owner only. */
interface Connection {
  readonly password: string;
  /** The port of the last start. It is taken again when free, so that URLs stay valid. */
  readonly port: number | null;
}

export function readConnection(site: Site): Connection | null {
  if (!existsSync(site.connectionFile)) return null;
  return JSON.parse(readFileSync(site.connectionFile, 'utf8')) as Connection;
}

/** Replaces the file in one step; only the holder of the start lock may. */
export function writeConnection(site: Site, connection: Connection): void {
  const draft = `${site.connectionFile}.new`;
  writeFileSync(draft, `${JSON.stringify(connection)}\n`, { mode: 0o600 });
  renameSync(draft, site.connectionFile);
}

function makeFolder(folder: string, asRoot: boolean): void {
  const mode = asRoot ? 0o711 : 0o700;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true, mode });
      // Whatever the umask: root's server runs as another account, which has to pass through.
      chmodSync(folder, mode);
    }
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new EmbeddedPostgresError(
      'FOLDER',
      `cannot write the data folder ${folder} (${code}); use another folder`,
      {
        cause,
      },
    );
  }
}

/** Where the data are and who owns them; null before the first start. */
function existingData(dataLink: string): (Account & { folder: string }) | null {
  if (lstatSync(dataLink, { throwIfNoEntry: false }) === undefined) return null;
  if (!existsSync(dataLink)) {
    throw new EmbeddedPostgresError(
      'FOLDER',
      `${dataLink} is a link that leads nowhere; bring the data back or remove it`,
    );
  }
  const { uid, gid } = statSync(dataLink);
  return { folder: realpathSync(dataLink), uid, gid };
}

function canEnter({ uid, gid }: Account, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid, gid, cwd: '/' }).status === 0;
}
