// Servers, workers and their database as processes of their own, for measuring and for killing.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = join(fileURLToPath(import.meta.url), '..', '..', '..');
/** BENCH_DIST measures another build than dist/. */
export const distFolder = process.env.BENCH_DIST ?? join(root, 'dist');
const require = createRequire(import.meta.url);
export const dist = (path) => require(join(distFolder, path));

/** Settings of the caller's shell would be settings of what is measured. */
const OWN_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith('SIMFAASINFER_') && !['DATABASE_URL', 'PORT', 'HOST', 'NODE_ENV'].includes(name),
  ),
);

/**
 * Starts `simfaasinfer <command>` and waits for the log line that says it is ready. `core` pins it to one, where the
 * system can. What it logs from level `warn` up goes to this program's standard error, unless `quiet`.
 */
export async function startService(command, { env, core = null, quiet = false, nodeOptions = [] }) {
  const service = startProcess(process.execPath, [...nodeOptions, join(distFolder, 'cli.js'), command], {
    env,
    core,
  });
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: service.child.stdout }).on('line', (text) => {
      const line = parsed(text);
      if (line.url !== undefined || line.workerId !== undefined) resolve(line);
      if (!quiet && !['trace', 'debug', 'info'].includes(line.level)) process.stderr.write(`  ${text}\n`);
    });
    service.ended.then(() => reject(new Error(`simfaasinfer ${command} ended before it was ready`)));
  });
  service.child.stderr.on('data', (data) => quiet || process.stderr.write(data));
  const { url = null, workerId = null } = await ready;
  return { ...service, url, workerId };
}

/** Starts a program; `core` pins it to one, where the system can. */
export function startProcess(program, args, { env = {}, core = null, cwd = root }) {
  const [command, ...rest] = pinned(core, [program, ...args]);
  const child = spawn(command, rest, {
    cwd,
    env: { ...OWN_ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = once(child, 'exit').then(() => children.delete(child));
  return {
    child,
    pid: child.pid,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Nothing that was started outlives this program. */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export const canPin = process.platform === 'linux' && existsOnPath('taskset');

const pinned = (core, command) =>
  core === null || !canPin ? command : ['taskset', '-c', String(core), ...command];

function existsOnPath(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      return readFileSync(join(folder, program)).length > 0;
    } catch {
      return false;
    }
  });
}

/** Pins a running process with all its threads, where the system can; what it starts later stays there too. Returns what undoes it. */
export function moveToCores(pid, cores) {
  const move = (list) =>
    canPin &&
    execFileSync('taskset', ['-acp', list, String(pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
  move(cores);
  return () => move(`0-${cpus().length - 1}`);
}

/** CPU time of a process since its start, s; of all its threads. Linux only, as is the next. */
export function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const residentMiBOf = (pid) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Load of the machine over the last minute, told next to figures: others may have used it too. */
export const load = () => loadavg()[0].toFixed(2);

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { level: 'warn', msg: text };
  }
}
