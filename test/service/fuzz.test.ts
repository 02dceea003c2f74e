import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { type BuiltServer, createKey, startServer } from '../support/built-server';
import { type RandomRequest, randomRequests } from '../support/random-requests';
import { MEASURABLE, measureMemory, rssMib, type ServerMemory } from '../support/server-memory';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Whatever is sent, the answer is data or a coded error. FC_SEED replays, FC_RUNS multiplies the 5,000 requests.

let database: TestDatabase;
let server: BuiltServer;
let ids: string[];
const keys: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  for (const role of ['viewer', 'planner', 'admin'] as const)
    keys[role] = await createKey(database.url, { role });
  keys.stranger = await createKey(database.url, { role: 'admin', workspace: 'elsewhere' });
  // The limit of requests is tested elsewhere.
  server = await startServer(database.url, {
    SIMFAASINFER_REQUESTS_PER_MINUTE: '1000000',
    SIMFAASINFER_THREADS: '1',
    SIMFAASINFER_OPEN: 'off',
    ...MEASURABLE,
  });
  ids = [...(await idsOf(keys.admin!)), ...(await idsOf(keys.stranger!)), ...UNKNOWN_IDS];
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const UNKNOWN_IDS = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'ffffffff-ffff-ffff-ffff-ffffffffffff:1',
  '00000000-0000-0000-0000-000000000000:99999999999999999999',
  'not-an-id',
];

const PLAN = `mutation { launchPlan(input: { name: "seen", request: {
  model: "llama-2-7b",
  workload: { arrivalRateRange: [2, 20], promptLength: { distribution: FIXED, value: 128 }, outputLength: { distribution: FIXED, value: 4 } }
  configSpace: { gpuTypes: ["A100"], numReplicas: [1], maxBatchSizes: [8] },
  simulation: { duration: 10, warmupDuration: 1 }
} }) { plan { id } run { id } } }`;

/** Of a plan of a workspace, its run and its candidate. */
async function idsOf(key: string): Promise<string[]> {
  const { data } = (await server.http(key).rawRequest(PLAN)) as unknown as {
    data: { launchPlan: { plan: { id: string }; run: { id: string } } };
  };
  const { plan, run } = data.launchPlan;
  return [plan.id, run.id, `${run.id}:1`];
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** By hand: a client library would mend or refuse what is to be sent. */
function send({ method, path, headers, body }: RandomRequest, key: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
    const sent = httpRequest(
      `${server.url}${path}`,
      { method, headers: { ...headers, ...authorization } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          // A subscription over SSE goes on: its beginning is enough.
          if (response.headers['content-type']?.startsWith('text/event-stream') && text.length > 0)
            sent.destroy();
        });
        const done = () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            text,
          });
        response.on('end', done);
        response.on('close', done);
      },
    );
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

const CODE = /^[A-Z][A-Z_]+$/;
const OF_OURS =
  /\n\s+at |node_modules|\/src\/|\/dist\/|\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|prisma|postgres/i;

/** What is wrong with an answer; null: nothing. */
function faultOf({ kind, path }: RandomRequest, { status, contentType, text }: Answer): string | null {
  if (status >= 500) return `status ${status}`;
  if (contentType.startsWith('text/event-stream')) return null;
  if (!path.startsWith('/graphql') && status < 400) return null;
  if (!/json/.test(contentType))
    return status < 400 && path === '/graphql' ? null : `no JSON: ${contentType}`;
  const answer = JSON.parse(text) as {
    data?: unknown;
    errors?: {
      message?: unknown;
      path?: unknown;
      locations?: unknown;
      extensions?: { code?: unknown; path?: unknown };
    }[];
  };
  if (answer.errors === undefined) return answer.data === undefined ? 'neither data nor errors' : null;
  for (const { message, path: at, locations, extensions } of answer.errors) {
    const code = extensions?.code;
    if (typeof code !== 'string' || !CODE.test(code)) return 'an error without a code';
    if (code.startsWith('INTERNAL')) return 'an internal error';
    if (typeof message !== 'string' || message === '') return 'an error without a message';
    if (OF_OURS.test(message)) return 'an error that shows our insides';
    const placed = at !== undefined || locations !== undefined || extensions?.path !== undefined;
    // What is wrong with the request as a whole has no place in it.
    if (!placed && status === 200 && !WHOLE.includes(code))
      return `an error ${code} without a path (${kind})`;
  }
  return null;
}

