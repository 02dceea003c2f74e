import type { FormattedExecutionResult } from 'graphql';
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import { launchOf } from '../support/service';
import { type ApiServer, type Data, openApi, REQUEST } from './support';

let api: ApiServer;
beforeAll(async () => {
  api = await openApi();
}, 60_000);
afterAll(() => api?.close());

const launch = async (name: string) =>
  (await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST, { name }))).plan.id;

/** Everything a subscription says, until it ends. */
async function all(client: Client, query: string, variables: Record<string, unknown>): Promise<Data[]> {
  const results: Data[] = [];
  for await (const { data, errors } of client.iterate({ query, variables })) {
    expect(errors).toBeUndefined();
    results.push(data);
  }
  return results;
}

const PROGRESS = `subscription ($id: ID!) { planProgress(planId: $id) {
  status evaluatedCount candidateCount plan { name } best { configId } progress { fractionDone finished } } }`;
const CANDIDATES = `subscription ($id: ID!, $only: Boolean! = false) { candidateEvaluated(planId: $id, onlyFeasible: $only) {
  configId status performance { maxSustainableQps } plan { name } } }`;

test('progress begins with the state of now, goes on to the last one and ends', async () => {
  const id = await launch('progress');
  const client = api.client();
  const following = all(client, PROGRESS, { id });
  const watching = all(client, CANDIDATES, { id });
  const feasible = all(api.client(), CANDIDATES, { id, only: true });
  const worker = api.test.startWorker();
  const states = (await following).map(({ planProgress }) => planProgress);
  expect(states[0].status).toMatch(/QUEUED|RUNNING/);
  expect(states.at(-1)).toMatchObject({
    status: 'COMPLETED',
    evaluatedCount: 16,
    plan: { name: 'progress' },
    best: { configId: expect.any(Number) },
    progress: { fractionDone: 1, finished: true },
  });
  const counts = states.map(({ evaluatedCount }) => evaluatedCount);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));

  const candidates = (await watching).map(({ candidateEvaluated }) => candidateEvaluated);
  expect(new Set(candidates.map(({ configId }) => configId)).size).toBe(16);
  expect(candidates).toHaveLength(16);
  const some = (await feasible).map(({ candidateEvaluated }) => candidateEvaluated);
  expect(some.length).toBeGreaterThan(0);
  expect(some.map(({ configId }) => configId).sort()).toEqual(
    candidates
      .filter(({ status }) => status === 'FEASIBLE' || status === 'CAPPED')
      .map(({ configId }) => configId)
      .sort(),
  );

  // Of a finished plan: its last state, and all its candidates, at once.
  expect(await all(client, PROGRESS, { id })).toHaveLength(1);
  expect(await all(client, CANDIDATES, { id })).toHaveLength(16);
  await worker.stop(0);
}, 60_000);

