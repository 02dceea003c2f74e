import { type Span, type SpanContext, type Tracer, trace } from '@opentelemetry/api';
import { createLogger } from '../../src/adapters/http/logger';
import { createMetrics } from '../../src/adapters/http/metrics';
import { ADMIN_KEY, JSON_TYPE, post, send, startServer, VIEWER_KEY } from './support';

test('/healthz says that the process lives, whatever else is wrong', async () => {
  const server = await startServer({ ready: async () => ({ ok: false, checks: { database: 'gone' } }) });
  const answer = await send(server, '/healthz');
  expect([answer.status, answer.text]).toEqual([200, '{"status":"alive"}']);
});

test('/readyz says what is missing, and why only in the log, once a change', async () => {
  let fault: string | null = null;
  const server = await startServer({
    settings: { open: false },
    ready: async () => ({ ok: fault === null, checks: { database: fault, queue: null } }),
  });
  const ready = await send(server, '/readyz');
  expect([ready.status, ready.json()]).toEqual([
    200,
    { status: 'ready', checks: { database: 'ok', queue: 'ok' } },
  ]);
  fault = 'connect ECONNREFUSED 10.1.2.3:5432';
  for (let i = 0; i < 3; i++) {
    const answer = await send(server, '/readyz');
    expect([answer.status, answer.json()]).toEqual([
      503,
      { status: 'not ready', checks: { database: 'failed', queue: 'ok' } },
    ]);
  }
  fault = null;
  expect((await send(server, '/readyz')).status).toBe(200);
  const told = server.logs().filter(({ msg }) => msg !== 'request');
  expect(told.map(({ level, msg }) => [level, msg])).toEqual([
    ['warn', 'not ready'],
    ['info', 'ready again'],
  ]);
  expect(told[0]?.checks).toEqual({ database: 'connect ECONNREFUSED 10.1.2.3:5432', queue: null });
});

test('a readiness check that throws is a failed one', async () => {
  const server = await startServer({ ready: () => Promise.reject(new Error('no pool')) });
  const answer = await send(server, '/readyz');
  expect([answer.status, answer.json().checks]).toEqual([503, { check: 'failed' }]);
  expect(server.logText()).toContain('no pool');
});

test('however many ask, one readiness check runs at a time', async () => {
  let calls = 0;
  let finish = () => {};
  const server = await startServer({
    ready: () => {
      calls++;
      return new Promise((resolve) => {
        finish = () => resolve({ ok: true, checks: {} });
      });
    },
  });
  const asked = [1, 2, 3].map(() => send(server, '/readyz'));
  // All three have arrived when three more requests, sent after them, are answered and a check is running.
  while (calls === 0) await send(server, '/healthz');
  for (let i = 0; i < 3; i++) await send(server, '/healthz');
  finish();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(calls).toBe(1);
});

test('/metrics counts requests by route, work and the queue', async () => {
  const server = await startServer();
  const { port } = server.metrics;
  port.watchQueue(async () => ({ waiting: 7, active: 2, workers: 3 }));
  port.countEvaluated({ candidates: 40, simulations: 300, simulationS: 12.5 });
  port.countEvaluated({ candidates: 2, simulations: 1, simulationS: 0.5 });
  port.observeSql(3);
  port.observeOperation({ name: 'Plans', ms: 20, failed: false });
  await post(server, '{}');
  await post(server, 'no JSON');
  await send(server, '/made/up/1');
  await send(server, '/made/up/2');
  const answer = await send(server, '/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const line of [
    'simfaasinfer_build_info{version="1.2.3"} 1',
    'simfaasinfer_http_request_duration_seconds_count{route="/graphql",method="POST",status="200"} 1',
    'simfaasinfer_http_request_duration_seconds_count{route="/graphql",method="POST",status="400"} 1',
    'simfaasinfer_http_request_duration_seconds_count{route="other",method="GET",status="404"} 2',
    'simfaasinfer_candidates_evaluated_total 42',
    'simfaasinfer_simulations_total 301',
    'simfaasinfer_simulation_seconds_total 13',
    'simfaasinfer_sql_duration_seconds_bucket{le="0.0025"} 0',
    'simfaasinfer_sql_duration_seconds_bucket{le="0.005"} 1',
    'simfaasinfer_graphql_operation_duration_seconds_count{operation="Plans",outcome="ok"} 1',
    'simfaasinfer_queue_tasks{state="waiting"} 7',
    'simfaasinfer_queue_tasks{state="active"} 2',
    'simfaasinfer_workers_alive 3',
    'simfaasinfer_websockets_open 0',
  ]) {
    expect(answer.text.split('\n')).toContain(line);
  }
  expect(answer.text).toContain('process_resident_memory_bytes');
  expect(answer.text).toContain('nodejs_eventloop_lag_p99_seconds');
});

