import { loadStoredRun } from '../../src/app/plans/stored-run';
import { reportJson } from '../../src/core/report/report-json';
import { directly } from '../support/directly';
import {
  createTestService,
  inThreadEvaluator,
  launchOf,
  smallRequest,
  type TestService,
} from '../support/service';

let planning: TestService;
beforeAll(async () => {
  planning = await createTestService();
});
afterEach(() => planning.stopWorkers());
afterAll(() => planning.close());

const storedRun = async (planId: string) => {
  const run = await planning.finished(planId);
  return loadStoredRun(planning.service, planning.caller, run.id);
};

test('a plan run by two workers finds what the library finds, and keeps all of it', async () => {
  planning.startWorker();
  planning.startWorker();
  const { plan, run, created } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  expect(created).toBe(true);
  expect(run.status).toBe('queued');
  const stored = await storedRun(plan.id);
  expect(stored.run).toMatchObject({ status: 'completed', stopReason: null, error: null, failedCount: 0 });
  expect(stored.run.evaluatedCount).toBe(stored.run.candidateCount);
  const { result: direct } = await directly(smallRequest);
  expect(stored.result.candidates).toEqual(direct.candidates);
  const { simulationCpuS: _, ...kept } = stored.result;
  const { simulationCpuS: __, ...expected } = direct;
  expect(kept).toEqual(expected);
  expect(stored.run.feasibleCount).toBe(
    direct.candidates.filter((c) => c.status === 'FEASIBLE' || c.status === 'CAPPED').length,
  );
});

test('its report is that of the library, but for the times', async () => {
  planning.startWorker();
  const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  const run = await planning.finished(plan.id);
  const report = JSON.parse(await planning.api.report(planning.caller, run.id, 'json'));
  const { result, context } = await directly(smallRequest);
  const expected = JSON.parse(JSON.stringify(reportJson(result, context)));
  const comparable = ({ summary: { total_simulation_time_s: _, ...summary }, ...rest }: typeof expected) => ({
    ...rest,
    timestamp: null,
    summary,
  });
  expect(comparable(report)).toEqual(comparable(expected));
});

test('min_cost solves its replicas in further rounds, as the library does', async () => {
  const request = {
    ...smallRequest,
    objective: 'min_cost',
    target_qps: 55,
    config_space: { ...smallRequest.config_space, num_replicas: [1] },
  };
  planning.startWorker();
  const { plan } = await planning.api.launchPlan(planning.caller, launchOf(request));
  const stored = await storedRun(plan.id);
  const { result: direct } = await directly(request);
  expect(direct.candidates.length).toBeGreaterThan(8);
  expect(stored.result.candidates).toEqual(direct.candidates);
  expect(stored.result.best).toBe(direct.best);
});

