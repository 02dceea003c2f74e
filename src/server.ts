import type { ServiceRoot } from './adapters/cli/service-root';
import { openRunEvents } from './adapters/db/events';
import { type OpenedDatabase, openDatabase } from './adapters/db/open-database';
import { createReadStore } from './adapters/db/read-store';
import { createRunStore } from './adapters/db/run-store';
import { executeAlone } from './adapters/db/runs/transact';
import { createWriteStore } from './adapters/db/write-store';
import { createGraphqlApi, graphiqlPage } from './adapters/graphql/create-graphql-api';
import { guardAuthentication } from './adapters/http/authentication';
import { createHttpServer, type HttpServer } from './adapters/http/create-http-server';
import { createLogger } from './adapters/http/logger';
import { createMetrics, type MetricsRegistry } from './adapters/http/metrics';
import { openTaskQueue } from './adapters/jobs/task-queue';
import { createFamilyPool } from './adapters/workers/family-pool';
import { createSimulator } from './adapters/workers/simulator';
import { AccessError, type Caller } from './app/access';
import { authenticate, issueApiKey } from './app/api-keys';
import { loadCatalog } from './app/load-catalog';
import { packageFolder, packageVersion } from './app/package-version';
import { createPlannerApi } from './app/planner-api';
import { launchExample } from './app/plans/example-plan';
import { hostIdentity } from './app/plans/host-processes';
import { createOpenRuns } from './app/plans/open-run';
import type { Service } from './app/plans/service';
import { startTaskWorker } from './app/plans/task-worker';
import type { PlannerApi } from './app/ports/api';
import type { Logger } from './app/ports/logger';
import type { WriteStore } from './app/ports/write-store';
import { seedShipped } from './app/shipped-seed';
import { readSafelist, readServerConfig, requireAdminKey, type ServerConfig } from './config';

/** What `simfaasinfer serve`, `worker`, `migrate` and `keys` start. */
export const serviceRoot: ServiceRoot = {
  serve: ({ withExample }) =>
    withStores('server', async (stores) => {
      const { config, logger, writes } = stores;
      requireAdminKey(config, await writes.countAdminKeys());
      const workspace = await writes.ensureWorkspace('default');
      const open: Caller = { keyId: null, workspaceId: workspace.id, role: 'admin' };
      const api = createPlannerApi(stores.service, () => new Date());
      const http = await createServer(stores, api, config.open ? open : null);
      const { url } = await http.listen();
      const worker = config.workerInServer ? startWorker(stores) : null;
      logger.info({ url, open: config.open, embeddedDatabase: stores.embedded }, welcome(config, url));
      if (withExample) await tellExample(api, open, logger);
      await told();
      logger.info({}, 'ending');
      const graceMs = config.shutdownGraceS * 1000;
      await Promise.all([http.close(graceMs), worker?.stop(graceMs)]);
    }),

  work: () =>
    withStores('worker', async (stores) => {
      const { config, logger } = stores;
      const health = config.workerPort === null ? null : createHealthServer(stores, config.workerPort);
      await health?.listen();
      const worker = startWorker(stores);
      logger.info({ threads: config.threads, workerId: worker.id }, 'waiting for tasks');
      await told();
      logger.info({}, 'ending');
      const graceMs = config.shutdownGraceS * 1000;
      await Promise.all([health?.close(graceMs), worker.stop(graceMs)]);
    }),

  async migrate() {
    const opened = await openDatabase({ ...readServerConfig(), packageFolder: packageFolder() });
    await opened.close();
    return opened.migrated;
  },

  async createKey({ workspace, ...key }) {
    const opened = await openDatabase({ ...readServerConfig(), packageFolder: packageFolder() });
    try {
      const writes = createWriteStore(opened.database);
      const { id: workspaceId } = await writes.ensureWorkspace(workspace);
      return (await issueApiKey(writes, { ...key, workspaceId })).secret;
    } finally {
      await opened.close();
    }
  },
};

/** The API and everything around it. `open`: whom a request without a key speaks for; null: nobody. */
async function createServer(stores: Stores, api: PlannerApi, open: Caller | null): Promise<HttpServer> {
  const { config, logger, reads, events, metrics, service } = stores;
  const identify = guardAuthentication(callerOf(stores.writes, open));
  const graphql = await createGraphqlApi({
    readStore: reads,
    api,
    events,
    catalog: service.catalog,
    limits: config.limits,
    authenticate: identify,
    logger,
    introspection: config.introspection,
    persistedQueries: readSafelist(config.persistedQueries),
    onOperation: metrics.port.observeOperation,
  });
  return createHttpServer({
    settings: config,
    logger,
    authenticate: identify,
    graphql,
    ready: stores.ready,
    metrics,
    graphiqlHtml: config.graphiql ? graphiqlPage : null,
    dashboardFolder: null,
  });
}

