import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import {
  createHttpServer,
  type GraphqlEndpoint,
  type HttpServerOptions,
} from '../../src/adapters/http/create-http-server';
import { createLogger } from '../../src/adapters/http/logger';
import { createMetrics, type MetricsRegistry } from '../../src/adapters/http/metrics';
import { AccessError, type Caller } from '../../src/app/access';

export const ADMIN_KEY = 'sfi_admin0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
export const VIEWER_KEY = 'sfi_viewer-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';

const CALLERS: Readonly<Record<string, Caller>> = {
  [ADMIN_KEY]: { keyId: 'key-admin', workspaceId: 'w', role: 'admin' },
  [VIEWER_KEY]: { keyId: 'key-viewer', workspaceId: 'w', role: 'viewer' },
};

type Overrides = Partial<Omit<HttpServerOptions, 'settings' | 'graphql'>> & {
  readonly settings?: Partial<HttpServerOptions['settings']>;
  readonly graphql?: Partial<GraphqlEndpoint> | null;
};

export interface Running {
  readonly url: string;
  readonly port: number;
  readonly metrics: MetricsRegistry;
  /** Parsed log lines so far. */
  logs(): Record<string, unknown>[];
  /** The log as it was written. */
  logText(): string;
  close(graceMs: number): Promise<void>;
}

const running: Running[] = [];

/** A server on a free port, open unless `settings.open` is false; ended after the test. */
export async function startServer(overrides: Overrides = {}): Promise<Running> {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  const logger = createLogger({ level: 'debug', role: 'server', destination });
  const metrics = createMetrics({ version: '1.2.3', logger });
  const open = overrides.settings?.open ?? true;
  const server = createHttpServer({
    logger,
    ready: async () => ({ ok: true, checks: { database: null } }),
    graphiqlHtml: null,
    dashboardFolder: null,
    authenticate: async (secret) => {
      const caller = secret === null ? null : CALLERS[secret];
      if (caller != null) return caller;
      if (secret === null && open) return { keyId: null, workspaceId: 'local', role: 'admin' };
      throw new AccessError('UNAUTHENTICATED', 'this takes an API key');
    },
    metrics,
    ...overrides,
    settings: {
      host: '127.0.0.1',
      port: 0,
      open,
      trustedProxies: 0,
      metrics: 'protected',
      ...overrides.settings,
      limits: { maxBodyBytes: 1024, requestsPerMinute: 1000, ...overrides.settings?.limits },
    },
    graphql: overrides.graphql === null ? null : echoEndpoint(overrides.graphql),
  });
  const { url, port } = await server.listen();
  const started: Running = {
    url,
    port,
    metrics,
    logs: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    logText: () => text,
    close: server.close,
  };
  running.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});

/** In the API's place: answers what reached it, and echoes over WebSockets. */
function echoEndpoint(given: Partial<GraphqlEndpoint> = {}): GraphqlEndpoint {
  const sockets = new WebSocketServer({ noServer: true });
  return {
    middleware: (request, response) => {
      const { body, caller } = request;
      const text = JSON.stringify(body) ?? '';
      response.json({
        caller,
        bytes: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
        body: text.length < 1000 ? body : null,
      });
    },
    stream: null,
    upgrade: (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (data) => client.send(String(data)));
      });
    },
    close: async () => {
      for (const client of sockets.clients) client.close(1001, 'Going away');
    },
    ...given,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed. */
  json(): { errors: { message: string; extensions: Record<string, unknown> }[] } & Record<string, unknown>;
  /** The code of the only error. */
  code(): unknown;
}

/** One request on a connection of its own; `headers` may hold what fetch does not allow. */
export function send(
  server: Running,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
        headers: options.headers,
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = () => JSON.parse(text);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json,
            code: () => {
              const { errors } = json();
              expect(errors).toHaveLength(1);
              expect(typeof errors[0].message).toBe('string');
              return errors[0].extensions.code;
            },
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

export const JSON_TYPE = { 'content-type': 'application/json' };

export const post = (
  server: Running,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Promise<Answer> => send(server, '/graphql', { body, headers });

/** Writes bytes as they are, and `more` of them as answers come; resolves with all that came back, when the server has closed. */
export function sendRaw(
  server: Running,
  text: string,
  more: (answerSoFar: string) => string | null = () => null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += String(chunk);
      const next = more(answer);
      if (next !== null) socket.write(next);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