describe('launching', () => {
  test('one idempotency key launches one plan; with another request it is a conflict', async () => {
    const launch = launchOf(smallRequest, { idempotencyKey: 'nightly' });
    const launches = await Promise.all([1, 2, 3].map(() => planning.api.launchPlan(planning.caller, launch)));
    expect(new Set(launches.map(({ plan }) => plan.id)).size).toBe(1);
    expect(launches.filter(({ created }) => created)).toHaveLength(1);
    await expect(
      planning.api.launchPlan(planning.caller, { ...launch, deadlineS: 60 }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await planning.api.cancelPlan(planning.caller, launches[0]!.plan.id);
  });

  test('the same request is stored once', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) =>
        planning.api.launchPlan(planning.caller, launchOf(smallRequest, { name })),
      ),
    );
    expect(one!.plan.planRequestId).toBe(two!.plan.planRequestId);
    expect(one!.plan.id).not.toBe(two!.plan.id);
    for (const { plan } of [one!, two!]) await planning.api.cancelPlan(planning.caller, plan.id);
  });

  test.each([
    [{ ...smallRequest, model: 'llama-2-7z' }, 'model'],
    [{ ...smallRequest, config_space: { gpu_types: ['H1000'] } }, 'config_space.gpu_types'],
    [{ ...smallRequest, profile: 'no/such/profile' }, 'profiles'],
    [{ ...smallRequest, workload: { trace: 'no-such-trace' } }, 'workload.trace'],
  ])('refuses what it cannot plan, before anything is stored (%#)', async (value, path) => {
    await expect(planning.api.launchPlan(planning.caller, launchOf(value))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fault: { path: expect.stringContaining(path) },
    });
  });

  test('a viewer may not', async () => {
    const viewer = { ...planning.caller, role: 'viewer' as const };
    await expect(planning.api.launchPlan(viewer, launchOf(smallRequest))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('ending early', () => {
  test('a cancelled plan ends at once, keeps what is done, and gives the rest its reason', async () => {
    const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    // The worker prepares and evaluates one family, then waits.
    let evaluated = 0;
    const plain = inThreadEvaluator();
    planning.startWorker({
      ...plain,
      evaluate: async (task, options) => {
        if (evaluated++ >= 1) {
          await new Promise((_, reject) =>
            options?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
          );
        }
        return plain.evaluate(task, options);
      },
    });
    while (evaluated < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const run = await planning.api.cancelPlan(planning.caller, plan.id);
    expect(run).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' });
    const stored = await storedRun(plan.id);
    expect(stored.result.candidates).toHaveLength(run.candidateCount);
    const statuses = new Set(stored.result.candidates.map(({ status }) => status));
    expect(statuses).toContain('NOT_EVALUATED');
    expect(stored.result.candidates.every((c) => c.status === 'FEASIBLE' || c.reason !== null)).toBe(true);
    expect(await planning.api.cancelPlan(planning.caller, plan.id)).toEqual(run);
  });

  test('a plan without a worker can be cancelled too', async () => {
    const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    const run = await planning.api.cancelPlan(planning.caller, plan.id);
    expect(run).toMatchObject({ status: 'cancelled', candidateCount: 0 });
  });

  test('the budget of simulations ends a plan as stopped', async () => {
    planning.startWorker();
    const { plan } = await planning.api.launchPlan(
      planning.caller,
      launchOf(smallRequest, { simulationsMax: 5 }),
    );
    const run = await planning.finished(plan.id);
    expect(run).toMatchObject({ status: 'stopped', stopReason: 'simulations' });
    expect(run.simulations).toBeGreaterThanOrEqual(5);
    expect(run.evaluatedCount).toBeLessThan(run.candidateCount);
  });

  test('so does a deadline', async () => {
    const { plan } = await planning.api.launchPlan(
      planning.caller,
      launchOf(smallRequest, { deadlineS: 0.05 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    planning.startWorker({
      ...inThreadEvaluator(),
      evaluate: (_, options) =>
        new Promise((_, reject) =>
          options?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    });
    const run = await planning.finished(plan.id);
    expect(run).toMatchObject({ status: 'stopped', stopReason: 'deadline' });
  });
});

describe('workers that fail', () => {
  test('tasks of a worker that gives no sign of life go to another; nothing is stored twice', async () => {
    const { store } = planning.service;
    const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    const dead = '00000000-0000-4000-8000-000000000001';
    const [prepare] = await store.claim(dead, 1);
    expect(prepare).toMatchObject({ kind: 'prepare', attempt: 1 });
    expect(await store.claim(dead, 10)).toEqual([]);
    expect(await store.takeOver(12)).toBe(1);
    planning.startWorker();
    const run = await planning.finished(plan.id);
    expect(run.status).toBe('completed');
    const [{ n }] = (await planning.database.sql`
      SELECT count(*)::int AS n FROM candidates WHERE run_id = ${run.id}`) as unknown as [{ n: number }];
    expect(n).toBe(run.candidateCount);
    // The dead one comes back with its result: too late.
    await store.savePrepared(prepare!, {
      round: { settled: [], families: [] },
      profiles: [],
      calibrationIds: [],
      notes: [],
      warnings: [],
    });
    expect(await planning.finished(plan.id)).toEqual(run);
  });

  test('a task that fails every time fails its candidates, with the reason, and not the plan', async () => {
    const plain = inThreadEvaluator();
    planning.startWorker({
      ...plain,
      evaluate: (task, options) => {
        if (task.family.gpu.id === 'a100-80gb' && task.family.members[0]!.deployment.scheduler === 'sarathi')
          return Promise.reject(new Error('the thread ran out of memory'));
        return plain.evaluate(task, options);
      },
    });
    const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    const { run, result } = await storedRun(plan.id);
    expect(run.status).toBe('completed');
    const failed = result.candidates.filter(({ status }) => status === 'FAILED');
    expect(run.failedCount).toBe(failed.length);
    expect(failed.length).toBeGreaterThan(0);
    for (const candidate of failed) {
      expect(candidate.deployment).toMatchObject({ gpuId: 'a100-80gb', scheduler: 'sarathi' });
      expect(candidate.reason).toBe('given up after 5 attempts: the thread ran out of memory');
      expect(candidate.meetsAllTargets).toBe(false);
    }
  });

  test('a run begun with another engine is failed with the reason', async () => {
    const { plan, run } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    await planning.database.sql`UPDATE plan_runs SET engine_version = '0.1' WHERE id = ${run.id}`;
    planning.startWorker();
    const ended = await planning.finished(plan.id);
    expect(ended.status).toBe('failed');
    expect(ended.error).toMatch(/engine 0\.1.*run the plan again/);
  });

  test('a worker told to stop gives back what it has in hand', async () => {
    let begun = 0;
    const stuck = planning.startWorker({
      ...inThreadEvaluator(),
      evaluate: () => {
        begun++;
        return new Promise(() => {});
      },
    });
    const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
    while (begun < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await stuck.stop(0);
    planning.startWorker();
    expect((await planning.finished(plan.id)).status).toBe('completed');
  });
});

test('plans share the workers: a later one does not wait for an earlier one to end', async () => {
  // Many tasks of one candidate each.
  const many = {
    ...smallRequest,
    config_space: {
      gpu_types: ['A100', 'H100'],
      tensor_parallel: [1, 2],
      num_replicas: [1],
      schedulers: ['vllm', 'vllm-v0', 'sarathi', 'orca'],
      max_batch_sizes: [8],
    },
  };
  const first = await planning.api.launchPlan(planning.caller, launchOf(many, { name: 'first' }));
  const order: string[] = [];
  const plain = inThreadEvaluator();
  let second: Awaited<typeof first> | null = null;
  planning.startWorker({
    ...plain,
    evaluate: async (task, options) => {
      order.push(task.contextKey);
      if (order.length === 1)
        second = await planning.api.launchPlan(planning.caller, launchOf(many, { name: 'second' }));
      return plain.evaluate(task, options);
    },
  });
  await planning.finished(first.plan.id);
  await planning.finished(second!.plan.id);
  expect(order).toHaveLength(32);
  // They alternate from where the second one joins.
  const joined = order.indexOf(second!.run.id);
  expect(joined).toBeLessThan(10);
  const shared = order.slice(joined, joined + 12);
  expect(shared.filter((runId) => runId === first.run.id).length).toBeGreaterThanOrEqual(4);
  expect(shared.filter((runId) => runId === second!.run.id).length).toBeGreaterThanOrEqual(4);
});

test('what is finished stays as it is', async () => {
  planning.startWorker();
  const { plan } = await planning.api.launchPlan(planning.caller, launchOf(smallRequest));
  const run = await planning.finished(plan.id);
  const { sql } = planning.database;
  for (const change of [
    sql`UPDATE plan_runs SET simulations = 0 WHERE id = ${run.id}`,
    sql`UPDATE candidates SET max_qps = 1e9 WHERE run_id = ${run.id}`,
    sql`UPDATE load_points SET rate_qps = 1 WHERE run_id = ${run.id}`,
    sql`
      INSERT INTO candidates (run_id, config_id, workspace_id, gpu_id, tensor_parallel, pipeline_parallel, num_replicas,
        total_gpus, scheduler, max_batch_size, engine_settings, status, reason, meets_all_targets, targets)
      SELECT run_id, 99999, workspace_id, gpu_id, tensor_parallel, pipeline_parallel, num_replicas,
        total_gpus, scheduler, max_batch_size, engine_settings, 'INVALID', 'late', false, '[]'
      FROM candidates WHERE run_id = ${run.id} LIMIT 1`,
  ]) {
    await expect(Promise.resolve(change)).rejects.toThrow(/never changed once stored|gains no candidates/);
  }
});
