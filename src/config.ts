import { InputError, type InputFault } from './core/errors';
import { isLoopback } from './formats/network-address';
import { readSafelistFile } from './formats/read-safelist';
import { type LOG_LEVELS, SERVER_VARIABLES, type SWITCH } from './formats/server-variables';
import { readVariables, unknownVariables } from './formats/variables';

/** What the environment decides. The only place that reads it; the composition roots pass the values on. */
export interface Config {
  /** The terminal cannot move its cursor, so a progress bar would only print lines. */
  readonly dumbTerminal: boolean;
}

export const readConfig = (env: Readonly<NodeJS.ProcessEnv> = process.env): Config => ({
  dumbTerminal: env.TERM === 'dumb',
});

/** What the environment decides for the server and for workers. */
export interface ServerConfig {
  /** Address the server listens on; IPv6 without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where a worker process answers /healthz, /readyz and /metrics; null: nowhere. */
  readonly workerPort: number | null;
  /** With its password. Null: the embedded database in `dataFolder`. */
  readonly databaseUrl: string | null;
  /** As given; relative to the working folder. */
  readonly dataFolder: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly production: boolean;
  /** Simulation threads of a process. */
  readonly threads: number;
  /** The server does tasks of plans itself. */
  readonly workerInServer: boolean;
  /** Requests need no key. Only ever true where the host is loopback. */
  readonly open: boolean;
  /** Proxies in front of the server, whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
  readonly introspection: boolean;
  readonly graphiql: boolean;
  readonly persistedQueries: PersistedQueries;
  readonly metrics: MetricsAccess;
  readonly shutdownGraceS: number;
  readonly limits: ServerLimits;
}

export type PersistedQueries =
  | { readonly mode: 'off' | 'apq' }
  /** Only the queries of the file are answered. */
  | { readonly mode: 'safelist'; readonly file: string };

/** Who may read /metrics; `protected`: programs of this machine, and admin keys. */
export type MetricsAccess = 'protected' | 'open' | 'off';

export interface ServerLimits {
  readonly maxBodyBytes: number;
  readonly maxQueryDepth: number;
  /** Rows that the answer to one operation may hold. */
  readonly maxQueryComplexity: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxTokens: number;
  readonly maxPageSize: number;
  readonly maxSubscriptionsPerConnection: number;
  readonly requestsPerMinute: number;
}

const PREFIX = 'SIMFAASINFER_';

/** Every fault of the environment: one line each in the message, the first one as its fault. */
class ConfigError extends InputError {
  constructor(faults: readonly [InputFault, ...InputFault[]]) {
    super(faults[0]);
    this.message = faults.map((fault) => new InputError(fault).message).join('\n');
    this.name = 'ConfigError';
  }
}

/** Reads and checks everything; throws a ConfigError that tells every fault, not just the first. */
export function readServerConfig(env: Readonly<NodeJS.ProcessEnv> = process.env): ServerConfig {
  const names = Object.values(SERVER_VARIABLES).map(({ name }) => name);
  const { values, faults } = readVariables(env, SERVER_VARIABLES);
  const [first, ...others] = [...faults, ...unknownVariables(env, PREFIX, names), ...contradictions(values)];
  if (first !== undefined) throw new ConfigError([first, ...others]);
  const production = values.nodeEnv === 'production';
  const resolve = (given: (typeof SWITCH)[number]) => (given === 'auto' ? !production : given === 'on');
  return {
    host: values.host,
    port: values.port,
    workerPort: values.workerPort,
    databaseUrl: values.databaseUrl,
    dataFolder: values.dataFolder,
    logLevel: values.logLevel,
    production,
    threads: values.threads,
    workerInServer: values.workerInServer === 'on',
    open: values.open !== 'off' && isLoopback(values.host),
    trustedProxies: values.trustedProxies,
    introspection: resolve(values.introspection),
    graphiql: resolve(values.graphiql),
    persistedQueries:
      values.persistedQueries === 'safelist'
        ? { mode: 'safelist', file: values.persistedQueriesFile ?? '' }
        : { mode: values.persistedQueries },
    metrics: values.metrics,
    shutdownGraceS: values.shutdownGraceS,
    limits: {
      maxBodyBytes: values.maxBodyMib * 2 ** 20,
      maxQueryDepth: values.maxQueryDepth,
      maxQueryComplexity: values.maxQueryComplexity,
      maxAliases: values.maxAliases,
      maxRootFields: values.maxRootFields,
      maxTokens: values.maxTokens,
      maxPageSize: values.maxPageSize,
      maxSubscriptionsPerConnection: values.maxSubscriptions,
      requestsPerMinute: values.requestsPerMinute,
    },
  };
}

type Read = ReturnType<typeof readVariables<typeof SERVER_VARIABLES>>['values'];

/** Values that are allowed alone and not together. */
function contradictions(values: Read): readonly InputFault[] {
  const faults: InputFault[] = [];
  const { open, host, persistedQueries: mode, persistedQueriesFile: file, trustedProxies } = values;
  if (open === 'loopback' && !isLoopback(host)) {
    faults.push({
      source: 'environment',
      path: 'SIMFAASINFER_OPEN',
      found: `"loopback" with HOST ${JSON.stringify(host)}, which other machines reach`,
      allowed: 'loopback only with a loopback address such as 127.0.0.1',
      hint: 'unset HOST, or unset SIMFAASINFER_OPEN and use API keys',
    });
  }
  if (open !== 'off' && isLoopback(host) && trustedProxies > 0) {
    faults.push({
      source: 'environment',
      path: 'SIMFAASINFER_TRUSTED_PROXIES',
      found: `${trustedProxies} on a server that asks for no API key`,
      allowed: '0 there: all that come through the proxy would be admins',
      hint: 'set SIMFAASINFER_OPEN=off and use API keys',
    });
  }
  if (mode === 'safelist' && file === null) {
    faults.push({
      source: 'environment',
      path: 'SIMFAASINFER_PERSISTED_QUERIES_FILE',
      found: 'nothing',
      allowed: 'a path, when SIMFAASINFER_PERSISTED_QUERIES is safelist',
      hint: 'name the JSON file of the queries',
    });
  }
  if (mode !== 'safelist' && file !== null) {
    faults.push({
      source: 'environment',
      path: 'SIMFAASINFER_PERSISTED_QUERIES_FILE',
      found: `a path while SIMFAASINFER_PERSISTED_QUERIES is ${mode}`,
      allowed: 'a path only with SIMFAASINFER_PERSISTED_QUERIES=safelist',
      hint: 'set that, or unset the file',
    });
  }
  return faults;
}

/** How queries may be given, with the queries of the safelist's file read. Throws an InputError. */
export const readSafelist = (
  queries: PersistedQueries,
):
  | { readonly mode: 'off' | 'apq' }
  | { readonly mode: 'safelist'; readonly documents: ReadonlyMap<string, string> } =>
  queries.mode === 'safelist'
    ? { mode: queries.mode, documents: readSafelistFile(queries.file) }
    : { mode: queries.mode };

/** Throws an InputError when the server asks for keys and no key could make others: nobody could use it. */
export function requireAdminKey(config: Pick<ServerConfig, 'host' | 'open'>, adminKeyCount: number): void {
  if (config.open || adminKeyCount > 0) return;
  const exposed = !isLoopback(config.host);
  throw new InputError({
    source: 'environment',
    path: exposed ? 'HOST' : 'SIMFAASINFER_OPEN',
    found: `${exposed ? JSON.stringify(config.host) : '"off"'} and no admin key in the database`,
    allowed: exposed
      ? 'an address that other machines reach, once there is an admin key'
      : 'off, once there is one',
    hint: 'make one: simfaasinfer keys create --role admin --name <your name>',
  });
}
