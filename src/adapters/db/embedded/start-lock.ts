import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { processIdentity } from './process-identity';

/**
 * Takes the lock and returns how to give it back; null when a living process has it. A lock whose process has ended,
 * however it did, is taken over.
 */
export function tryLock(file: string): (() => void) | null {
  const me = processIdentity(process.pid) ?? String(process.pid);
  const holder = create(file, me);
  if (holder === null) return () => rmSync(file, { force: true });
  if (!isAlive(holder)) removeStale(file, holder);
  return null;
}

/** Null when the lock is now ours, else who has it. The file appears with its content, so nobody reads half of it. */
function create(file: string, me: string): string | null {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, me);
  try {
    linkSync(draft, file);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read(file) ?? me;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Two processes may find the same stale lock; the slower one must not remove what the faster one has put there since.
 * So one at a time looks again and removes. This takes microseconds: a mutex older than seconds was left by a kill.
 */
function removeStale(file: string, holder: string): void {
  const mutex = `${file}.takeover`;
  try {
    writeFileSync(mutex, '', { flag: 'wx' });
  } catch {
    const madeMs = statSync(mutex, { throwIfNoEntry: false })?.mtimeMs;
    if (madeMs !== undefined && Date.now() - madeMs > 10_000) rmSync(mutex, { force: true });
    return;
  }
  if (read(file) === holder) rmSync(file, { force: true });
  rmSync(mutex, { force: true });
}

function isAlive(holder: string): boolean {
  return processIdentity(Number.parseInt(holder, 10)) === holder;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
