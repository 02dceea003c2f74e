import { spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { type Hold, openKeepalive } from './keepalive';
import type { Site } from './site';

/**
 * Runs PostgreSQL ($0 with its arguments) for as long as somebody holds the pipe that is its input. A shell, because it
 * has to outlive the program that starts it and costs 1 MB.
 *
 * - End of file on the pipe: fast shutdown. Asked again until PostgreSQL has gone, because it may not listen to signals yet.
 * - PostgreSQL killed by a signal (kill -9, out of memory): started again, with patience: what it leaves behind needs a
 *   moment to notice. Any other end is its own decision, told by the log, and the watchdog's too.
 */
const SCRIPT = `
stopping= server= retries=0
stop() { stopping=1; kill -INT "$server" 2>/dev/null; }
exec 3<&0 </dev/null
trap stop TERM INT HUP
(trap - TERM INT HUP; while read -r _; do :; done; kill -TERM $$) <&3 3<&- &
exec 3<&-
while [ -z "$stopping" ]; do
  "$0" "$@" & server=$!
  wait "$server"; status=$?
  while [ -n "$stopping" ] && kill -INT "$server" 2>/dev/null; do sleep 0.1; done
  if [ -n "$stopping" ]; then exit 0
  elif [ "$status" -gt 128 ]; then retries=100
  elif [ "$retries" -eq 0 ]; then exit "$status"
  else retries=$((retries - 1)); fi
  sleep 0.1
done
`;

const LOG_BYTES_MAX = 10e6;

export interface Watchdog {
  readonly hold: Hold;
  /** Size of the log before this start. */
  readonly logStartBytes: number;
  ended(): boolean;
}

export function startWatchdog(site: Site, postgres: string, args: readonly string[]): Watchdog {
  const logBytes = statSync(site.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const rotate = logBytes > LOG_BYTES_MAX;
  if (rotate) renameSync(site.logFile, `${site.logFile}.old`);
  const log = openSync(site.logFile, 'a', 0o600);
  const { hold, readEnd } = openKeepalive(site.keepalive);
  const shell = spawn('/bin/sh', ['-c', SCRIPT, postgres, ...args], {
    ...site.account,
    cwd: '/',
    // PostgreSQL reads PGDATA, PGPORT and others: it gets none of ours, nor our secrets.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    stdio: [readEnd, log, log],
    // A session of its own: Ctrl-C at the terminal is for the program, which stops the server when it is done.
    detached: true,
  });
  let ended = false;
  shell.on('error', () => {
    ended = true;
  });
  shell.on('exit', () => {
    ended = true;
  });
  shell.unref();
  closeSync(readEnd);
  closeSync(log);
  return { hold, logStartBytes: rotate ? 0 : logBytes, ended: () => ended };
}
