import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GraphQLClient } from 'graphql-request';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Role } from '../../src/app/ports/records';

const ROOT = join(__dirname, '../..');
/** What a user starts. TEST_DIST names another build than the checkout's. */
export const DIST = process.env.TEST_DIST ?? join(ROOT, 'dist');
const CLI = join(DIST, 'cli.js');

type Environment = Readonly<Record<string, string>>;

/** A line of the log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface BuiltProcess {
  readonly pid: number;
  /** Everything logged so far. */
  readonly log: readonly LogLine[];
  /** What it printed that is no line of the log. */
  readonly stray: readonly string[];
  /** The first log line with this message, once it is there. */
  logged(message: string | RegExp): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<End>;
  /** SIGTERM, unless it has ended. */
  stop(): Promise<End>;
}

export interface BuiltServer extends BuiltProcess {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** A client of graphql-request. */
  http(key?: string): GraphQLClient;
  /** A client of graphql-ws; closed with the server. */
  ws(connectionParams?: Record<string, unknown>): Client;
}

/** `simfaasinfer serve` on any free port, once it listens. */
export async function startServer(databaseUrl: string, env: Environment = {}): Promise<BuiltServer> {
  const started = startBuilt(['serve'], { DATABASE_URL: databaseUrl, PORT: '0', ...env });
  const { url } = await started.logged(/the API at/);
  if (typeof url !== 'string') throw new Error('the server does not say where it listens');
  const clients: Client[] = [];
  return {
    ...started,
    url,
    http: (key) =>
      new GraphQLClient(
        `${url}/graphql`,
        key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
      ),
    ws(connectionParams = {}) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) await client.dispose();
      return started.stop();
    },
  };
}

/** `simfaasinfer worker`, once it waits for tasks. */
export async function startWorker(databaseUrl: string, env: Environment = {}): Promise<BuiltProcess> {
  const started = startBuilt(['worker'], { DATABASE_URL: databaseUrl, ...env });
  await started.logged('waiting for tasks');
  return started;
}

/** A key as `simfaasinfer keys create` prints it. */
export async function createKey(
  databaseUrl: string,
  { role, workspace = 'default', expires }: { role: Role; workspace?: string; expires?: string },
): Promise<string> {
  const args = [
    'keys',
    'create',
    '--name',
    `${role} of ${workspace}`,
    '--role',
    role,
    '--workspace',
    workspace,
  ];
  if (expires !== undefined) args.push('--expires', expires);
  const { stray, ended } = startBuilt(args, { DATABASE_URL: databaseUrl });
  const { code } = await ended;
  const [secret] = stray;
  if (code !== 0 || secret === undefined) throw new Error(`keys create failed: ${stray.join('\n')}`);
  return secret;
}

const running = new Set<ChildProcess>();
// A test that fails leaves nothing behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The built program, with nothing of this process' environment but what it needs to run. */
function startBuilt(args: readonly string[], env: Environment): BuiltProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: { PATH, HOME, ...env } });
  running.add(child);
  const log: LogLine[] = [];
  const stray: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const parsed = parseLine(line);
      if (parsed === null) stray.push(line);
      else log.push(parsed);
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<End>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const isWanted = (message: string | RegExp, { msg }: LogLine) =>
    typeof message === 'string' ? msg === message : message.test(msg);
  return {
    pid: child.pid!,
    log,
    stray,
    ended,
    kill: (signal) => child.kill(signal),
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = log.find((line) => isWanted(message, line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(({ code, signal }) => {
          const told = [...stray, ...log.map((line) => JSON.stringify(line))].slice(-20).join('\n');
          reject(
            new Error(`${args.join(' ')} ended (${code ?? signal}) before it logged ${message}:\n${told}`),
          );
        });
      }),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function parseLine(line: string): LogLine | null {
  try {
    const value = JSON.parse(line) as LogLine;
    return typeof value === 'object' && value !== null && typeof value.msg === 'string' ? value : null;
  } catch {
    return null;
  }
}
