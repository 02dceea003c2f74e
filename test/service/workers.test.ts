import { join } from 'node:path';
import { type BuiltProcess, type BuiltServer, DIST, startServer, startWorker } from '../support/built-server';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Processes that share nothing but the database, and end in every way.

/** One simulation thread each; the server leaves simulating to the workers. */
const SERVER = { SIMFAASINFER_WORKER_IN_SERVER: 'off', SIMFAASINFER_THREADS: '1' };
const WORKER = { SIMFAASINFER_THREADS: '1' };
const TIMEOUT_MS = 120_000;

/** 64 candidates that take some seconds of CPU. */
const REQUEST = {
  model: 'llama-2-7b',
  workload: {
    arrival_rate_range: [0.5, 300],
    prompt_length: { distribution: 'normal', mean: 256, std: 64 },
    output_length: { distribution: 'normal', mean: 32, std: 8 },
  },
  constraints: { max_ttft_p95_ms: 1000, max_latency_p99_ms: 6000 },
  config_space: {
    gpu_types: ['A100', 'H100'],
    tensor_parallel: [1, 2],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'vllm-v0', 'sarathi', 'orca'],
    max_batch_sizes: [32, 64],
  },
  simulation: { duration: 60, warmup_duration: 5, random_seed: 7 },
};
const CANDIDATES = 64;

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

let database: TestDatabase;
const processes: BuiltProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.stop()));
  await database.drop();
});

const serve = async (env: Record<string, string> = SERVER): Promise<BuiltServer> =>
  keep(await startServer(database.url, env));
const work = async (): Promise<BuiltProcess> => keep(await startWorker(database.url, WORKER));

function keep<T extends BuiltProcess>(process: T): T {
  processes.push(process);
  return process;
}

const ask = (server: BuiltServer, query: string, variables: object): Promise<Data> =>
  server.http().request(query, variables);

async function launch(server: BuiltServer, request: object): Promise<string> {
  const query = 'mutation L($yaml: String!) { launchPlan(input: { yaml: $yaml }) { plan { id } } }';
  return (await ask(server, query, { yaml: JSON.stringify(request) })).launchPlan.plan.id;
}

/** The candidates of a plan in the order in which a server tells of them. `act` is called once `count` came. */
async function follow(
  server: BuiltServer,
  planId: string,
  after: { readonly count: number; readonly act: () => unknown } | null = null,
): Promise<number[]> {
  const told: number[] = [];
  const query = 'subscription C($planId: ID!) { candidateEvaluated(planId: $planId) { configId } }';
  for await (const { data, errors } of server.ws().iterate({ query, variables: { planId } })) {
    expect(errors).toBeUndefined();
    told.push((data as Data).candidateEvaluated.configId);
    if (told.length === after?.count) await after.act();
  }
  return told;
}

const planOf = async (server: BuiltServer, id: string): Promise<Data> => {
  const query = `query P($id: ID!) { plan(id: $id) {
    runs { status number error evaluatedCount failedCount candidateCount }
    candidates(first: 1) { totalCount }
    report
  } }`;
  return (await ask(server, query, { id })).plan;
};

/** The report without what depends on when and how fast it was made. */
function lasting({ timestamp, summary, ...rest }: Data): Data {
  const { total_simulation_time_s, ...counts } = summary;
  expect(Date.parse(timestamp)).not.toBeNaN();
  expect(total_simulation_time_s).toBeGreaterThan(0);
  return { ...rest, summary: counts };
}

/** What the library says in one process. */
let undisturbed: Data;
beforeAll(async () => {
  const { runCapacityPlanning } = require(join(DIST, 'index.js')) as typeof import('../../src/index');
  undisturbed = lasting(await runCapacityPlanning({ workloadConfig: REQUEST as object }));
  expect(undisturbed.all_candidates).toHaveLength(CANDIDATES);
}, TIMEOUT_MS);

const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const EACH_ONCE = Array.from({ length: CANDIDATES }, (_, i) => i + 1);

