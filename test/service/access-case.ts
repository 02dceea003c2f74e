import { ClientError } from 'graphql-request';
import { type BuiltServer, createKey, startServer } from '../support/built-server';
import { profileInput } from '../support/shipped-profile';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
export type Data = any;

/** A server that asks for keys, and two workspaces on it. */
export interface Access {
  readonly database: TestDatabase;
  readonly server: BuiltServer;
  /** Admin keys of both workspaces, and lesser keys of ours. */
  readonly keys: Readonly<Record<'ours' | 'theirs' | 'viewer' | 'planner', string>>;
  /** One of everything in our workspace, by what it is. */
  readonly ids: Readonly<Record<string, string>>;
  /** The data of an answer without errors. */
  ask(key: string, query: string, variables?: object): Promise<Data>;
  /** The errors of an answer without data. */
  refusal(key: string, query: string, variables?: object): Promise<Data[]>;
  close(): Promise<void>;
}

export async function openAccess(): Promise<Access> {
  const database = await createTestDatabase();
  const keys = {
    ours: await createKey(database.url, { role: 'admin', workspace: 'ours' }),
    theirs: await createKey(database.url, { role: 'admin', workspace: 'theirs' }),
    viewer: await createKey(database.url, { role: 'viewer', workspace: 'ours' }),
    planner: await createKey(database.url, { role: 'planner', workspace: 'ours' }),
  };
  const server = await startServer(database.url, { SIMFAASINFER_OPEN: 'off', SIMFAASINFER_THREADS: '1' });
  const ask = (key: string, query: string, variables: object = {}): Promise<Data> =>
    server.http(key).request(query, variables);
  return {
    database,
    server,
    keys,
    ids: await storeOurs(server, keys.ours, (query, variables) => ask(keys.ours, query, variables)),
    ask,
    async refusal(key, query, variables = {}) {
      try {
        const data = await ask(key, query, variables);
        throw new Error(`answered with ${JSON.stringify(data)}`);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const { data, errors } = error.response as Data;
        expect(data ?? null).toBeNull();
        return errors;
      }
    },
    async close() {
      await server.stop();
      await database.drop();
    },
  };
}

export const codes = (errors: readonly Data[]) => errors.map(({ extensions }) => extensions.code);

const SAMPLES = [...Array(20).keys()].map((i) => ({
  arrivedAtS: i,
  promptTokens: 100 + 40 * i,
  outputTokens: 10 + i,
  ttftMs: 30 + 2 * i,
  e2eMs: 130 + 14 * i,
}));

const TELEMETRY = {
  name: 'our-telemetry',
  telemetry: {
    model: 'llama-3.1-8b',
    engine: 'vllm 0.15.1',
    deployment: { gpuType: 'H100', tensorParallel: 1, scheduler: 'VLLM' },
    samples: SAMPLES,
  },
};

/** A plan of one candidate. */
export const REQUEST = {
  model: 'llama-2-7b',
  workload: {
    arrivalRateRange: [2, 20],
    promptLength: { distribution: 'FIXED', value: 128 },
    outputLength: { distribution: 'FIXED', value: 4 },
  },
  configSpace: { gpuTypes: ['A100'], numReplicas: [1], maxBatchSizes: [8] },
  simulation: { duration: 10, warmupDuration: 1 },
};

async function storeOurs(
  server: BuiltServer,
  key: string,
  ask: (query: string, variables?: object) => Promise<Data>,
): Promise<Record<string, string>> {
  const { ingestProfile } = await ask(
    'mutation I($input: ProfileInput!) { ingestProfile(input: $input) { profile { id } } }',
    { input: profileInput({ name: 'our-profile' }) },
  );
  const { registerTrace } = await ask(
    'mutation { registerTrace(input: { name: "our-trace", csv: "arrived_at_s,prompt_tokens,output_tokens\\n0,10,2\\n1,12,3\\n2,9,2\\n" }) { trace { id } } }',
  );
  const { registerWorkload } = await ask(
    'mutation { registerWorkload(input: { name: "our-workload", yaml: "prompt_length: 128\\noutput_length: 4\\n" }) { workload { id } } }',
  );
  const { registerTelemetry } = await ask(
    'mutation ($input: RegisterTelemetryInput!) { registerTelemetry(input: $input) { telemetrySet { id } } }',
    { input: TELEMETRY },
  );
  const telemetry = registerTelemetry.telemetrySet.id;
  const { calibrate } = await ask(
    'mutation ($id: ID!) { calibrate(input: { telemetrySetIds: [$id] }) { id } }',
    { id: telemetry },
  );
  const { updatePrices } = await ask(
    'mutation { updatePrices(input: { version: "our-prices", quotes: [{ gpu: "A100", provider: "aws", usdPerGpuHour: 1.25, product: "ours", source: "our contract" }] }) { priceBook { id } } }',
  );
  const { launchPlan } = await ask(
    'mutation L($input: LaunchPlanInput!) { launchPlan(input: $input) { plan { id } run { id } } }',
    { input: { name: 'our-plan', request: REQUEST, profileIds: [ingestProfile.profile.id] } },
  );
  const { createApiKey } = await ask('mutation { createApiKey(input: { name: "our-key" }) { key { id } } }');
  const ids = {
    profile: ingestProfile.profile.id,
    trace: registerTrace.trace.id,
    workload: registerWorkload.workload.id,
    telemetry,
    calibration: calibrate.id,
    priceBook: updatePrices.priceBook.id,
    plan: launchPlan.plan.id,
    run: launchPlan.run.id,
    candidate: `${launchPlan.run.id}:1`,
    key: createApiKey.key.id,
  };
  const watch = {
    query: 'subscription W($id: ID!) { planProgress(planId: $id) { status } }',
    variables: { id: ids.plan },
  };
  for await (const _ of server.ws({ apiKey: key }).iterate(watch));
  return ids;
}

/** Operations that take an id: `$name` stands for the id of ours of that name. */
export const QUERIES = [
  'plan(id: $plan) { id }',
  'run(id: $run) { id }',
  'candidate(id: $candidate) { id }',
  'profile(id: $profile) { id }',
  'workload(id: $workload) { id }',
  'trace(id: $trace) { id }',
  'telemetrySet(id: $telemetry) { id }',
  'calibration(id: $calibration) { id }',
  'predictedVsObserved(telemetrySetId: $telemetry) { pointCount }',
  'comparePlans(ids: [$plan, $run]) { winnerChanged }',
  'rerank(id: $plan, by: {}) { certain }',
  'rerank(id: $run, by: {}) { certain }',
];

export const MUTATIONS = [
  'cancelPlan(id: $plan) { id }',
  'rerunPlan(id: $plan) { id }',
  'archivePlan(id: $plan) { id }',
  'unarchivePlan(id: $plan) { id }',
  'deletePlan(id: $plan) { id }',
  'archiveProfile(id: $profile) { id }',
  'unarchiveProfile(id: $profile) { id }',
  'archiveWorkload(id: $workload) { id }',
  'unarchiveWorkload(id: $workload) { id }',
  'archiveTelemetry(id: $telemetry) { id }',
  'unarchiveTelemetry(id: $telemetry) { id }',
  'archiveCalibration(id: $calibration) { id }',
  'unarchiveCalibration(id: $calibration) { id }',
  'revokeApiKey(id: $key) { id }',
];

/** An operation with ids in it. */
export const filled = (text: string, known: Readonly<Record<string, string>>): string =>
  text.replace(/\$(\w+)/g, (_, name: string) => JSON.stringify(known[name]));
