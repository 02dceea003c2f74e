import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { connectDatabase } from '../../src/adapters/db/connect';
import { createReadStore } from '../../src/adapters/db/read-store';
import { createGraphqlApi } from '../../src/adapters/graphql/create-graphql-api';
import type { GraphqlApiOptions, GraphqlLimits } from '../../src/adapters/graphql/options';
import type { Caller } from '../../src/app/access';
import { authenticate, issueApiKey } from '../../src/app/api-keys';
import type { Role } from '../../src/app/ports/records';
import { createTestService, SILENT, type TestService } from '../support/service';

export const LIMITS: GraphqlLimits = {
  maxQueryDepth: 12,
  maxQueryComplexity: 5000,
  maxAliases: 30,
  maxRootFields: 10,
  maxTokens: 2000,
  maxPageSize: 200,
  maxSubscriptionsPerConnection: 3,
};

/** An error as a client sees it. */
export interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
export type Data = any;

export interface Answer {
  readonly status: number;
  readonly data?: Data;
  readonly errors?: readonly WireError[];
}

export interface ApiServer {
  readonly url: string;
  readonly test: TestService;
  /** Statements sent for requests of the API so far. */
  readonly sent: string[];
  /** Everything logged as an error. */
  readonly logged: object[];
  query(text: string, variables?: object, key?: string): Promise<Answer>;
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Over a real WebSocket. */
  client(connectionParams?: Record<string, unknown>): Client;
  newKey(role: Role, workspace?: string): Promise<string>;
  close(): Promise<void>;
}

/** The API behind a small web server, on the real service and a real database. Without a key a caller is an admin. */
export async function openApi(options: Partial<GraphqlApiOptions> = {}): Promise<ApiServer> {
  const test = await createTestService();
  const sent: string[] = [];
  const logged: object[] = [];
  const database = connectDatabase(test.url, { poolSize: 6, onStatement: ({ text }) => sent.push(text) });
  const { writes, catalog } = test.service;
  const identify = async (secret: string | null): Promise<Caller> =>
    secret === null ? test.caller : authenticate(writes, secret, new Date());
  const graphql = await createGraphqlApi({
    readStore: createReadStore(database),
    api: test.api,
    events: test.events,
    catalog,
    limits: LIMITS,
    authenticate: identify,
    logger: { ...SILENT, error: (fields: object) => logged.push(fields) },
    introspection: true,
    persistedQueries: { mode: 'off' },
    ...options,
  });
  const app = express();
  app.use(express.json({ limit: '16mb' }), async (request, _response, next) => {
    const secret = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    request.caller = await identify(secret);
    next();
  });
  app.all('/graphql', graphql.middleware);
  app.all('/graphql/stream', graphql.stream);
  const server = createServer(app);
  server.on('upgrade', graphql.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/graphql`;
  const clients: Client[] = [];

  async function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  return {
    url,
    test,
    sent,
    logged,
    post,
    query: (query, variables = {}, key) =>
      post({ query, variables }, key === undefined ? {} : { authorization: `Bearer ${key}` }),
    client(connectionParams = {}) {
      const client = createClient({
        url: url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    },
    async newKey(role, workspace = 'default') {
      const { id: workspaceId } = await writes.ensureWorkspace(workspace);
      const { secret } = await issueApiKey(writes, { workspaceId, name: role, role, expiresAt: null });
      return secret;
    },
    async close() {
      await graphql.close();
      for (const client of clients) await client.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
      await test.close();
    },
  };
}

/** A plan of 16 candidates that takes a second or so. */
export const REQUEST = {
  model: 'llama-2-7b',
  workload: {
    arrival_rate_range: [0.5, 40],
    prompt_length: { distribution: 'fixed', value: 256 },
    output_length: { distribution: 'fixed', value: 32 },
  },
  constraints: { max_ttft_p95_ms: 1000, max_latency_p99_ms: 900, max_cost_per_hour: 60 },
  config_space: {
    gpu_types: ['A100', 'A10G'],
    tensor_parallel: [1, 2],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'sarathi'],
    max_batch_sizes: [64],
  },
  simulation: { duration: 20, warmup_duration: 2, random_seed: 7 },
};

/** The answer's data; fails the test when there are errors. */
export function dataOf({ data, errors }: Answer): Data {
  expect(errors).toBeUndefined();
  return data;
}

/** The one error of an answer. */
export function errorOf({ errors = [] }: Answer): WireError {
  expect(errors).toHaveLength(1);
  return errors[0]!;
}

declare module 'express-serve-static-core' {
  interface Request {
    caller?: Caller;
  }
}
