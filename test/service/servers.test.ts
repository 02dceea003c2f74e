import { type BuiltServer, startServer } from '../support/built-server';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Two servers on one database, as behind a load balancer: what one does, clients of the other hear.

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

let database: TestDatabase;
/** Only the second one simulates. */
let first: BuiltServer;
let second: BuiltServer;

beforeAll(async () => {
  database = await createTestDatabase();
  first = await startServer(database.url, { SIMFAASINFER_WORKER_IN_SERVER: 'off' });
  second = await startServer(database.url, { SIMFAASINFER_THREADS: '1' });
}, 120_000);

afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await database?.drop();
});

const REQUEST = {
  model: 'llama-2-7b',
  workload: { arrival_rate_range: [1, 60], prompt_length: 256, output_length: 16 },
  constraints: { max_ttft_p95_ms: 1000 },
  config_space: {
    gpu_types: ['A100', 'H100'],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'sarathi', 'orca', 'vllm-v0'],
    max_batch_sizes: [16, 64],
  },
  simulation: { duration: 30, warmup_duration: 2 },
};
const CANDIDATES = 32;

const LAUNCH = `mutation L($yaml: String!, $key: String) {
  launchPlan(input: { yaml: $yaml, idempotencyKey: $key }) { created plan { id } }
}`;
const launch = async (server: BuiltServer, key: string | null = null): Promise<Data> =>
  ((await server.http().request(LAUNCH, { yaml: JSON.stringify(REQUEST), key })) as Data).launchPlan;

/** Everything a server tells of a plan, until it ends. */
async function told(server: BuiltServer, field: string, planId: string): Promise<Data[]> {
  const query = `subscription S($planId: ID!) { told: ${field} }`;
  const messages: Data[] = [];
  for await (const { data } of server.ws().iterate({ query, variables: { planId } }))
    messages.push((data as Data).told);
  return messages;
}

test('a client of one server hears of a plan that was launched at the other, to its end', async () => {
  const { plan } = await launch(second);
  const [candidates, here, there] = await Promise.all([
    told(first, 'candidateEvaluated(planId: $planId) { configId }', plan.id),
    told(first, 'planProgress(planId: $planId) { status evaluatedCount }', plan.id),
    told(second, 'planProgress(planId: $planId) { status evaluatedCount }', plan.id),
  ]);
  const configIds = candidates.map(({ configId }) => configId as number);
  expect(configIds.toSorted((a, b) => a - b)).toEqual(Array.from({ length: CANDIDATES }, (_, i) => i + 1));
  for (const progress of [here, there]) {
    expect(progress.at(-1)).toEqual({ status: 'COMPLETED', evaluatedCount: CANDIDATES });
    // Not only the beginning and the end.
    expect(progress.length).toBeGreaterThan(2);
  }
}, 120_000);

test('a plan cancelled at one server ends for clients of the other', async () => {
  const { plan } = await launch(second);
  const query = 'subscription S($planId: ID!) { planProgress(planId: $planId) { status } }';
  const statuses: string[] = [];
  for await (const { data } of first.ws().iterate({ query, variables: { planId: plan.id } })) {
    const { status } = (data as Data).planProgress;
    statuses.push(status);
    if (statuses.length === 1)
      await second.http().request('mutation C($id: ID!) { cancelPlan(id: $id) { status } }', { id: plan.id });
  }
  expect(statuses.at(-1)).toBe('CANCELLED');
}, 120_000);

test('a launch sent to both at once is one plan', async () => {
  const launched = await Promise.all(
    [first, second, first, second].map((server) => launch(server, 'at once')),
  );
  expect(new Set(launched.map(({ plan }) => plan.id)).size).toBe(1);
  expect(launched.filter(({ created }) => created)).toHaveLength(1);
}, 120_000);
