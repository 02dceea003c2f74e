import { once } from 'node:events';
import { WebSocket } from 'ws';
import { InputError } from '../../src/core/errors';
import { post, type Running, send, startServer } from './support';

const socketOf = (server: Running, headers: Record<string, string> = {}, path = '/graphql') =>
  new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });

/** The status with which a WebSocket was refused. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  const [, response] = await once(socket, 'unexpected-response');
  socket.on('error', () => {});
  socket.terminate();
  return response.statusCode;
}

test('a WebSocket goes to the API', async () => {
  const server = await startServer();
  const socket = socketOf(server, { origin: 'http://localhost:4000' });
  await once(socket, 'open');
  socket.send('hello');
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
  expect((await server.metrics.render()).text).toContain('simfaasinfer_websockets_open 1');
});

test('a WebSocket is refused elsewhere, from pages of other sites, under other names and too often', async () => {
  const server = await startServer({ settings: { limits: { maxBodyBytes: 1024, requestsPerMinute: 2 } } });
  expect(await refusal(socketOf(server, {}, '/other'))).toBe(404);
  expect(await refusal(socketOf(server, { origin: 'https://evil.example' }))).toBe(403);
  expect(await refusal(socketOf(server, { host: 'evil.example' }))).toBe(403);
  for (let i = 0; i < 2; i++) await once(socketOf(server), 'open');
  expect(await refusal(socketOf(server))).toBe(429);
});

test('a server without an API has no WebSockets and no home page', async () => {
  const server = await startServer({ graphql: null });
  expect(await refusal(socketOf(server))).toBe(404);
  for (const path of ['/', '/graphql', '/graphiql']) expect((await send(server, path)).status).toBe(404);
  expect((await send(server, '/healthz')).status).toBe(200);
});

/** A server whose API answers when told to. */
async function startHolding() {
  const hold = { release: () => {} };
  const reached = new Promise<void>((resolve) => {
    hold.release = resolve;
  });
  let answer = () => {};
  const server = await startServer({
    graphql: {
      middleware: (_request, response) => {
        answer = () => void response.json({ data: 'done' });
        hold.release();
      },
    },
  });
  return { server, reached, answer: () => answer() };
}

test('closing waits for running requests, takes no new ones, then ends WebSockets with 1001', async () => {
  const { server, reached, answer } = await startHolding();
  const socket = socketOf(server);
  await once(socket, 'open');
  const socketEnd = once(socket, 'close');
  const pending = post(server, '{}');
  await reached;
  const closed = server.close(60_000);
  await expect(send(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  answer();
  const { status, headers, text } = await pending;
  expect([status, headers.connection, text]).toEqual([200, 'close', '{"data":"done"}']);
  expect((await socketEnd)[0]).toBe(1001);
  await closed;
});

test('a connection that is open while the server closes hears that it is not ready', async () => {
  const { server, reached, answer } = await startHolding();
  const pending = post(server, '{}');
  await reached;
  const got = keepAliveThenAsk(server, () => server.close(60_000));
  expect(await got).toMatch(/503 Service Unavailable[\s\S]*Connection: close[\s\S]*"closing"/);
  answer();
  await pending;
});

/** Asks once, calls `between` while the connection has a second request under way, and gives the second answer. */
async function keepAliveThenAsk(server: Running, between: () => void): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  // Half a request keeps the connection from counting as idle.
  socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n');
  await send(server, '/healthz');
  between();
  socket.write('\r\n');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  await once(socket, 'close');
  return answer;
}

test('when the grace is over, what still runs is cut', async () => {
  const { server, reached } = await startHolding();
  const pending = post(server, '{}');
  const cut = expect(pending).rejects.toThrow(/socket hang up|ECONNRESET/);
  await reached;
  await server.close(10);
  await cut;
});

test('an event stream does not hold up the end, and neither does an API that does not end', async () => {
  const server = await startServer({
    graphql: {
      middleware: (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('event: next\n\n');
      },
      close: () => new Promise(() => {}),
    },
  });
  const response = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/event-stream' } });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  await reader?.read();
  await server.close(2 ** 30);
  await expect(reader?.read()).rejects.toThrow();
});

test('a second call of close waits for the same end', async () => {
  const server = await startServer();
  await Promise.all([server.close(1000), server.close(0)]);
  await expect(send(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
});

test.each([
  [
    'a port in use',
    (port: number) => ({ host: '127.0.0.1', port }),
    /^environment: PORT: found \d+, which another/,
  ],
  [
    'an address of another machine',
    () => ({ host: '192.0.2.1', port: 0 }),
    /^environment: HOST: found "192.0.2.1"; allowed: an address of this machine/,
  ],
])('%s is a clear error', async (_what, settingsOf, message) => {
  const first = await startServer();
  const start = startServer({ settings: settingsOf(first.port) });
  await expect(start).rejects.toThrow(InputError);
  await expect(start).rejects.toThrow(message);
});
