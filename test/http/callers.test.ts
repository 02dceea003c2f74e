import { limitKey, remoteAddress } from '../../src/adapters/http/remote-address';
import { StoreUnavailableError } from '../../src/app/ports/run-store';
import { ADMIN_KEY, JSON_TYPE, post, send, startServer, VIEWER_KEY } from './support';

const CLOSED = { open: false };
const bearer = (secret: string) => ({ ...JSON_TYPE, authorization: `Bearer ${secret}` });

test('a key is taken from either header', async () => {
  const server = await startServer({ settings: CLOSED });
  expect((await post(server, '{}', bearer(ADMIN_KEY))).json().caller).toMatchObject({ keyId: 'key-admin' });
  const other = await post(server, '{}', { ...JSON_TYPE, 'x-api-key': VIEWER_KEY });
  expect(other.json().caller).toMatchObject({ keyId: 'key-viewer', role: 'viewer' });
});

test.each([
  ['no key', {}],
  ['an empty key', { 'x-api-key': '' }],
  ['a wrong key', { authorization: 'Bearer sfi_wrong' }],
  ['another scheme', { authorization: `Basic ${ADMIN_KEY}` }],
  ['two keys in one header', { authorization: `Bearer ${ADMIN_KEY} ${ADMIN_KEY}` }],
])('%s is 401, before the body is read', async (_what, headers) => {
  const server = await startServer({ settings: CLOSED });
  const answer = await post(server, 'no JSON, and too long: '.repeat(1000), { ...JSON_TYPE, ...headers });
  expect([answer.status, answer.code()]).toEqual([401, 'UNAUTHENTICATED']);
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  expect(server.logText()).not.toContain(ADMIN_KEY);
});

test('a wrong key is refused by an open server too', async () => {
  const answer = await post(await startServer(), '{}', bearer('sfi_wrong'));
  expect([answer.status, answer.code()]).toEqual([401, 'UNAUTHENTICATED']);
});

test('an address that tries many wrong keys is refused for a while, whatever it tries then', async () => {
  const server = await startServer({ settings: CLOSED });
  for (let i = 0; i < 30; i++) expect((await post(server, '{}', bearer(`sfi_${i}`))).status).toBe(401);
  const answer = await post(server, '{}', bearer(ADMIN_KEY));
  expect([answer.status, answer.code()]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
});

test('a database that is away is no wrong key', async () => {
  let calls = 0;
  const server = await startServer({
    settings: CLOSED,
    authenticate: () => {
      calls++;
      return Promise.reject(new StoreUnavailableError(new Error('connect ECONNREFUSED 10.1.2.3:5432')));
    },
  });
  for (let i = 0; i < 40; i++) {
    const answer = await post(server, '{}', bearer(ADMIN_KEY));
    expect([answer.status, answer.code()]).toEqual([503, 'UNAVAILABLE']);
    expect(answer.text).not.toContain('10.1.2.3');
  }
  expect(calls).toBe(40);
});

test('each key has its own rate, told in the headers', async () => {
  const limits = { maxBodyBytes: 1024, requestsPerMinute: 3 };
  const server = await startServer({ settings: { ...CLOSED, limits } });
  const remaining: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const { status, headers } = await post(server, '{}', bearer(ADMIN_KEY));
    expect([status, headers['ratelimit-limit']]).toEqual([200, '3']);
    remaining.push(headers['ratelimit-remaining']);
  }
  expect(remaining).toEqual(['2', '1', '0']);
  const refused = await post(server, '{}', bearer(ADMIN_KEY));
  expect([refused.status, refused.code()]).toEqual([429, 'RATE_LIMITED']);
  const wait = Number(refused.headers['retry-after']);
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  expect(refused.json().errors[0]?.extensions.retryAfterS).toBe(wait);
  expect((await post(server, '{}', bearer(VIEWER_KEY))).status).toBe(200);
  expect((await send(server, '/healthz')).status).toBe(200);
});

test('an open server answers programs of this machine only', async () => {
  const server = await startServer();
  const status = async (headers: Record<string, string>) => {
    const answer = await post(server, '{}', { ...JSON_TYPE, ...headers });
    return answer.status === 200 ? 200 : answer.code();
  };
  for (const host of [
    'localhost',
    `localhost:${server.port}`,
    '127.0.0.1:4000',
    '[::1]:4000',
    'LOCALHOST:1',
  ]) {
    expect([host, await status({ host })]).toEqual([host, 200]);
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    '10.0.0.1',
    'a@localhost',
  ]) {
    expect([host, await status({ host })]).toEqual([host, 'HOST_REFUSED']);
  }
  expect(await status({ origin: 'http://localhost:5173' })).toBe(200);
  for (const origin of ['https://evil.example', 'null', 'file://', 'http://localhost.evil.example']) {
    expect([origin, await status({ origin })]).toEqual([origin, 'ORIGIN_REFUSED']);
  }
  expect(await status({ 'x-forwarded-for': '10.0.0.1' })).toBe('PROXY_REFUSED');
  expect(await status({ via: '1.1 proxy' })).toBe('PROXY_REFUSED');
});

test('a server with keys may be addressed by any name', async () => {
  const server = await startServer({ settings: CLOSED });
  const headers = { ...bearer(ADMIN_KEY), host: 'plans.example.com', origin: 'https://dash.example.com' };
  expect((await post(server, '{}', headers)).status).toBe(200);
});

test.each([
  ['10.0.0.9', undefined, 0, '10.0.0.9'],
  ['::ffff:10.0.0.9', '1.1.1.1', 0, '10.0.0.9'],
  ['10.0.0.9', '1.1.1.1', 1, '1.1.1.1'],
  ['10.0.0.9', '6.6.6.6, 1.1.1.1', 1, '1.1.1.1'],
  ['10.0.0.9', '6.6.6.6, 1.1.1.1, 10.0.0.8', 2, '1.1.1.1'],
  ['10.0.0.9', undefined, 1, '10.0.0.9'],
  ['10.0.0.9', '1.1.1.1', 3, '1.1.1.1'],
])(
  'the caller behind %s with X-Forwarded-For %s and %i proxies is %s',
  (peer, forwarded, proxies, caller) => {
    const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } };
    expect(remoteAddress(request as never, proxies)).toBe(caller);
  },
);

test('an IPv6 caller is limited by its network', () => {
  expect(limitKey('10.0.0.9')).toBe('10.0.0.9');
  const network = limitKey('2001:db8:1:2:3:4:5:6');
  expect(limitKey('2001:db8:1:2::9')).toBe(network);
  expect(limitKey('2001:db8:1:2:ffff::')).toBe(network);
  expect(limitKey('2001:db8:1:3::9')).not.toBe(network);
  expect(limitKey('2001:db8::9')).toBe(limitKey('2001:db8:0:0:7::'));
  expect(limitKey('::1')).toBe('0:0:0:0');
  expect(limitKey('fe80::1%eth0')).toBe(limitKey('fe80::2'));
});
