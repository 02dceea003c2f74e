import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { EmbeddedPostgres } from '../../src/adapters/db/embedded/embedded-postgres';
import { processIdentity } from '../../src/adapters/db/embedded/process-identity';

const ROOT = join(__dirname, '../..');
const HOOK = join(ROOT, 'scripts/typescript-hook.cjs');

/** Runs a file of this checkout in a process of its own. */
export function spawnTypeScript(file: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['-r', HOOK, join(ROOT, file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

export interface EmbeddedUser extends Omit<EmbeddedPostgres, 'stop'> {
  kill(): Promise<void>;
  /** Ends it in the regular way. */
  end(): Promise<void>;
}

/** Another process that uses the embedded server of the folder. */
export async function startUser(folder: string): Promise<EmbeddedUser> {
  const child = spawnTypeScript('test/support/embedded-process.ts', [folder]);
  const exit = once(child, 'exit');
  const failed = exit.then(([code]) => Promise.reject(new Error(`the process ended with ${code}`)));
  failed.catch(() => {});
  const [line] = await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), failed]);
  const kill = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  const end = async () => {
    child.stdin!.end();
    await exit;
  };
  return { ...JSON.parse(line), kill, end };
}

/** Process number of the server, from the file it leaves. */
export function postmasterPid(dataFolder: string): number {
  return Number.parseInt(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8'), 10);
}

/** Until the condition holds; the test's own time limit ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

export async function untilEnded(pid: number): Promise<void> {
  await until(() => processIdentity(pid) === null);
}

/** One connection for one piece of work. */
export async function withClient<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