test('a queue that cannot be read is left out, and the rest is there', async () => {
  let away = false;
  const server = await startServer();
  server.metrics.port.watchQueue(async () => {
    if (away) throw new Error('the database is away');
    return { waiting: 7, active: 2, workers: 3 };
  });
  expect((await send(server, '/metrics')).text).toContain('simfaasinfer_workers_alive 3');
  away = true;
  const answer = await send(server, '/metrics');
  expect(answer.status).toBe(200);
  expect(answer.text).not.toMatch(/^simfaasinfer_(queue_tasks|workers_alive)[ {]/m);
  expect(answer.text).toContain('simfaasinfer_candidates_evaluated_total 0');
  expect(server.logText()).toContain('the database is away');
});

test('operation names are few, whatever clients invent', async () => {
  const { port, render } = createMetrics({
    version: '1',
    logger: createLogger({ level: 'silent', role: 'server' }),
  });
  const operation = { ms: 1, failed: false };
  port.observeOperation({ ...operation, name: null });
  port.observeOperation({ ...operation, name: 'bad"name' });
  for (let i = 0; i < 500; i++) port.observeOperation({ ...operation, name: `Invented${i}` });
  const { text } = await render();
  const names = new Set([...text.matchAll(/operation="([^"]*)"/g)].map(([, name]) => name));
  expect(names.size).toBe(102);
  expect(text).toContain('duration_seconds_count{operation="other",outcome="ok"} 401');
  expect(text).toContain('duration_seconds_count{operation="anonymous",outcome="ok"} 1');
});

test('/metrics is for this machine and admins, for all, or for nobody', async () => {
  const status = async (metrics: 'protected' | 'open' | 'off', headers: Record<string, string>) => {
    const server = await startServer({ settings: { open: false, metrics } });
    return (await send(server, '/metrics', { headers })).status;
  };
  const forwarded = { 'x-forwarded-for': '10.0.0.1' };
  expect(await status('protected', {})).toBe(200);
  expect(await status('protected', forwarded)).toBe(401);
  expect(await status('protected', { ...forwarded, authorization: `Bearer ${VIEWER_KEY}` })).toBe(403);
  expect(await status('protected', { ...forwarded, authorization: `Bearer ${ADMIN_KEY}` })).toBe(200);
  expect(await status('open', forwarded)).toBe(200);
  expect(await status('off', {})).toBe(404);
});

test('a request is one log line with method, path, status, time, id and key, and no secrets', async () => {
  const server = await startServer({ settings: { open: false } });
  await send(server, '/graphql?variables=%7B%22password%22%3A%22hunter2%22%7D', {
    body: '{"variables":{"password":"hunter2"}}',
    headers: { ...JSON_TYPE, authorization: `Bearer ${ADMIN_KEY}`, cookie: 'session=hunter2' },
  });
  const lines = server.logs();
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      role: 'server',
      pid: process.pid,
      requestId: expect.any(String),
      method: 'POST',
      path: '/graphql',
      status: 200,
      ms: expect.any(Number),
      keyId: 'key-admin',
      msg: 'request',
    },
  ]);
  expect(server.logText()).not.toContain('hunter2');
});

test('probes are logged for debugging only, failures of ours as errors', async () => {
  const server = await startServer({ ready: async () => ({ ok: false, checks: {} }) });
  for (const path of ['/healthz', '/metrics', '/readyz', '/none']) await send(server, path);
  const requests = server.logs().filter(({ msg }) => msg === 'request');
  expect(requests.map(({ path, level }) => [path, level])).toEqual([
    ['/healthz', 'debug'],
    ['/metrics', 'debug'],
    ['/readyz', 'error'],
    ['/none', 'info'],
  ]);
});

test('secrets do not reach the log, in fields, texts or errors', () => {
  let text = '';
  const logger = createLogger({
    level: 'info',
    role: 'worker',
    destination: {
      write: (line) => {
        text += line;
      },
    },
  });
  const cause = Object.assign(new Error('at postgresql://app:hunter2@db:5432/plans'), {
    parameters: ['hunter2'],
    code: '28P01',
  });
  logger.info({ headers: { authorization: 'hunter2', 'x-api-key': 'hunter2' } }, `used ${ADMIN_KEY}`);
  logger.info({ databaseUrl: 'hunter2', config: { databaseUrl: 'hunter2' }, password: 'hunter2' }, 'config');
  logger.error({ err: new Error('outer', { cause }) }, 'failed at postgres://:hunter2@db');
  logger.debug({}, 'not written at this level');
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain(ADMIN_KEY);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ role: 'worker', msg: 'used sfi_admin0…' });
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({
    err: {
      type: 'Error',
      message: 'outer',
      cause: { code: '28P01', message: 'at postgresql://app:[secret]@db:5432/plans' },
    },
  });
});

describe('with a tracer', () => {
  const ended: { name: string; attributes: object }[] = [];
  const tracer = {
    startSpan: (name: string, options?: { attributes?: object }) => {
      const attributes: Record<string, unknown> = { ...options?.attributes };
      const span: Partial<Span> = {
        setAttribute: (key, value) => {
          attributes[key] = value;
          return span as Span;
        },
        setStatus: () => span as Span,
        spanContext: () => ({}) as SpanContext,
        end: () => {
          ended.push({ name, attributes });
        },
      };
      return span as Span;
    },
  };
  beforeAll(() => trace.setGlobalTracerProvider({ getTracer: () => tracer as unknown as Tracer }));
  afterAll(() => trace.disable());

  test('a request is a span named after its route', async () => {
    const server = await startServer();
    await post(server, '{}', { ...JSON_TYPE, 'x-request-id': 'r1' });
    await send(server, '/some/thing');
    await server.close(1000);
    expect(ended.map(({ name }) => name)).toEqual(['POST /graphql', 'GET other']);
    expect(ended[0]?.attributes).toEqual({
      'http.route': '/graphql',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'simfaasinfer.request_id': 'r1',
    });
  });
});
