import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-error';
import { commandLine } from './process-identity';
import type { Site } from './site';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty in the first moments. */
  readonly status: string;
}

/** What the running server says of itself; null when none runs on these data, whatever a stale file says. */
export function readPostmaster(site: Site): Postmaster | null {
  const lines = readLines(pidFile(site));
  if (lines === null) return null;
  const pid = Number(lines[0]);
  // Its number alone proves nothing: after a kill -9 the file stays, and another program may get the number.
  if (!isPostmasterOf(commandLine(pid) ?? '', site.dataFolder)) return null;
  return { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
}

/** Whether the command line is that of a server on the folder, as the watchdog starts it. */
function isPostmasterOf(command: string, dataFolder: string): boolean {
  return `${command} `.includes(` -D ${dataFolder} `);
}

/**
 * Ends a server that nobody watches (its watchdog was killed, or has told it to stop), and removes the file a killed one
 * leaves: PostgreSQL refuses to start while a process of its user has that number. The caller holds the start lock.
 */
export async function endUnwatched(site: Site): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (let found = readPostmaster(site); found !== null; found = readPostmaster(site)) {
    // Asked again and again, because a server that has just begun does not listen yet. The last word is SIGQUIT.
    signal(found.pid, Date.now() < deadline ? 'SIGINT' : 'SIGQUIT');
    if (Date.now() > deadline + 10_000) {
      throw new EmbeddedPostgresError(
        'START',
        `the server left running as process ${found.pid} does not end; end it`,
      );
    }
    await sleep(100);
  }
  rmSync(pidFile(site), { force: true });
}

function pidFile(site: Site): string {
  return join(site.dataFolder, 'postmaster.pid');
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function readLines(file: string): string[] | null {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return null;
  }
}
