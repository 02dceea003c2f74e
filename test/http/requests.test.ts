import { gzipSync } from 'node:zlib';
import { JSON_TYPE, post, send, sendRaw, startServer } from './support';

test('a request reaches the API parsed, with its caller', async () => {
  const server = await startServer();
  const answer = await post(server, '{"query":"{ models { id } }"}');
  expect(answer.status).toBe(200);
  expect(answer.json()).toMatchObject({
    body: { query: '{ models { id } }' },
    caller: { keyId: null, workspaceId: 'local', role: 'admin' },
  });
});

test('a body over the limit is a coded error, announced or not, compressed or not', async () => {
  const server = await startServer();
  const large = JSON.stringify({ query: 'x'.repeat(2000) });
  const packed = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  const answers = [
    await post(server, large),
    await post(server, large, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }),
    // 20 MB of zeros are 20 kB compressed.
    await post(server, gzipSync(Buffer.alloc(20_000_000)).subarray(0, 1000), packed),
    await post(server, 'x'.repeat(20_000_000)),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(413);
    expect(answer.code()).toBe('BODY_TOO_LARGE');
    expect(answer.json().errors[0]?.extensions).toEqual({ code: 'BODY_TOO_LARGE', maxBytes: 1024 });
  }
  expect((await post(server, gzipSync('{"query":"{ a }"}'), packed)).json()).toMatchObject({
    body: { query: '{ a }' },
  });
});

test.each([
  ['{"query": ', JSON_TYPE, 400, 'BAD_JSON'],
  ['{"query": "\u0000"}', JSON_TYPE, 400, 'BAD_JSON'],
  ['"text"', JSON_TYPE, 400, 'BAD_JSON'],
  ['{"query": "{ a }"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['{"query": "{ a }"}', {}, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['{}', { 'content-type': 'application/jsonp' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['{}', { 'content-type': 'application/json; charset=utf-99' }, 415, 'UNSUPPORTED_CHARSET'],
  ['{}', { ...JSON_TYPE, 'content-encoding': 'zip' }, 415, 'UNSUPPORTED_ENCODING'],
  ['{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400, 'BAD_ENCODING'],
  ['{}', { ...JSON_TYPE, 'content-encoding': 'br' }, 400, 'BAD_ENCODING'],
  ['{}', { ...JSON_TYPE, 'content-encoding': 'deflate' }, 400, 'BAD_ENCODING'],
])('the body %j with %j is answered %i %s', async (body, headers, status, code) => {
  const server = await startServer();
  const answer = await post(server, body, headers as Record<string, string>);
  expect([answer.status, answer.code()]).toEqual([status, code]);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(server.logs().filter(({ level }) => level === 'error')).toEqual([]);
});

test('paths and methods that mean nothing are coded errors', async () => {
  const server = await startServer();
  const unknown = await send(server, '/graphql/none?secret=1');
  expect([unknown.status, unknown.code()]).toEqual([404, 'NOT_FOUND']);
  expect(unknown.text).not.toContain('secret');
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const answer = await send(server, '/graphql', { method });
    expect([answer.status, answer.code(), answer.headers.allow]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'GET, POST',
    ]);
  }
  const posted = await send(server, '/healthz', { body: '{}', headers: JSON_TYPE });
  expect([posted.status, posted.code()]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  expect((await send(server, '/%ff%zz')).status).toBe(404);
});

test('every answer has the security headers and says nothing of Express', async () => {
  const server = await startServer();
  for (const path of ['/graphql', '/healthz', '/none', '/metrics']) {
    const { headers } = await send(server, path);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
    );
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('a request has one id in its answer and its log line: the given one, if it is sane', async () => {
  const server = await startServer();
  const id = async (given: string) =>
    (await send(server, '/graphql', { headers: { 'x-request-id': given } })).headers['x-request-id'];
  expect(await id('trace-7f.1:2')).toBe('trace-7f.1:2');
  for (const bad of ['', 'a b', 'x"}', 'x'.repeat(101)]) {
    expect(await id(bad)).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
  }
  expect(server.logs().map(({ requestId }) => requestId)).toContain('trace-7f.1:2');
});

test('an unexpected error is answered with the request id and logged, without its text leaving', async () => {
  const server = await startServer({
    graphql: {
      middleware: () => {
        throw new Error('relation "secrets" does not exist');
      },
    },
  });
  const answer = await post(server, '{}', { ...JSON_TYPE, 'x-request-id': 'the-one' });
  expect([answer.status, answer.code()]).toEqual([500, 'INTERNAL']);
  expect(answer.json().errors[0]?.extensions.requestId).toBe('the-one');
  expect(answer.text).not.toMatch(/relation|at .*\.ts/);
  const logged = server.logs().find(({ requestId, err }) => requestId === 'the-one' && err !== undefined);
  expect(logged).toMatchObject({ level: 'error', err: { message: 'relation "secrets" does not exist' } });
});

const HEAD = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';

test.each([
  ['not HTTP at all', 'hello\r\n\r\n', '400 Bad Request', 'BAD_REQUEST'],
  ['a broken header', `${HEAD}broken header\r\n\r\n`, '400 Bad Request', 'BAD_REQUEST'],
  [
    'two lengths',
    `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    '400 Bad Request',
    'BAD_REQUEST',
  ],
  [
    'huge headers',
    `${HEAD}X-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
    '431 Request Header',
    'HEADERS_TOO_LARGE',
  ],
])('%s is a coded answer, and the connection ends', async (_what, text, status, code) => {
  const answer = await sendRaw(await startServer(), text);
  expect(answer).toContain(`HTTP/1.1 ${status}`);
  expect(answer).toContain(`"code":"${code}"`);
});

test.each([
  ['headers', HEAD],
  [
    'a body',
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('a client that never ends %s is cut off', async (_what, text) => {
  const timeouts = { headersMs: 100, requestMs: 150, keepAliveMs: 1000, checkMs: 20 };
  const answer = await sendRaw(await startServer({ timeouts }), text);
  expect(answer).toContain('HTTP/1.1 408 Request Timeout');
  expect(answer).toContain('"code":"REQUEST_TIMEOUT"');
});

test('rubbish in the middle of an answer ends the connection and writes nothing into the answer', async () => {
  const server = await startServer({
    graphql: { middleware: (_request, response) => void response.write('the first part') },
  });
  const text = `GET /graphql HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const answer = await sendRaw(server, text, (soFar) => (soFar.includes('first') ? 'rubbish\r\n\r\n' : null));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer).toContain('the first part');
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