function expectUndisturbed(plan: Data): void {
  const counts = { evaluatedCount: CANDIDATES, candidateCount: CANDIDATES, failedCount: 0 };
  expect(plan.runs).toEqual([{ status: 'COMPLETED', number: 1, error: null, ...counts }]);
  expect(plan.candidates.totalCount).toBe(CANDIDATES);
  expect(lasting(JSON.parse(plan.report))).toEqual(undisturbed);
}

const messages = ({ log }: BuiltProcess) => log.map(({ msg }) => msg);
const faults = ({ log }: BuiltProcess) => log.filter(({ level }) => level === 'error' || level === 'fatal');

test(
  'a worker is killed in the middle of a plan: another one takes over, and the plan is the same',
  async () => {
    const server = await serve();
    const [doomed, survivor] = [await work(), await work()];
    const planId = await launch(server, REQUEST);
    const told = await follow(server, planId, { count: 10, act: () => doomed.kill('SIGKILL') });
    expect(await doomed.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(ascending(told)).toEqual(EACH_ONCE);
    expectUndisturbed(await planOf(server, planId));
    expect(messages(survivor)).toContain('took over tasks of workers that died');
    expect(faults(survivor)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a server is told to end: it hands back what it was doing, and another process does it',
  async () => {
    const watcher = await serve();
    // It also simulates, and has no time to finish.
    const server = await serve({ SIMFAASINFER_THREADS: '1', SIMFAASINFER_SHUTDOWN_GRACE_S: '0' });
    const planId = await launch(server, REQUEST);
    let next: BuiltProcess | null = null;
    const told = await follow(watcher, planId, {
      count: 10,
      act: async () => {
        expect(await server.stop()).toEqual({ code: 0, signal: null });
        const query = 'query P($id: ID!) { plan(id: $id) { progress { finished evaluatedCount } } }';
        const { progress } = (await ask(watcher, query, { id: planId })).plan;
        expect(progress.finished).toBe(false);
        expect(progress.evaluatedCount).toBeLessThan(CANDIDATES);
        next = await work();
      },
    });
    expect(ascending(told)).toEqual(EACH_ONCE);
    expectUndisturbed(await planOf(watcher, planId));
    // Nobody had to wait until the server counted as dead.
    expect(messages(next!)).not.toContain('took over tasks of workers that died');
    expect(faults(server)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a cancelled plan has ended when the answer comes, and nothing more is done for it',
  async () => {
    const server = await serve();
    const worker = await work();
    const planId = await launch(server, REQUEST);
    let answer: Data;
    await follow(server, planId, {
      count: 10,
      act: async () => {
        const query = `mutation C($id: ID!) { cancelPlan(id: $id) {
          status stopReason evaluatedCount candidateCount progress { finished }
        } }`;
        answer = (await ask(server, query, { id: planId })).cancelPlan;
      },
    });
    expect(answer).toMatchObject({
      status: 'CANCELLED',
      stopReason: 'CANCELLED',
      candidateCount: CANDIDATES,
      progress: { finished: true },
    });

    // A plan launched afterwards is done whole: the worker is free of the first one.
    const half = { ...REQUEST, config_space: { ...REQUEST.config_space, gpu_types: ['A100'] } };
    const next = await launch(server, half);
    await follow(server, next);
    expect((await planOf(server, next)).runs).toMatchObject([
      { status: 'COMPLETED', evaluatedCount: CANDIDATES / 2 },
    ]);

    const { runs, report } = await planOf(server, planId);
    expect(runs).toMatchObject([{ status: 'CANCELLED', evaluatedCount: answer.evaluatedCount }]);
    const { all_candidates: all, partial } = JSON.parse(report);
    const done = all.filter(({ status }: Data) => status !== 'NOT_EVALUATED');
    expect([partial, all.length]).toEqual([true, CANDIDATES]);
    expect(done.length).toBeGreaterThanOrEqual(10);
    expect(done.length).toBeLessThan(CANDIDATES);
    // What was done before is what it would be in the whole plan.
    for (const candidate of done) {
      const whole = undisturbed.all_candidates[candidate.config_id - 1];
      expect([candidate.status, candidate.performance]).toEqual([whole.status, whole.performance]);
    }
    expect(faults(worker)).toEqual([]);
  },
  TIMEOUT_MS,
);
