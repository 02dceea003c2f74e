import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { loadCatalog } from '../../src/app/load-catalog';
import { hostIdentity, isGone } from '../../src/app/plans/host-processes';
import { startTaskWorker, type TaskWorker } from '../../src/app/plans/task-worker';
import { type RunStore, StoreUnavailableError } from '../../src/app/ports/run-store';
import {
  createTestService,
  inThreadEvaluator,
  launchOf,
  SILENT,
  smallRequest,
  type TestService,
} from '../support/service';

let planning: TestService;
const workers: TaskWorker[] = [];
beforeAll(async () => {
  planning = await createTestService();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await planning.database.sql`DELETE FROM workers`;
});
afterAll(() => planning.close());

/** The number of a process that has ended. */
const endedPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

const host = hostIdentity();

/** A worker that has given signs of life and has the first task of a new plan. */
async function workerWithTask(of: { readonly host: string; readonly pid: number }) {
  const { store } = planning.service;
  const id = randomUUID();
  await store.heartbeat({ id, ...of, threads: 1, engineVersion: '1' });
  // Not even silent for long.
  await planning.database.sql`UPDATE workers SET last_seen_at = now() + interval '1 h' WHERE id = ${id}`;
  const { plan, run } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  const [task] = await store.claim(id, 1);
  expect(task).toMatchObject({ runId: run.id, kind: 'prepare' });
  return { id, plan, run, task: task! };
}

const workerOf = async (runId: string): Promise<string | null> => {
  const [row] = await planning.database.sql<{ worker_id: string | null }[]>`
    SELECT worker_id FROM plan_tasks WHERE run_id = ${runId}`;
  return row!.worker_id;
};

function start(store: RunStore = planning.service.store): TaskWorker {
  const { events } = planning;
  const worker = startTaskWorker({
    store,
    events,
    evaluator: inThreadEvaluator(),
    catalog: loadCatalog(),
    logger: SILENT,
    host,
    pid: process.pid,
  });
  workers.push(worker);
  return worker;
}

describe('a worker of this host', () => {
  test('is dead as soon as its process is gone, though nobody has missed a sign of life', async () => {
    const { plan } = await workerWithTask({ host, pid: endedPid() });
    start();
    expect((await planning.finished(plan.id)).status).toBe('completed');
  });

  test('is forgotten with it, and its task is queued once', async () => {
    const { store } = planning.service;
    const { id, plan, run } = await workerWithTask({ host, pid: endedPid() });
    const taken = await Promise.all([1, 2, 3].map(() => store.takeOverGone(host, isGone)));
    expect(taken.toSorted()).toEqual([0, 0, 1]);
    expect(await workerOf(run.id)).toBeNull();
    expect(await planning.database.sql`SELECT 1 FROM workers WHERE id = ${id}`).toHaveLength(0);
    expect(await store.claim(randomUUID(), 10)).toMatchObject([{ runId: run.id, attempt: 2 }]);
    await planning.api.cancelPlan(planning.caller, plan.id);
  });

  test.each([
    ['its own', () => process.pid],
    // 1 belongs to the system: it is there, whether we may signal it or not.
    ['one that another program has now', () => 1],
  ])('keeps its task while there is a process of its number: %s', async (_, pid) => {
    const { id, plan, run } = await workerWithTask({ host, pid: pid() });
    expect(await planning.service.store.takeOverGone(host, isGone)).toBe(0);
    expect(await workerOf(run.id)).toBe(id);
    await planning.api.cancelPlan(planning.caller, plan.id);
  });

  test.each([
    ['of another name', host.replace(/^\S+/, 'elsewhere')],
    ['since another boot', host.replace(/ \S+/, ' 00000000-0000-4000-8000-000000000000')],
    ['with process numbers of its own', host.replace(/\S+$/, 'pid:[1]')],
  ])('is not one of a host %s, whose numbers say nothing here', async (_, other) => {
    expect(other).not.toBe(host);
    const { id, plan, run } = await workerWithTask({ host: other, pid: endedPid() });
    expect(await planning.service.store.takeOverGone(host, isGone)).toBe(0);
    expect(await workerOf(run.id)).toBe(id);
    await planning.api.cancelPlan(planning.caller, plan.id);
  });
});

test('tasks whose claim was answered into the void are done all the same, by the same worker', async () => {
  const { store } = planning.service;
  let lost = 0;
  start({
    ...store,
    // The database does what the first claim that finds work asks; then the connection is lost.
    claim: async (id, count) => {
      const tasks = await store.claim(id, count);
      if (tasks.length === 0 || lost++ > 0) return tasks;
      throw new StoreUnavailableError(new Error('CONNECTION_CLOSED'));
    },
  });
  const { plan, run } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  expect((await planning.finished(plan.id)).status).toBe('completed');
  expect(lost).toBeGreaterThan(1);
  const attempts = await planning.database.sql<{ attempts: number }[]>`
    SELECT attempts FROM plan_tasks WHERE run_id = ${run.id}`;
  expect(new Set(attempts.map((row) => row.attempts))).toEqual(new Set([1]));
});

test('so are tasks that could not be given back while the database was away', async () => {
  const { store } = planning.service;
  let away = 0;
  const unavailable = () => Promise.reject(new StoreUnavailableError(new Error('ECONNREFUSED')));
  // Away when the task opens its run, and still when it is given back.
  const leaving: RunStore = {
    ...store,
    open: (runId) => (away++ === 0 ? unavailable() : store.open(runId)),
    release: (task, error) => (away++ === 1 ? unavailable() : store.release(task, error)),
  };
  start(leaving);
  const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  expect((await planning.finished(plan.id)).status).toBe('completed');
  expect(away).toBeGreaterThan(2);
});
