import WebSocket from 'ws';
import { StoreUnavailableError } from '../../src/app/ports/run-store';
import { launchOf } from '../support/service';
import { type ApiServer, dataOf, openApi, REQUEST } from './support';

// Long-lived connections whose key, or whose database, goes away.

const PROGRESS = 'subscription P($id: ID!) { planProgress(planId: $id) { status } }';

let api: ApiServer;
let planId: string;
beforeAll(async () => {
  api = await openApi();
  // Nobody evaluates it: it stays as it is.
  planId = (await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST))).plan.id;
}, 60_000);
afterAll(() => api?.close());

async function newKey(): Promise<{ readonly secret: string; revoke(): Promise<void> }> {
  const { createApiKey } = dataOf(
    await api.query(
      'mutation { createApiKey(input: { name: "short", role: VIEWER }) { secret key { id } } }',
    ),
  );
  return {
    secret: createApiKey.secret,
    async revoke() {
      const id = createApiKey.key.id;
      dataOf(await api.query('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id }));
    },
  };
}

test('a subscription ends when its key is revoked, those of other keys go on', async () => {
  const [ended, other] = [await newKey(), await newKey()];
  const open = async (secret: string) => {
    const client = api.client({ apiKey: secret });
    const closed = new Promise((resolve) => client.on('closed', resolve));
    const progress = client.iterate({ query: PROGRESS, variables: { id: planId } });
    await progress.next();
    // The connection is what is looked at here; the rest of its messages is not.
    progress.next().catch(() => undefined);
    return { closed };
  };
  const [first, second] = [await open(ended.secret), await open(other.secret)];
  await ended.revoke();
  expect(await first.closed).toMatchObject({ code: 4403, reason: 'this API key was revoked' });
  const still = new Promise((resolve) => setTimeout(resolve, 50, 'open'));
  expect(await Promise.race([second.closed, still])).toBe('open');
  expect(api.logged).toEqual([]);
}, 30_000);

test('so does a stream of events, and says why', async () => {
  const key = await newKey();
  const response = await fetch(`${api.url}/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key.secret}` },
    body: JSON.stringify({ query: PROGRESS, variables: { id: planId } }),
  });
  await key.revoke();
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('event:'));
  const [first = '', last = '', end] = events;
  expect(JSON.parse(first.split('data: ')[1]!)).toEqual({ data: { planProgress: { status: 'QUEUED' } } });
  expect(JSON.parse(last.split('data: ')[1]!)).toEqual({
    errors: [{ message: 'this API key was revoked', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect([end, events.length]).toEqual(['event: complete\ndata:', 3]);
  expect(api.logged).toEqual([]);
}, 30_000);

test('a WebSocket opened while the database is away is told to come again', async () => {
  const away = await openApi({
    authenticate: () => Promise.reject(new StoreUnavailableError(new Error('ECONNREFUSED 10.0.0.7'))),
  });
  const closed = await new Promise((resolve) => {
    const socket = new WebSocket(away.url.replace('http', 'ws'), 'graphql-transport-ws');
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.once('close', (code, reason) => resolve([code, String(reason)]));
  });
  expect(closed).toEqual([1013, 'the database cannot be reached']);
  expect(away.logged).toEqual([]);
  await away.close();
}, 30_000);
