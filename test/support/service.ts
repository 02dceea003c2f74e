import { connectDatabase, type Database } from '../../src/adapters/db/connect';
import { openRunEvents } from '../../src/adapters/db/events';
import { createReadStore } from '../../src/adapters/db/read-store';
import { createRunStore } from '../../src/adapters/db/run-store';
import { executeAlone } from '../../src/adapters/db/runs/transact';
import { createWriteStore } from '../../src/adapters/db/write-store';
import { openTaskQueue } from '../../src/adapters/jobs/task-queue';
import type { Caller } from '../../src/app/access';
import { loadCatalog } from '../../src/app/load-catalog';
import { createPlannerApi } from '../../src/app/planner-api';
import { createOpenRuns } from '../../src/app/plans/open-run';
import type { Service } from '../../src/app/plans/service';
import { startTaskWorker, type TaskWorker } from '../../src/app/plans/task-worker';
import type { PlanLaunch, PlannerApi } from '../../src/app/ports/api';
import type { RunEvents } from '../../src/app/ports/events';
import type { FamilyEvaluator } from '../../src/app/ports/family-evaluator';
import { isFinished, type RunRecord } from '../../src/app/ports/records';
import { seedShipped } from '../../src/app/shipped-seed';
import { evaluateFamily } from '../../src/core/search/evaluate-family';
import { createSampleSource } from '../../src/core/search/probe';
import { createTestDatabase } from './test-database';

/** The service without its API: use cases, queue and store on a database of its own. */
export interface TestService {
  readonly url: string;
  readonly database: Database;
  readonly events: RunEvents;
  readonly service: Service;
  readonly api: PlannerApi;
  readonly caller: Caller;
  startWorker(evaluator?: FamilyEvaluator): TaskWorker;
  /** Ends all workers at once. */
  stopWorkers(): Promise<void>;
  /** Waits until the newest run of a plan has ended. */
  finished(planId: string): Promise<RunRecord>;
  close(): Promise<void>;
}

export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export async function createTestService(): Promise<TestService> {
  const { url, drop } = await createTestDatabase();
  const database = connectDatabase(url, { poolSize: 8 });
  const { sql } = database;
  const reads = createReadStore(database);
  const writes = createWriteStore(database);
  const catalog = loadCatalog();
  await seedShipped(writes, catalog);
  const queue = await openTaskQueue(executeAlone(database.single), SILENT);
  const store = createRunStore(sql, queue, reads);
  const events = await openRunEvents(sql, SILENT);
  const nothing = () => Promise.reject(new Error('no simulator here'));
  const simulator = {
    simulate: nothing,
    calibrate: nothing,
    readTelemetry: nothing,
    observe: nothing,
    close: async () => {},
  };
  const service: Service = { reads, writes, store, runs: createOpenRuns(store, catalog), simulator, catalog };
  const workspace = await writes.ensureWorkspace('default');
  const caller: Caller = { keyId: null, workspaceId: workspace.id, role: 'admin' };
  const workers: TaskWorker[] = [];
  const stopWorkers = async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  };
  return {
    url,
    database,
    events,
    service,
    api: createPlannerApi(service, () => new Date()),
    caller,
    startWorker(evaluator = inThreadEvaluator()) {
      const worker = startTaskWorker({
        store,
        evaluator,
        events,
        catalog,
        logger: SILENT,
        host: 'test',
        pid: process.pid,
      });
      workers.push(worker);
      return worker;
    },
    async finished(planId) {
      for (;;) {
        const [run] = await reads.latestRuns([planId]);
        if (run && isFinished(run.status)) return run;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    stopWorkers,
    async close() {
      await stopWorkers();
      await queue.close();
      await database.close();
      await drop();
    },
  };
}

/** Evaluates for real, in this thread. */
export function inThreadEvaluator(): FamilyEvaluator {
  return {
    threads: 1,
    async evaluate({ context, family }, { signal } = {}) {
      // Lets the queue have its turn, and an abort come through.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      const evaluations = evaluateFamily(context, family, createSampleSource(context), {
        onDone: () => {},
        stop: () => false,
      });
      return { evaluations, busyS: 0.001 };
    },
    close: async () => {},
  };
}

/** A plan of a few candidates that takes a fraction of a second. */
export const smallRequest = {
  model: 'llama-2-7b',
  workload: {
    arrival_rate_range: [2, 60],
    prompt_length: { distribution: 'fixed', value: 256 },
    output_length: { distribution: 'fixed', value: 8 },
  },
  constraints: { max_ttft_p95_ms: 1000, max_latency_p99_ms: 2000, max_cost_per_hour: 60 },
  config_space: {
    gpu_types: ['A100', 'H100'],
    tensor_parallel: [1],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'sarathi'],
    max_batch_sizes: [8, 32],
  },
  simulation: { duration: 20, warmup_duration: 2, random_seed: 7 },
};

export const launchOf = (value: object, options: Partial<PlanLaunch> = {}): PlanLaunch => ({
  name: null,
  request: { kind: 'value', value: value as Readonly<Record<string, unknown>> },
  profileIds: [],
  workload: null,
  model: null,
  priority: 'normal',
  deadlineS: null,
  simulationsMax: null,
  idempotencyKey: null,
  useCalibrations: true,
  acceptProfileErrors: false,
  ...options,
});
