import fc from 'fast-check';
import WebSocket from 'ws';
import { type BuiltServer, createKey, startServer } from '../support/built-server';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Whatever is sent over a WebSocket, the connection is closed with a code that says why, or goes on; the server lives.

let database: TestDatabase;
let server: BuiltServer;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  key = await createKey(database.url, { role: 'admin' });
  server = await startServer(database.url, {
    SIMFAASINFER_REQUESTS_PER_MINUTE: '1000000',
    SIMFAASINFER_WORKER_IN_SERVER: 'off',
    SIMFAASINFER_OPEN: 'off',
  });
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** What is sent; null: the connection is cut without a word. */
type Sent = string | Buffer | null;

const query = fc.constantFrom(
  `subscription { planProgress(planId: "${UNKNOWN}") { status } }`,
  'subscription { planProgress(planId: "x") { status } }',
  `subscription { planProgress(planId: "${UNKNOWN}", runId: "${UNKNOWN}") { status } }`,
  `subscription { candidateEvaluated(runId: "${UNKNOWN}") { configId } }`,
  'subscription { planProgress(planId: "\\u0000") { status } }',
  'subscription { planProgress(planId: 7) { nothing } }',
  'subscription { a: planProgress { status } b: planProgress { status } }',
  'subscription A { planProgress { status } } subscription B { planProgress { status } }',
  'query { viewer { role } }',
  'mutation { cancelPlan(id: "x") { status } }',
  `subscription { planProgress { ${'plan { latestRun { '.repeat(30)}status${' } }'.repeat(30)} } }`,
  'subscription { ...A } fragment A on Subscription { ...B } fragment B on Subscription { ...A }',
  `subscription { planProgress { ${'x: status '.repeat(3000)} } }`,
  'subscription {',
  '',
);

const id = fc.constantFrom('1', '2', '', '__proto__', 'constructor', '\u0000', '💥');
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 1e308, [], '__proto__', '\ud800'));

const message: fc.Arbitrary<Sent> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.record({ id, type: fc.constant('subscribe'), payload: fc.record({ query }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        id,
        type: fc.constant('subscribe'),
        payload: fc.record({
          query: fc.oneof(query, odd),
          variables: odd,
          operationName: odd,
          extensions: odd,
        }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        id,
        type: fc.constantFrom('complete', 'ping', 'pong', 'next', 'error', 'connection_init', 'start'),
        payload: odd,
      }),
    },
    { weight: 1, arbitrary: fc.record({ id: odd, type: odd, payload: odd }) },
    { weight: 1, arbitrary: odd },
  )
  .map((value) => JSON.stringify(value));

const raw: fc.Arbitrary<Sent> = fc.oneof(
  message,
  message.map((text) => (text as string).slice(0, -3)),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom<Sent>(null, '['.repeat(30_000), 'x'.repeat(70_000), Buffer.from([0xff, 0xfe])),
);

interface Conversation {
  /** How the connection begins. */
  readonly greeting: 'key' | 'no key' | 'odd' | 'none';
  readonly sent: readonly Sent[];
}

const conversation: fc.Arbitrary<Conversation> = fc.record({
  greeting: fc.oneof(
    { weight: 5, arbitrary: fc.constant('key' as const) },
    { weight: 1, arbitrary: fc.constantFrom('no key' as const, 'odd' as const, 'none' as const) },
  ),
  sent: fc.array(fc.oneof({ weight: 4, arbitrary: message }, { weight: 1, arbitrary: raw }), {
    maxLength: 8,
  }),
});

const GREETINGS: Readonly<Record<Conversation['greeting'], (secret: string) => object | null>> = {
  key: (secret) => ({ type: 'connection_init', payload: { apiKey: secret } }),
  // A wrong key would soon have the address refused, see below.
  'no key': () => ({ type: 'connection_init', payload: { authorization: 'Basic c2Zp' } }),
  odd: () => ({ type: 'connection_init', payload: [1] }),
  none: () => null,
};

