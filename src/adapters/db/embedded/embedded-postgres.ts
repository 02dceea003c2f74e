import { setTimeout as sleep } from 'node:timers/promises';
import { driver } from '../driver';
import { ROLE } from './cluster';
import { createDatabase } from './create-database';
import { EmbeddedPostgresError } from './embedded-error';
import { type Hold, holdKeepalive } from './keepalive';
import { readPostmaster } from './postmaster';
import { processIdentity } from './process-identity';
import { openSite, readConnection, type Site } from './site';
import { tryLock } from './start-lock';
import { startServer } from './start-server';

export interface EmbeddedPostgresOptions {
  /** Everything of the server is kept here; made if missing. */
  readonly folder: string;
  /** Made if missing. */
  readonly database: string;
  /** False: faster, and a power failure may cost the data. Only tests want that. The starting process decides. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** With the password. It stays valid across restarts of the server, as long as nobody else takes the port. */
  readonly url: string;
  readonly port: number;
  /** Whether this call started the server, rather than finding it running. */
  readonly owner: boolean;
  /** Where PostgreSQL keeps the data; `postmaster.pid` in it begins with the number of its process. */
  readonly dataFolder: string;
  /** Gives up this process's use. Returns when the server has stopped, unless others use it. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL on the loopback interface, with its data in a folder. The first process that asks starts it, the
 * others attach; each needs nothing but the folder.
 *
 * Who keeps it running: all that use it, together. A watchdog process stops PostgreSQL when the last one has ended or called
 * `stop()`, by kill -9 too. So a server that is killed takes nothing from the workers attached to the same folder, and
 * finds the database running when it comes back. When PostgreSQL itself is killed, the watchdog starts it again on
 * the same port within a second or so: open connections break, new ones to the same URL succeed after crash recovery. Only when
 * all users are gone is it down; the next start then recovers what was committed.
 *
 * Throws EmbeddedPostgresError when it cannot run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const deadline = Date.now() + 900_000;
  while (Date.now() < deadline) {
    const site = openSite(options.folder);
    const attached = await attach(site);
    if (attached !== null) return use(site, attached, options.database, false);
    const unlock = tryLock(site.startLock);
    if (unlock !== null) {
      try {
        // Looked at again, under the lock: another process may have made the data or started since.
        const current = openSite(options.folder);
        const other = await attach(current);
        const server = other ?? (await startServer(current, options.durable ?? true));
        return await use(openSite(options.folder), server, options.database, other === null);
      } finally {
        unlock();
      }
    }
    await sleep(50);
  }
  throw new EmbeddedPostgresError('START', `another process has been starting it for 15 minutes; end it`);
}

interface Server {
  readonly hold: Hold;
  readonly port: number;
}

/** Joins a server that is running, or on its way; null when there is none that a watchdog keeps. */
async function attach(site: Site): Promise<Server | null> {
  const hold = holdKeepalive(site.keepalive);
  if (hold === null) return null;
  while (hold.guarded()) {
    const server = readPostmaster(site);
    // After the answer, a second look at the watchdog: it may have decided to stop just before we held the pipe.
    if (
      server?.status === 'ready' &&
      (await answers(urlOf(site, server.port, 'postgres'))) &&
      hold.guarded()
    ) {
      return { hold, port: server.port };
    }
    await sleep(20);
  }
  hold.release();
  return null;
}

async function use(
  site: Site,
  { hold, port }: Server,
  database: string,
  owner: boolean,
): Promise<EmbeddedPostgres> {
  try {
    await createDatabase(urlOf(site, port, 'postgres'), database);
  } catch (error) {
    hold.release();
    throw error;
  }
  return {
    url: urlOf(site, port, database),
    port,
    owner,
    dataFolder: site.dataFolder,
    stop: () => leave(site, hold),
  };
}

/** Others may be using the server, and no one knows them: if it shows no sign of stopping within a second, they do. */
async function leave(site: Site, hold: Hold): Promise<void> {
  const server = readPostmaster(site);
  hold.release();
  if (server === null) return;
  const identity = processIdentity(server.pid);
  const decided = Date.now() + 1000;
  // Until its process has ended, not only its file has gone: it still has the port for a moment.
  while (identity !== null && processIdentity(server.pid) === identity) {
    if (readPostmaster(site)?.status === 'ready' && Date.now() > decided) return;
    await sleep(20);
  }
}

function urlOf(site: Site, port: number, database: string): string {
  const password = readConnection(site)?.password ?? '';
  return `postgresql://${ROLE}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

async function answers(url: string): Promise<boolean> {
  const sql = driver(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 0 });
  }
}
