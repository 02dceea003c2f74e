import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { bareAddress } from './network-address';
import { choice, integer, type Variable } from './variables';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const SWITCH = ['auto', 'on', 'off'] as const;

/** Everything that can be set; docs/operations.md has a row for each. */
export const SERVER_VARIABLES = {
  databaseUrl: {
    name: 'DATABASE_URL',
    meaning: 'PostgreSQL (14 or newer) to keep everything in',
    allowed: 'a URL postgresql://user:password@host:port/database',
    default: null,
    defaultText: 'the embedded database',
    parse: (text) => (isPostgresUrl(text) ? text : undefined),
    secret: true,
  } satisfies Variable<string | null>,
  dataFolder: {
    name: 'SIMFAASINFER_DATA_FOLDER',
    meaning: 'folder of the embedded database, made if missing',
    allowed: 'a path',
    default: '.data/simfaasinfer',
    defaultText: '.data/simfaasinfer',
    parse: (text) => (text.includes('\0') ? undefined : text),
  } satisfies Variable<string>,
  host: {
    name: 'HOST',
    meaning: 'address to listen on; `0.0.0.0` or `::` for all',
    allowed: 'an IP address or a host name',
    default: '127.0.0.1',
    defaultText: '127.0.0.1',
    parse: (text) => {
      const bare = bareAddress(text);
      return isIP(bare) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(bare) ? bare : undefined;
    },
  } satisfies Variable<string>,
  port: integer('PORT', {
    meaning: 'port to listen on; 0 for any free one',
    default: 4000,
    min: 0,
    max: 65_535,
  }),
  workerPort: {
    name: 'SIMFAASINFER_WORKER_PORT',
    meaning: 'port on which `simfaasinfer worker` answers /healthz, /readyz and /metrics',
    allowed: 'off, or a whole number from 0 to 65535',
    default: null,
    defaultText: 'off',
    parse: (text) => {
      if (text.toLowerCase() === 'off') return null;
      return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
    },
  } satisfies Variable<number | null>,
  open: choice('SIMFAASINFER_OPEN', {
    meaning: 'who needs no API key: programs of this machine while the host is a loopback address, or nobody',
    words: ['auto', 'loopback', 'off'],
    default: 'auto',
  }),
  trustedProxies: integer('SIMFAASINFER_TRUSTED_PROXIES', {
    meaning: "proxies in front of the server; the caller's address is taken from their X-Forwarded-For",
    default: 0,
    min: 0,
    max: 10,
  }),
  nodeEnv: choice('NODE_ENV', {
    meaning: '`production` turns introspection and GraphiQL off unless they are asked for',
    words: ['development', 'test', 'production'],
    default: 'development',
  }),
  logLevel: choice('LOG_LEVEL', {
    meaning: 'least severe log lines written',
    words: LOG_LEVELS,
    default: 'info',
  }),
  threads: {
    ...integer('SIMFAASINFER_THREADS', {
      meaning: 'simulation threads of a server or worker',
      default: availableParallelism(),
      min: 1,
      max: 1024,
    }),
    defaultText: 'the number of cores',
  },
  workerInServer: choice('SIMFAASINFER_WORKER_IN_SERVER', {
    meaning: 'whether the server simulates too, or leaves that to `simfaasinfer worker`',
    words: ['on', 'off'],
    default: 'on',
  }),
  introspection: choice('SIMFAASINFER_INTROSPECTION', {
    meaning: 'whether the API tells its schema; auto: unless NODE_ENV is production',
    words: SWITCH,
    default: 'auto',
  }),
  graphiql: choice('SIMFAASINFER_GRAPHIQL', {
    meaning: 'whether /graphiql is there; auto: unless NODE_ENV is production',
    words: SWITCH,
    default: 'auto',
  }),
  persistedQueries: choice('SIMFAASINFER_PERSISTED_QUERIES', {
    meaning: 'queries named by hash: none, those clients register (apq), or those of a file and no others',
    words: ['off', 'apq', 'safelist'],
    default: 'apq',
  }),
  persistedQueriesFile: {
    name: 'SIMFAASINFER_PERSISTED_QUERIES_FILE',
    meaning: 'the safelist: a JSON object, SHA-256 of each query to its text',
    allowed: 'a path',
    default: null,
    defaultText: 'none',
    parse: (text) => (text.includes('\0') ? undefined : text),
  } satisfies Variable<string | null>,
  metrics: choice('SIMFAASINFER_METRICS', {
    meaning: 'who may read /metrics: programs of this machine and admin keys (protected), all, nobody',
    words: ['protected', 'open', 'off'],
    default: 'protected',
  }),
  shutdownGraceS: integer('SIMFAASINFER_SHUTDOWN_GRACE_S', {
    meaning: 'seconds that running requests and chunks get to finish after SIGTERM',
    default: 20,
    min: 0,
    max: 3600,
  }),
  maxBodyMib: integer('SIMFAASINFER_MAX_BODY_MIB', {
    meaning: 'largest request body, MiB, after decompression',
    default: 16,
    min: 1,
    max: 1024,
  }),
  maxQueryDepth: integer('SIMFAASINFER_MAX_QUERY_DEPTH', {
    meaning: 'deepest nesting of a query',
    default: 12,
    min: 1,
    max: 100,
  }),
  maxQueryComplexity: integer('SIMFAASINFER_MAX_QUERY_COMPLEXITY', {
    meaning:
      'most rows that the answer to an operation may hold: each object counts one, a page as often as its `first`',
    default: 5000,
    min: 1,
    max: 10_000_000,
  }),
  maxAliases: integer('SIMFAASINFER_MAX_ALIASES', {
    meaning: 'most aliases of an operation',
    default: 30,
    min: 0,
    max: 10_000,
  }),
  maxRootFields: integer('SIMFAASINFER_MAX_ROOT_FIELDS', {
    meaning: 'most root fields of an operation',
    default: 10,
    min: 1,
    max: 1000,
  }),
  maxTokens: integer('SIMFAASINFER_MAX_TOKENS', {
    meaning: 'most lexical tokens of a document',
    default: 2000,
    min: 10,
    max: 1_000_000,
  }),
  maxPageSize: integer('SIMFAASINFER_MAX_PAGE_SIZE', {
    meaning: 'largest `first` of a connection',
    default: 200,
    min: 1,
    max: 10_000,
  }),
  maxSubscriptions: integer('SIMFAASINFER_MAX_SUBSCRIPTIONS', {
    meaning: 'most subscriptions of one connection',
    default: 20,
    min: 1,
    max: 10_000,
  }),
  requestsPerMinute: integer('SIMFAASINFER_REQUESTS_PER_MINUTE', {
    meaning: 'requests a minute of one key (of one address while no key is needed), in each server process',
    default: 1200,
    min: 1,
    max: 10_000_000,
  }),
};

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname } = new URL(text);
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1;
}
