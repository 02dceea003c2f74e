import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Names a running process for as long as the machine runs: its number and when it started. Numbers alone come back:
 * in a container soon, with a different program behind them. Null when no such process runs.
 */
export function processIdentity(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const started = existsSync('/proc/self/stat') ? startFromProc(pid) : startFromPs(pid);
  return started === null ? null : `${pid} ${started}`;
}

/** The command line of a running process, its parts apart by spaces; null when no such process runs. */
export function commandLine(pid: number): string | null {
  if (processIdentity(pid) === null) return null;
  if (!existsSync('/proc/self/stat')) return ps(pid, 'command=');
  return readOrNull(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? null;
}

/** Ticks from boot to its start: field 22 of proc(5) stat, counted behind the name, which may hold spaces. */
function startFromProc(pid: number): string | null {
  const fields = readOrNull(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  // A zombie has ended; it is only waiting for its parent to ask.
  if (fields === undefined || fields[0] === 'Z') return null;
  return fields[19] ?? null;
}

function startFromPs(pid: number): string | null {
  const answer = ps(pid, 'stat=,lstart=');
  return answer === null || answer.startsWith('Z') ? null : answer.replace(/^\S+\s+/, '');
}

function ps(pid: number, columns: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-p', String(pid), '-o', columns], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