test('a lost connection to the database loses nothing', async () => {
  const id = await launch('resync');
  const following = all(api.client(), PROGRESS, { id });
  const watching = all(api.client(), CANDIDATES, { id });
  const { sql } = api.test.database;
  const worker = api.test.startWorker();
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query ILIKE 'listen%'`;
  }
  expect((await following).at(-1).planProgress.status).toBe('COMPLETED');
  expect(await watching).toHaveLength(16);
  await worker.stop(0);
}, 60_000);

describe('a connection', () => {
  const first = async (
    client: Client,
    query: string,
    variables = {},
  ): Promise<FormattedExecutionResult | undefined> => {
    for await (const result of client.iterate({ query, variables }))
      return result as FormattedExecutionResult;
    return undefined;
  };
  const refusal = (
    client: Client,
    query: string,
    variables = {},
  ): Promise<{ message: string; extensions: { code: string } }[]> =>
    first(client, query, variables).then(
      (result) => result?.errors as never,
      (error: unknown) => error as never,
    );

  test('is by key, and sees its own workspace only', async () => {
    const id = await launch('private');
    const own = api.client({ authorization: `Bearer ${await api.newKey('viewer')}` });
    expect((await first(own, PROGRESS, { id }))?.data).toMatchObject({
      planProgress: { plan: { name: 'private' } },
    });
    const other = api.client({ apiKey: await api.newKey('admin', 'other') });
    expect(await refusal(other, PROGRESS, { id })).toMatchObject([
      { extensions: { code: 'NOT_FOUND', kind: 'plan', id } },
    ]);
    const wrong = api.client({ apiKey: 'sfi_wrong' });
    await expect(first(wrong, PROGRESS, { id })).rejects.toMatchObject({ code: 4403 });
  });

  test('is for subscriptions, with the limits of any document', async () => {
    const client = api.client();
    const code = async (query: string, variables = {}) =>
      (await refusal(client, query, variables))[0]?.extensions.code;
    expect(await code('{ viewer { role } }')).toBe('BAD_REQUEST');
    expect(await code('subscription { nothing }')).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await code('subscription {')).toBe('GRAPHQL_PARSE_FAILED');
    expect(await code('subscription { planProgress { id } }')).toBe('INVALID_INPUT');
    expect(await code('subscription { planProgress(runId: "x") { id } }')).toBe('INVALID_INPUT');
    expect(
      await code(
        `subscription { planProgress(runId: "x") { ${'plan { latestRun { '.repeat(6)}id${' } }'.repeat(6)} } }`,
      ),
    ).toBe('LIMIT_EXCEEDED');
    expect(await code(`subscription { planProgress(runId: "x") { ${'id '.repeat(2000)} } }`)).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(await code(PROGRESS, { id: [] })).toBe('BAD_USER_INPUT');
  });

  test('has so many subscriptions at a time', async () => {
    const id = await launch('many');
    const client = api.client();
    const open = [1, 2, 3].map(() => client.iterate({ query: PROGRESS, variables: { id } }));
    for (const each of open) await each.next();
    expect(await refusal(client, PROGRESS, { id })).toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED', found: 4, allowed: 3 } },
    ]);
    // One that ends, while nothing happens, makes room for another.
    await open[0]?.return?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await first(client, PROGRESS, { id }))?.data).toMatchObject({
      planProgress: { plan: { name: 'many' } },
    });
    for (const each of open) await each.return?.();
  });

  test('that sends too much or nonsense is closed', async () => {
    const closed = (message: string | Buffer): Promise<number> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(api.url.replace('http', 'ws'), 'graphql-transport-ws');
        socket.once('open', () => socket.send(message));
        socket.once('close', resolve);
        socket.once('error', reject);
      });
    expect(await closed('nonsense')).toBe(4400);
    expect(
      await closed(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }' } })),
    ).toBe(4401);
    expect(await closed('x'.repeat(100_000))).toBe(1009);
  });
});

test('the same over server-sent events', async () => {
  const id = await launch('events');
  const worker = api.test.startWorker();
  const stream = (body: object) =>
    fetch(`${api.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
    });
  const response = await stream({ query: PROGRESS, variables: { id } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text();
  const states = [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data).data.planProgress,
  );
  expect(states.at(-1)).toMatchObject({ status: 'COMPLETED', evaluatedCount: 16 });
  expect(text.trimEnd().endsWith('event: complete\ndata:')).toBe(true);

  const refused = await stream({ query: '{ viewer { role } }' });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  const unknown = await stream({
    query: PROGRESS,
    variables: { id: '00000000-0000-4000-8000-000000000000' },
  });
  expect(await unknown.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  await worker.stop(0);
}, 60_000);

test('closing the API ends its connections', async () => {
  const server = await openApi();
  const { plan } = await server.test.api.launchPlan(server.test.caller, launchOf(REQUEST));
  const client = server.client();
  const closed = new Promise((resolve) => client.on('closed', resolve));
  const progress = client.iterate({ query: PROGRESS, variables: { id: plan.id } });
  await progress.next();
  await server.close();
  expect(await closed).toMatchObject({ code: 1001 });
}, 60_000);
