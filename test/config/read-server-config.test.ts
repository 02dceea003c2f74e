import { readServerConfig, requireAdminKey } from '../../src/config';
import { InputError } from '../../src/core/errors';
import { SERVER_VARIABLES } from '../../src/formats/server-variables';

/** The lines of the error that an environment gives. */
function faultsOf(env: Record<string, string>): string[] {
  try {
    readServerConfig(env);
  } catch (error) {
    // What the command line shows as it is.
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message.split('\n');
  }
  return [];
}

test('an empty environment gives an open server on loopback with the embedded database', () => {
  const config = readServerConfig({ PATH: '/bin', SOMETHING_ELSE: '1', DATABASE_URL: '', PORT: ' ' });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    workerPort: null,
    databaseUrl: null,
    open: true,
    production: false,
    introspection: true,
    graphiql: true,
    persistedQueries: { mode: 'apq' },
    metrics: 'protected',
    workerInServer: true,
  });
  expect(config.threads).toBeGreaterThanOrEqual(1);
  expect(config.limits.maxBodyBytes).toBe(16 * 1024 * 1024);
});

test('every variable is read', () => {
  const config = readServerConfig({
    DATABASE_URL: 'postgresql://u:p@db.example:5432/plans?sslmode=require',
    SIMFAASINFER_DATA_FOLDER: '/srv/data',
    HOST: '[::]',
    PORT: '0',
    SIMFAASINFER_WORKER_PORT: '9464',
    SIMFAASINFER_OPEN: 'off',
    SIMFAASINFER_TRUSTED_PROXIES: '1',
    NODE_ENV: 'production',
    LOG_LEVEL: 'WARN',
    SIMFAASINFER_THREADS: '3',
    SIMFAASINFER_WORKER_IN_SERVER: 'off',
    SIMFAASINFER_INTROSPECTION: 'on',
    SIMFAASINFER_GRAPHIQL: 'auto',
    SIMFAASINFER_PERSISTED_QUERIES: 'safelist',
    SIMFAASINFER_PERSISTED_QUERIES_FILE: 'queries.json',
    SIMFAASINFER_METRICS: 'off',
    SIMFAASINFER_SHUTDOWN_GRACE_S: '5',
    SIMFAASINFER_MAX_BODY_MIB: '1',
    SIMFAASINFER_MAX_QUERY_DEPTH: '2',
    SIMFAASINFER_MAX_QUERY_COMPLEXITY: '3',
    SIMFAASINFER_MAX_ALIASES: '4',
    SIMFAASINFER_MAX_ROOT_FIELDS: '5',
    SIMFAASINFER_MAX_TOKENS: '60',
    SIMFAASINFER_MAX_PAGE_SIZE: '7',
    SIMFAASINFER_MAX_SUBSCRIPTIONS: '8',
    SIMFAASINFER_REQUESTS_PER_MINUTE: '9',
  });
  expect(config).toEqual({
    host: '::',
    port: 0,
    workerPort: 9464,
    databaseUrl: 'postgresql://u:p@db.example:5432/plans?sslmode=require',
    dataFolder: '/srv/data',
    logLevel: 'warn',
    production: true,
    threads: 3,
    workerInServer: false,
    open: false,
    trustedProxies: 1,
    introspection: true,
    graphiql: false,
    persistedQueries: { mode: 'safelist', file: 'queries.json' },
    metrics: 'off',
    shutdownGraceS: 5,
    limits: {
      maxBodyBytes: 2 ** 20,
      maxQueryDepth: 2,
      maxQueryComplexity: 3,
      maxAliases: 4,
      maxRootFields: 5,
      maxTokens: 60,
      maxPageSize: 7,
      maxSubscriptionsPerConnection: 8,
      requestsPerMinute: 9,
    },
  });
});

