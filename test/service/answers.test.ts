import { ClientError } from 'graphql-request';
import { type BuiltServer, startServer } from '../support/built-server';
import { withClient } from '../support/embedded-user';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Answers of the built server that need its threads, its configuration or its probes.

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

let database: TestDatabase;
let server: BuiltServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer(database.url, { SIMFAASINFER_WORKER_IN_SERVER: 'off' });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

const ask = (query: string, variables: object = {}): Promise<Data> => server.http().request(query, variables);

async function refusal(query: string, variables: object): Promise<Data> {
  try {
    throw new Error(`answered with ${JSON.stringify(await ask(query, variables))}`);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    expect(error.response.errors).toHaveLength(1);
    return error.response.errors![0];
  }
}

const SIMULATE = `mutation S($input: SimulateInput!) {
  simulate(input: $input) { model { id } config { gpuType } notes metrics { requests { completed } ttftMs { p50 } } }
}`;
const request = (more: object = {}): object => ({
  deployment: { gpuType: 'A100', tensorParallel: 1, scheduler: 'VLLM' },
  workload: {
    arrival: { process: 'CONSTANT', rate: 2 },
    promptLength: { distribution: 'FIXED', value: 100 },
    outputLength: { distribution: 'FIXED', value: 10 },
  },
  simulation: { duration: 10, warmupDuration: 1 },
  ...more,
});

const LIBRARY_PROFILE = 'a100-80gb/llama-2-7b/tp1/kernel-sum-bf16';

describe('simulate', () => {
  test('without a profile takes the library one that a plan would, and says which', async () => {
    const { simulate } = await ask(SIMULATE, { input: { request: request({ model: 'llama-7b' }) } });
    expect(simulate).toMatchObject({ model: { id: 'llama-2-7b' }, config: { gpuType: 'a100-80gb' } });
    expect(simulate.notes).toContain(
      `profile: not given, taken as library profile ${LIBRARY_PROFILE}, for this GPU and degree.`,
    );
    const preview = await ask(
      'query { previewPlan(input: { yaml: "{model: llama-7b, config_space: {gpu_types: A100, tensor_parallel: 1}}" }) { profiles } }',
    );
    expect(preview.previewPlan.profiles).toEqual([`a100-80gb tp1: ${LIBRARY_PROFILE}`]);
    const named = await ask(SIMULATE, { input: { request: request({ profile: LIBRARY_PROFILE }) } });
    expect(named.simulate.metrics).toEqual(simulate.metrics);
  }, 60_000);

  test('without profile and model says what to give', async () => {
    const { extensions } = await refusal(SIMULATE, { input: { request: request() } });
    expect(extensions).toMatchObject({
      code: 'INVALID_INPUT',
      path: 'input.request.profile',
      allowed: 'a profile, or model: the profile of the library is then taken',
    });
  });

  test('on another model than the profile is of is refused', async () => {
    const input = { request: request({ model: 'llama-3.1-8b', profile: LIBRARY_PROFILE }) };
    expect((await refusal(SIMULATE, { input })).extensions).toMatchObject({
      code: 'INVALID_INPUT',
      path: 'input.request.model',
    });
  }, 60_000);

  test('on a profile with errors says how the API accepts it', async () => {
    const { ingestProfile } = await ask(
      'mutation I($input: ProfileInput!) { ingestProfile(input: $input) { profile { id } findings { severity } } }',
      {
        input: {
          model: 'llama-2-7b',
          gpu: 'A100',
          tensorParallel: 1,
          fittedProfile: [
            { type: 'prefill', seq_len: 1024, batch_size: 8, mean_ms: 0.05 },
            { type: 'prefill', seq_len: 2048, batch_size: 8, mean_ms: 0.1 },
            { type: 'decode', kv_cache: 128, batch_size: 1, mean_ms: 0.001 },
            { type: 'decode', kv_cache: 128, batch_size: 2, mean_ms: 0.002 },
          ],
        },
      },
    );
    const input = { profileId: ingestProfile.profile.id, request: request() };
    const { message, extensions } = await refusal(SIMULATE, { input });
    expect(extensions.hint).toMatch(/use it all the same with acceptProfileErrors: true$/);
    expect(message).not.toContain('--');
  }, 60_000);
});