/** A worker's health and metrics, for whoever watches over it. */
const createHealthServer = (stores: Stores, port: number): HttpServer =>
  createHttpServer({
    settings: { ...stores.config, port },
    logger: stores.logger,
    authenticate: callerOf(stores.writes, null),
    graphql: null,
    ready: stores.ready,
    metrics: stores.metrics,
    graphiqlHtml: null,
    dashboardFolder: null,
  });

async function tellExample(api: PlannerApi, caller: Caller, logger: Logger): Promise<void> {
  const { plan, created } = await launchExample(api, caller);
  logger.info(
    { planId: plan.id },
    created ? 'the example plan is being evaluated' : 'the example plan is there',
  );
}

type Stores = Awaited<ReturnType<typeof openStores>>;

/** Runs with the stores open, and closes them however it ends. */
async function withStores(role: 'server' | 'worker', run: (stores: Stores) => Promise<void>): Promise<void> {
  const config = readServerConfig();
  const stores = await openStores(config, createLogger({ level: config.logLevel, role }));
  try {
    await run(stores);
  } finally {
    await stores.close();
  }
}

/** The database, the queue and everything that stands on them alone. */
async function openStores(config: ServerConfig, logger: ReturnType<typeof createLogger>) {
  const metrics = createMetrics({ version: packageVersion(), logger });
  const opened = await openDatabase({
    ...config,
    packageFolder: packageFolder(),
    onSqlTime: metrics.port.observeSql,
    onConnectionLost: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  });
  const closing = [opened.close];
  /** The last one opened first. Whatever stays open keeps the process alive, and a start that failed has to end. */
  const close = async () => {
    for (const closeOne of closing.splice(0).reverse()) await closeOne();
  };
  try {
    const { sql, single } = opened.database;
    if (opened.migrated.length > 0)
      logger.info({ migrations: opened.migrated }, 'the database was brought up to date');
    const catalog = loadCatalog();
    const reads = createReadStore(opened.database);
    const writes = createWriteStore(opened.database);
    await seedShipped(writes, catalog);
    const queue = await openTaskQueue(executeAlone(single), logger);
    closing.push(queue.close);
    const store = createRunStore(sql, queue, reads);
    const events = await openRunEvents(sql, logger);
    const simulator = createSimulator();
    closing.push(simulator.close);
    const service: Service = {
      reads,
      writes,
      store,
      runs: createOpenRuns(store, catalog),
      simulator,
      catalog,
    };
    metrics.port.watchQueue(store.queueDepth);
    return {
      ...service,
      config,
      logger,
      service,
      events,
      metrics,
      embedded: opened.embedded,
      ready: () => readiness(opened, store),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readiness({ database, checkMigrated }: OpenedDatabase, store: Service['store']) {
  const fault = async (check: () => Promise<unknown>): Promise<string | null> => {
    try {
      await check();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const checks = {
    database: await fault(() => database.sql`SELECT 1`),
    migrations: await fault(checkMigrated),
    queue: await fault(store.queueDepth),
  };
  return { ok: Object.values(checks).every((check) => check === null), checks };
}

/** An idle thread is ended after this long: it holds some 30 MB. */
const THREAD_IDLE_MS = 30_000;

function startWorker({ config, logger, store, events, catalog, metrics }: Stores) {
  const evaluator = createFamilyPool({ threads: config.threads, idleTimeoutMs: THREAD_IDLE_MS });
  const worker = startTaskWorker({
    store,
    evaluator,
    events,
    catalog,
    logger,
    host: hostIdentity(),
    pid: process.pid,
    onEvaluated: countIn(metrics),
  });
  return {
    id: worker.id,
    async stop(graceMs: number) {
      await worker.stop(graceMs);
      await evaluator.close();
    },
  };
}

const countIn =
  ({ port }: MetricsRegistry): NonNullable<Parameters<typeof startTaskWorker>[0]['onEvaluated']> =>
  ({ candidates, simulations, simulationS }) =>
    port.countEvaluated({ candidates: candidates.length, simulations, simulationS });

const callerOf =
  (writes: WriteStore, open: Caller | null) =>
  async (secret: string | null): Promise<Caller> => {
    if (secret !== null) return authenticate(writes, secret, new Date());
    if (open !== null) return open;
    throw new AccessError(
      'UNAUTHENTICATED',
      'an API key is needed: send it as "Authorization: Bearer <API key>"',
    );
  };

const welcome = ({ open, graphiql }: ServerConfig, url: string): string => {
  const what = graphiql
    ? `GraphiQL at ${url}/graphiql, the API at ${url}/graphql`
    : `the API at ${url}/graphql`;
  const who = open ? 'open to every program of this machine, without a key' : 'API keys are asked for';
  return `${what}; ${who}`;
};

/** Resolves when the process is told to end. */
const told = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