test('every fault is told, one line each, with what to do', () => {
  expect(
    faultsOf({
      PORT: '70000',
      LOG_LEVEL: 'inof',
      SIMFAASINFER_THREADS: '2.5',
      SIMFAASINFER_MAX_PAGE_SIZE: '-1',
      SIMFAASINFER_METRIC: 'off',
      SIMFAASINFER_PERSISTED_QUERIES: 'safelist',
      NODE_ENV: 'prod',
    }),
  ).toEqual([
    'environment: PORT: found "70000"; allowed: a whole number from 0 to 65535; set it so, or unset it',
    'environment: NODE_ENV: found "prod"; allowed: development, test, production; did you mean production?',
    'environment: LOG_LEVEL: found "inof"; allowed: trace, debug, info, warn, error, fatal, silent; did you mean info?',
    'environment: SIMFAASINFER_THREADS: found "2.5"; allowed: a whole number from 1 to 1024; set it so, or unset it',
    'environment: SIMFAASINFER_MAX_PAGE_SIZE: found "-1"; allowed: a whole number from 1 to 10000; set it so, or unset it',
    'environment: SIMFAASINFER_METRIC: found a variable that does not exist; allowed: the variables of docs/operations.md; did you mean SIMFAASINFER_METRICS?',
    'environment: SIMFAASINFER_PERSISTED_QUERIES_FILE: found nothing; allowed: a path, when SIMFAASINFER_PERSISTED_QUERIES is safelist; name the JSON file of the queries',
  ]);
});

test.each([
  'mysql://root:hunter2@db/plans',
  'hunter2',
  'postgresql://u:hunter2@db',
  'postgresql://u:hunter2@db:port/plans',
])('a wrong database URL is refused without showing it: %s', (url) => {
  const [fault, ...others] = faultsOf({ DATABASE_URL: url });
  expect(others).toEqual([]);
  expect(fault).toMatch(
    /^environment: DATABASE_URL: found a text that is not shown; allowed: a URL postgresql:/,
  );
  expect(fault).not.toContain('hunter2');
});

test.each([
  [{ SIMFAASINFER_OPEN: 'loopback', HOST: '0.0.0.0' }, 'SIMFAASINFER_OPEN'],
  [{ SIMFAASINFER_TRUSTED_PROXIES: '1' }, 'SIMFAASINFER_TRUSTED_PROXIES'],
  [{ SIMFAASINFER_PERSISTED_QUERIES_FILE: 'q.json' }, 'SIMFAASINFER_PERSISTED_QUERIES_FILE'],
  [{ HOST: 'x86_64-conda-linux-gnu' }, 'HOST'],
  [{ simfaasinfer_threads: '3' }, 'simfaasinfer_threads'],
  [{ SIMFAASINFER_WORKER_PORT: '65536' }, 'SIMFAASINFER_WORKER_PORT'],
  [{ SIMFAASINFER_DATA_FOLDER: 'a\0b' }, 'SIMFAASINFER_DATA_FOLDER'],
])('%j is one fault, of %s', (env, name) => {
  const faults = faultsOf(env as unknown as Record<string, string>);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`environment: ${name}: found `);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.com', false],
  ['plans.example.com', false],
])('a server on %s without more settings needs no keys: %s', (host, open) => {
  expect(readServerConfig({ HOST: host }).open).toBe(open);
});

test('a server that asks for keys does not start before there is an admin key', () => {
  const exposed = readServerConfig({ HOST: '0.0.0.0' });
  const closed = readServerConfig({ SIMFAASINFER_OPEN: 'off' });
  expect(() => requireAdminKey(exposed, 0)).toThrow(InputError);
  expect(() => requireAdminKey(exposed, 0)).toThrow(
    'environment: HOST: found "0.0.0.0" and no admin key in the database; allowed: an address that other machines ' +
      'reach, once there is an admin key; make one: simfaasinfer keys create --role admin --name <your name>',
  );
  expect(() => requireAdminKey(closed, 0)).toThrow(
    'environment: SIMFAASINFER_OPEN: found "off" and no admin key',
  );
  requireAdminKey(exposed, 1);
  requireAdminKey(readServerConfig({}), 0);
});

test('a switch on auto follows NODE_ENV, and on and off win over it', () => {
  const graphiql = (env: Record<string, string>) => readServerConfig(env).graphiql;
  expect(graphiql({ NODE_ENV: 'production' })).toBe(false);
  expect(graphiql({ NODE_ENV: 'test' })).toBe(true);
  expect(graphiql({ NODE_ENV: 'production', SIMFAASINFER_GRAPHIQL: 'on' })).toBe(true);
  expect(graphiql({ SIMFAASINFER_GRAPHIQL: 'off' })).toBe(false);
});

test('defaults are allowed values', () => {
  const env = Object.fromEntries(
    Object.values(SERVER_VARIABLES)
      .filter(({ default: value }) => typeof value !== 'object')
      .map(({ name, default: value }) => [name, String(value)]),
  );
  expect(readServerConfig(env)).toEqual(readServerConfig({}));
});