const WHOLE = ['LIMIT_EXCEEDED', 'PERSISTED_QUERY_NOT_FOUND', 'UNAUTHENTICATED', 'FORBIDDEN', 'BAD_REQUEST'];

/** What 2,500 requests may leave behind: it was 1 MiB of heap, and 23 with a store of documents without bounds. */
async function expectSameMemory(before: ServerMemory): Promise<void> {
  const after = await measureMemory(server);
  expect(after.heapMib - before.heapMib).toBeLessThan(8);
  expect(after.rssMib - before.rssMib).toBeLessThan(60);
}

test('5,000 random requests each get data or a coded error; the server lives on in the same memory', async () => {
  const seed = Number(process.env.FC_SEED ?? 20_261_124);
  const count = Math.ceil(5000 * Number(process.env.FC_RUNS ?? 1));
  const requests = fc.sample(randomRequests(ids), { seed, numRuns: count });
  const callers = ['viewer', 'planner', 'admin', null] as const;
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const sendUpTo = async (end: number) => {
    while (next < end && faults.length < 5) {
      const i = next++;
      const request = requests[i]!;
      const caller = callers[i % callers.length]!;
      const answer = await send(request, caller === null ? null : keys[caller]!);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(request, answer);
      if (fault === null) continue;
      faults.push(
        `${fault} (FC_SEED=${seed}, request ${i}, ${request.kind}, as ${caller}):\n` +
          `${request.method} ${request.path}\n${(request.body ?? '').slice(0, 1500)}\n→ ${answer.status} ${answer.text.slice(0, 500)}`,
      );
    }
  };
  const sendAllUpTo = (end: number) => Promise.all(Array.from({ length: 8 }, () => sendUpTo(end)));
  await sendAllUpTo(count / 2);
  const warm = await measureMemory(server);
  await sendAllUpTo(count);
  expect(faults).toEqual([]);
  // Both kinds of answers came: neither did everything fail nor was everything let through.
  expect(statuses.get(200)).toBeGreaterThan(count / 10);
  expect([...statuses.keys()].filter((status) => status >= 400)).not.toEqual([]);
  await expectSameMemory(warm);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(server.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
}, 600_000);

test('a body of 100 MB is refused while it is being sent', async () => {
  const before = rssMib(server);
  const answer = await new Promise<number | 'cut'>((resolve) => {
    const sent = httpRequest(
      `${server.url}/graphql`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.admin}` },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', () => resolve('cut'));
    const block = Buffer.alloc(1 << 20, 'x');
    let blocks = 0;
    const more = () => {
      while (blocks < 100 && !sent.destroyed) {
        blocks++;
        if (!sent.write(block)) {
          sent.once('drain', more);
          return;
        }
      }
      sent.end();
    };
    sent.write('{"query":"');
    more();
  });
  expect([413, 'cut']).toContain(answer);
  expect(rssMib(server) - before).toBeLessThan(100);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('documents are not kept for their comments', async () => {
  const post = async (i: number) => {
    const query = `{ viewer { role } } # ${i} ${'x'.repeat(1 << 20)}`;
    const request = { kind: 'comment', method: 'POST' as const, path: '/graphql' };
    const headers = { 'content-type': 'application/json' };
    expect((await send({ ...request, headers, body: JSON.stringify({ query }) }, keys.viewer!)).status).toBe(
      200,
    );
  };
  await post(0);
  const before = await measureMemory(server);
  for (let i = 1; i <= 50; i++) await post(i);
  await expectSameMemory(before);
}, 60_000);

test('ids of another workspace are as unknown as any', async () => {
  const [plan, run, candidate] = await idsOf(keys.stranger!);
  const unknown = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  for (const [query, id, none] of [
    ['query($id: ID!) { plan(id: $id) { id } }', plan, unknown],
    ['query($id: ID!) { run(id: $id) { id } }', run, unknown],
    ['query($id: ID!) { candidate(id: $id) { id } }', candidate, `${unknown}:1`],
  ]) {
    const answers = await Promise.all(
      [id, none].map(async (asked) => {
        const request = {
          kind: 'id',
          method: 'POST' as const,
          path: '/graphql',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables: { id: asked } }),
        };
        const { text } = await send(request, keys.admin!);
        return text.replaceAll(asked!.split(':')[0]!, '<id>');
      }),
    );
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toMatch(/NOT_FOUND|null/);
  }
});