describe('a fault is told in words of the API', () => {
  const LAUNCH = 'query L($input: LaunchPlanInput!) { previewPlan(input: $input) { candidateCount } }';
  const plan = (yaml: string) => ({ query: LAUNCH, input: { yaml } });
  const deployment = (yaml: string) => ({ query: SIMULATE, input: { yaml } });
  const lengths = (promptLength: object) => ({
    query: LAUNCH,
    input: { request: { model: 'llama-7b', workload: { promptLength, outputLength: promptLength } } },
  });

  test.each<[string, { query: string; input: object }]>([
    ['an empty text', plan('')],
    ['a trace that is none', plan('{model: llama-7b, workload: {trace: 3}}')],
    ['an unknown trace', plan('{model: llama-7b, workload: {trace: requests.csv}}')],
    ['a profile that is none', plan('{model: llama-7b, profile: 3}')],
    ['profiles that are none', plan('{model: llama-7b, profiles: [3]}')],
    ['an unknown profile', plan('{model: llama-7b, profile: ./my-profile}')],
    ['no model', plan('{}')],
    ['two models', { query: LAUNCH, input: { model: 'llama-13b', yaml: '{model: llama-7b}' } }],
    ['lengths without values', lengths({ distribution: 'EMPIRICAL' })],
    ['lengths of an unknown trace', lengths({ distribution: 'TRACE', path: 'x.csv' })],
    ['a trace without a name', lengths({ distribution: 'TRACE' })],
    ['a deployment without anything', deployment('{}')],
    [
      'a deployment with a profile that is none',
      deployment(
        '{profile: 3, deployment: {gpu_type: A100, tensor_parallel: 1, scheduler: vllm}, workload: {trace: t}}',
      ),
    ],
    [
      'an unknown profile of a deployment',
      deployment(
        '{profile: ./here, deployment: {gpu_type: A100, tensor_parallel: 1, scheduler: vllm}, workload: {arrival: {process: poisson, rate: 1}, prompt_length: 1, output_length: 1}}',
      ),
    ],
  ])('%s', async (_, { query, input }) => {
    const { message, extensions } = await refusal(query, { input });
    expect(extensions.code).toBe('INVALID_INPUT');
    const advice = `${message} ${extensions.allowed} ${extensions.hint ?? ''}`;
    expect(advice).not.toMatch(/\b(folder|files?|CSV|command|simfaasinfer)\b|--/);
  });
});

test('a database set back to before a migration makes the server not ready', async () => {
  const probe = async () => {
    const response = await fetch(`${server.url}/readyz`);
    return { code: response.status, ...((await response.json()) as object) };
  };
  const ok = { database: 'ok', migrations: 'ok', queue: 'ok' };
  expect(await probe()).toEqual({ code: 200, status: 'ready', checks: ok });
  await withClient(database.url, async (sql) => {
    const finished = 'select id, finished_at from "_prisma_migrations" order by migration_name desc limit 1';
    const [row] = await sql.unsafe(finished);
    await sql`update "_prisma_migrations" set finished_at = null where id = ${row!.id}`;
    expect(await probe()).toEqual({
      code: 503,
      status: 'not ready',
      checks: { ...ok, migrations: 'failed' },
    });
    await sql`update "_prisma_migrations" set finished_at = ${row!.finished_at} where id = ${row!.id}`;
  });
  expect((await probe()).code).toBe(200);
});

test('the time of SQL is among the metrics', async () => {
  const count = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^simfaasinfer_sql_duration_seconds_count (\d+)$/m.exec(text)?.[1]);
  };
  const before = await count();
  await ask('{ plans { nodes { id } } }');
  expect(await count()).toBeGreaterThan(before);
});
