import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { usableBinaries } from './binaries';
import { prepareCluster } from './cluster';
import { EmbeddedPostgresError } from './embedded-error';
import type { Hold } from './keepalive';
import { choosePort } from './port';
import { endUnwatched, readPostmaster } from './postmaster';
import { readConnection, type Site, writeConnection } from './site';
import { startWatchdog, type Watchdog } from './watchdog';

/** Recovery after a crash may read gigabytes of log. */
const READY_WAIT_MS = 600_000;

/** Starts the server, with its data made first if missing. The caller holds the start lock. */
export async function startServer(site: Site, durable: boolean): Promise<{ hold: Hold; port: number }> {
  const binaries = usableBinaries(site);
  prepareCluster(site, binaries, durable);
  await endUnwatched(site);
  for (let attempt = 1; ; attempt++) {
    const connection = readConnection(site)!;
    const port = await choosePort(connection.port);
    if (port !== connection.port) writeConnection(site, { ...connection, port });
    const watchdog = startWatchdog(site, binaries.postgres, serverArguments(site, port, durable));
    const failure = await failureOf(site, watchdog);
    if (failure === null) return { hold: watchdog.hold, port };
    watchdog.hold.release();
    // Either passes: the port was taken since we looked, or the processes of a killed server are still ending.
    const passing = /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory/.test(
      failure,
    );
    if (!passing || attempt === 50) {
      const reason =
        failure.split('\n').findLast((line) => line.includes('FATAL')) ?? failure.split('\n').at(-1);
      throw new EmbeddedPostgresError('START', `the server does not start (${reason}); see ${site.logFile}`);
    }
    await sleep(200);
  }
}

function serverArguments(site: Site, port: number, durable: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A client whose machine is gone is noticed after 5 + 3 × 3 s, also when it waits for a lock or a long query runs.
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 3,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 14_000,
    client_connection_check_interval: '5s',
    // Data that are thrown away after the tests need not survive a power failure; what is committed survives a kill.
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', site.dataFolder, '-p', String(port), ...pairs];
}

/** Waits for the server; null when it is ready, else what the log says of this start. */
async function failureOf(site: Site, watchdog: Watchdog): Promise<string | null> {
  const deadline = Date.now() + READY_WAIT_MS;
  while (!watchdog.ended()) {
    if (readPostmaster(site)?.status === 'ready') return null;
    if (Date.now() > deadline) return `not ready after ${READY_WAIT_MS / 1000} s`;
    await sleep(20);
  }
  return logSince(site.logFile, watchdog.logStartBytes);
}

function logSince(file: string, startBytes: number): string {
  const bytes = Buffer.alloc(Math.min(20_000, statSync(file).size - startBytes));
  const log = openSync(file, 'r');
  readSync(log, bytes, 0, bytes.length, startBytes);
  closeSync(log);
  return bytes.toString('utf8').trim();
}
