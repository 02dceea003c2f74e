import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/adapters/cli/run-cli';

export const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/cli.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** Starts a program, its output gathered. */
export function start(command: string, args: readonly string[], cwd: string = ROOT): Started {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...text }));
  });
  return { child, finished };
}

export const startCli = (args: readonly string[], cwd?: string): Started =>
  start(process.execPath, [CLI, ...args], cwd);

/** Runs the built command line. */
export const cli = (args: readonly string[], cwd?: string): Promise<Finished> => startCli(args, cwd).finished;

/** A folder of its own for each test of the file, with what it writes. */
export function scratchFolder(): {
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string) => string;
} {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simfaasinfer-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  return {
    path,
    write(name, text) {
      writeFileSync(path(name), text);
      return path(name);
    },
  };
}

/** Two candidates, decided within a second. */
export const SMALL_REQUEST = `
model: llama-7b
workload:
  arrival_rate_range: [1, 40]
  prompt_length: 256
  output_length: 32
constraints: {max_ttft_p95_ms: 2000, max_cost_per_hour: 100}
config_space:
  gpu_types: [A100, H100]
  num_replicas: [1]
  schedulers: [vllm]
  max_batch_sizes: [32]
simulation: {duration: 20, warmup_duration: 2, random_seed: 7}
`;

/** The same without a hope. */
export const HOPELESS_REQUEST = SMALL_REQUEST.replace('max_ttft_p95_ms: 2000', 'max_ttft_p95_ms: 3');

/** What differs between two runs of one request. */
export function withoutClock(report: string): unknown {
  const { timestamp: _, summary, ...rest } = JSON.parse(report) as { timestamp: string; summary: object };
  return { ...rest, summary: { ...summary, total_simulation_time_s: null } };
}

/** Runs the command line in this process, where nothing is to be simulated: many times faster. */
export async function cliHere(args: readonly string[]): Promise<Finished> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const createRunner = () => {
    throw new Error('nothing should be simulated');
  };
  const service = () => {
    throw new Error('no service should be started');
  };
  const streams = { stdout, stderr } as unknown as Record<'stdout' | 'stderr', NodeJS.WriteStream>;
  const code = await runCli(args, { ...streams, showsProgress: false, createRunner, service });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
