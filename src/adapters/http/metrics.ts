import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../../app/ports/logger';
import type { Metrics, QueueState } from '../../app/ports/metrics';

/** `port` is handed to other adapters, the rest is for the HTTP server. */
export interface MetricsRegistry {
  readonly port: Metrics;
  observeHttp(request: {
    readonly route: string;
    readonly method: string;
    readonly status: number;
    readonly ms: number;
  }): void;
  /** Gives the number of open WebSockets when the metrics are read. */
  watchWebSockets(count: () => number): void;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const REQUEST_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const SQL_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10];

/** A client invents the names of its operations: beyond this many they share one series. */
const OPERATION_NAMES_MAX = 100;

/** The program's metrics, and those of the process. */
export function createMetrics(options: {
  readonly version: string;
  readonly logger: Logger;
}): MetricsRegistry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'simfaasinfer_build_info',
    help: 'Always 1; the label has the version that runs.',
    labelNames: ['version'],
    registers,
  }).set({ version: options.version }, 1);
  const http = new Histogram({
    name: 'simfaasinfer_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: REQUEST_BUCKETS_S,
    registers,
  });
  return {
    port: {
      ...createWorkMetrics(registers),
      watchQueue: createQueueMetrics(registers, options.logger),
    },
    observeHttp: ({ route, method, status, ms }) => http.observe({ route, method, status }, ms / 1000),
    watchWebSockets: (count) => {
      new Gauge({
        name: 'simfaasinfer_websockets_open',
        help: 'WebSocket connections open in this process.',
        registers,
        collect() {
          this.set(count());
        },
      });
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function createWorkMetrics(registers: Registry[]): Omit<Metrics, 'watchQueue'> {
  const sql = new Histogram({
    name: 'simfaasinfer_sql_duration_seconds',
    help: 'Time of SQL statements and transactions.',
    buckets: SQL_BUCKETS_S,
    registers,
  });
  const operations = new Histogram({
    name: 'simfaasinfer_graphql_operation_duration_seconds',
    help: `Time of GraphQL operations by the client's name for them; "other" beyond ${OPERATION_NAMES_MAX} names.`,
    labelNames: ['operation', 'outcome'],
    buckets: REQUEST_BUCKETS_S,
    registers,
  });
  const count = (name: string, help: string) => new Counter({ name, help, registers });
  const candidates = count(
    'simfaasinfer_candidates_evaluated_total',
    'Candidates evaluated and stored by this process.',
  );
  const simulations = count('simfaasinfer_simulations_total', 'Simulations run by this process.');
  const simulationS = count(
    'simfaasinfer_simulation_seconds_total',
    'Time that threads of this process were busy simulating.',
  );
  const operationLabel = createNames(OPERATION_NAMES_MAX);
  return {
    observeSql: (ms) => sql.observe(ms / 1000),
    observeOperation: ({ name, ms, failed }) =>
      operations.observe({ operation: operationLabel(name), outcome: failed ? 'error' : 'ok' }, ms / 1000),
    countEvaluated: (work) => {
      candidates.inc(work.candidates);
      simulations.inc(work.simulations);
      simulationS.inc(work.simulationS);
    },
  };
}

/** Read from the database when somebody asks; without an answer the series are left out, never old. */
function createQueueMetrics(registers: Registry[], logger: Logger): Metrics['watchQueue'] {
  return (read) => {
    // Both gauges of one reading of the metrics share one reading of the queue.
    let reading: Promise<QueueState | null> | null = null;
    const state = (): Promise<QueueState | null> => {
      reading ??= read()
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'the queue cannot be read for the metrics');
          return null;
        })
        .finally(() => {
          reading = null;
        });
      return reading;
    };
    new Gauge({
      name: 'simfaasinfer_queue_tasks',
      help: 'Tasks of plans in the queue, which all servers and workers share, by state.',
      labelNames: ['state'],
      registers,
      async collect() {
        const queue = await state();
        this.reset();
        if (queue === null) return;
        this.set({ state: 'waiting' }, queue.waiting);
        this.set({ state: 'active' }, queue.active);
      },
    });
    new Gauge({
      name: 'simfaasinfer_workers_alive',
      help: 'Workers that the database has heard of lately, on all machines.',
      labelNames: [],
      registers,
      async collect() {
        const queue = await state();
        if (queue === null) this.remove();
        else this.set(queue.workers);
      },
    });
  };
}

/** The first `max` sane names stand for themselves. */
function createNames(max: number): (name: string | null) => string {
  const seen = new Set<string>();
  return (name) => {
    if (name === null || name === '') return 'anonymous';
    if (seen.has(name)) return name;
    if (seen.size >= max || !/^\w{1,80}$/.test(name)) return 'other';
    seen.add(name);
    return name;
  };
}