/** Codes of WebSocket and of graphql-ws for what a client does wrong; 1005 and 1006 where this side ended it. */
const CLIENTS_FAULT = [1000, 1002, 1003, 1005, 1006, 1007, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429];
const OF_OURS = /\\n\s+at |node_modules|\/dist\/|\bSELECT\b.+\bFROM\b|[Pp]risma|[Pp]ostgres/;

/** What is wrong with how the server took it; null: nothing. */
function talk({ greeting, sent }: Conversation): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    let fault: string | null = null;
    const say = (value: Sent) => {
      if (value === null) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.send(value);
    };
    socket.on('open', () => {
      const hello = GREETINGS[greeting](key);
      if (hello !== null) say(JSON.stringify(hello));
      if (greeting !== 'key') for (const value of sent) say(value);
      if (greeting === 'none' || sent.length === 0) socket.close(1000);
    });
    socket.on('message', (data) => {
      const text = String(data);
      const { type, payload } = JSON.parse(text) as {
        type: string;
        payload?: { extensions?: { code?: string } }[];
      };
      if (type === 'connection_ack') {
        for (const value of sent) say(value);
        // Answered after all of the above.
        say(JSON.stringify({ type: 'ping', payload: { last: true } }));
      }
      if (type === 'pong' && text.includes('"last":true')) socket.close(1000);
      if (OF_OURS.test(text)) fault = `shows our insides: ${text}`;
      if (type !== 'error') return;
      for (const { extensions } of payload ?? []) {
        if (!/^[A-Z_]+$/.test(extensions?.code ?? '') || extensions?.code?.startsWith('INTERNAL'))
          fault = `an error without a code of the client's fault: ${text}`;
      }
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      if (!CLIENTS_FAULT.includes(code)) fault ??= `closed with ${code} ${String(reason)}`;
      if (OF_OURS.test(String(reason))) fault ??= `closed because of ${String(reason)}`;
      resolve(fault);
    });
  });
}

test('500 random conversations end with a code; the server tells of no fault of its own', async () => {
  const seed = Number(process.env.FC_SEED ?? 20_261_124);
  const count = Math.ceil(500 * Number(process.env.FC_RUNS ?? 1));
  const conversations = fc.sample(conversation, { seed, numRuns: count });
  const faults: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < count && faults.length < 3) {
      const i = next++;
      const fault = await talk(conversations[i]!);
      if (fault !== null)
        faults.push(
          `${fault} (FC_SEED=${seed}, conversation ${i}): ${JSON.stringify(conversations[i]).slice(0, 1500)}`,
        );
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  expect(faults).toEqual([]);
  expect(server.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(server.stray).toEqual([]);
  // It still serves.
  const { viewer } = (await server.http(key).request('{ viewer { role } }')) as { viewer: object };
  expect(viewer).toEqual({ role: 'ADMIN' });
}, 300_000);

test('one that does not speak the protocol, and one with nothing to say, are let go', async () => {
  const closed = (protocol: string | undefined) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, protocol);
      socket.on('error', () => {});
      socket.on('close', resolve);
    });
  expect(await closed('graphql-ws')).not.toBe(1000);
  // Within graphql-ws' time for connection_init.
  expect(await closed('graphql-transport-ws')).toBe(4408);
}, 60_000);

test('an address that tries many keys is refused for a while, and told why', async () => {
  const closing = (secret: string) =>
    new Promise<string>((resolve, reject) => {
      const query = `subscription { planProgress(planId: "${UNKNOWN}") { status } }`;
      server.ws({ apiKey: secret }).subscribe(
        { query },
        {
          next: () => reject(new Error('it was answered')),
          error: (error) => {
            const { code, reason } = error as { code: number; reason: string };
            resolve(`${code} ${reason}`);
          },
          complete: () => reject(new Error('it ended')),
        },
      );
    });
  for (let i = 0; i < 30; i++) expect(await closing(`sfi_${i}`)).toBe('4403 Forbidden');
  expect(await closing(key)).toMatch(/^4429 failed attempts with wrong API keys/);
  expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
}, 60_000);
