import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientError } from 'graphql-request';
import type { RequestSamples } from '../../src/core/telemetry/telemetry';
import { type BuiltServer, startServer } from '../support/built-server';
import { directly } from '../support/directly';
import { withClient } from '../support/embedded-user';
import { randomRequests, servedDeployment, telemetryOf } from '../support/synthetic-telemetry';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// Telemetry, calibrations and drift over the built server: its threads fit, a real PostgreSQL keeps.

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

let database: TestDatabase;
let server: BuiltServer;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer(database.url);
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
    return error.response.errors![0]!.extensions;
  }
}

const sql = <T>(text: string): Promise<T[]> =>
  withClient(database.url, async (client) => [...(await client.unsafe(text))] as T[]);

const served = servedDeployment();
const TRUTH = {
  stepMs: 2.5,
  requestMs: 6,
  denseFactor: 1.05,
  prefillAttentionFactor: 1,
  decodeAttentionFactor: 1,
};
/** The same, after an update of the server that made every step a third slower. */
const SLOWER = { ...TRUTH, stepMs: 3.5, denseFactor: 1.4, decodeAttentionFactor: 1.4 };
const requestsOf = (seed: number, truth = TRUTH): RequestSamples =>
  telemetryOf(served, randomRequests(300, seed, 1), truth).requests!;

function csvOf(s: RequestSamples): string {
  const rows = [...s.arrivedAtS.keys()].map((i) =>
    [s.arrivedAtS[i], s.promptTokens[i], s.outputTokens[i], s.ttftMs[i], s.tpotMs[i], s.e2eMs[i]].join(','),
  );
  return `arrived_at_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms\n${rows.join('\n')}\n`;
}

const SERVED = {
  model: 'llama-3.1-8b',
  engine: 'vllm 0.15.1',
  deployment: {
    gpuType: 'H100',
    tensorParallel: 1,
    scheduler: 'VLLM',
    maxBatchSize: 256,
    maxBatchedTokens: 2048,
    numGpuBlocks: 30_000,
    maxModelLen: 65_536,
  },
};
const REGISTER = `mutation ($input: RegisterTelemetryInput!) { registerTelemetry(input: $input) {
  created telemetrySet { id name kind modelId gpuId tensorParallel engineVersion sampleCount findings { code severity } }
} }`;
const register = async (name: string, samples: RequestSamples): Promise<Data> =>
  (await ask(REGISTER, { input: { name, telemetry: { ...SERVED, requests: csvOf(samples) } } }))
    .registerTelemetry;

const CALIBRATE = `mutation ($ids: [ID!]!) { calibrate(input: { telemetrySetIds: $ids }) {
  id version applied active servingEngine engineVersion telemetrySets { id } profile { name }
  result { verdict heldOut heldOutObservations parameters { stepMs denseFactor } fitted { name value std identified }
    errorBefore { metric medianAbsoluteError } errorAfter { metric medianAbsoluteError } }
} }`;
const calibrate = async (...ids: string[]): Promise<Data> => (await ask(CALIBRATE, { ids })).calibrate;

const OBSERVE = `query ($id: ID!, $calibration: ID) { predictedVsObserved(telemetrySetId: $id, calibrationId: $calibration) {
  calibration { id } pointCount points(max: 50) { metric observedMs predictedMs uncalibratedMs }
  metrics { metric observations medianAbsoluteError uncalibratedMedianAbsoluteError ratio expectedLow expectedHigh outside }
  drift { alarm sentence }
} }`;
const observe = async (id: string, calibration: string | null = null): Promise<Data> =>
  (await ask(OBSERVE, { id, calibration })).predictedVsObserved;

let set: Data;
let first: Data;

test('telemetry is stored once, with every sample', async () => {
  const registered = await register('production', requestsOf(1));
  expect(registered.created).toBe(true);
  set = registered.telemetrySet;
  expect(set).toMatchObject({
    name: 'production',
    kind: 'REQUESTS',
    modelId: 'llama-3.1-8b',
    gpuId: 'h100-sxm',
    tensorParallel: 1,
    engineVersion: 'vllm 0.15.1',
    sampleCount: 300,
  });
  const again = await register('the same under another name', requestsOf(1));
  expect(again).toMatchObject({ created: false, telemetrySet: { id: set.id, name: 'production' } });
  const [stored] = await sql<Data>(
    `SELECT count(*)::int AS count, min(ttft_ms) AS ttft, count(cached_prompt_tokens)::int AS cached FROM telemetry_requests WHERE telemetry_set_id = '${set.id}'`,
  );
  expect(stored).toEqual({ count: 300, ttft: Math.min(...requestsOf(1).ttftMs), cached: 0 });
}, 60_000);

test('every other kind of sample is taken, and read back as it was given', async () => {
  const iterations = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((batchSize) => ({
    type: 'decode',
    batchSize,
    contextTokens: batchSize * 500,
    timeMs: 10 + batchSize / 10,
  }));
  const kindOf = async (name: string, telemetry: object): Promise<string> =>
    (await ask(REGISTER, { input: { name, telemetry: { ...SERVED, ...telemetry } } })).registerTelemetry
      .telemetrySet.kind;
  expect(await kindOf('steps', { iterations })).toBe('ITERATIONS');
  const bench = {
    model_id: 'llama',
    num_prompts: 200,
    request_rate: 2,
    completed: 200,
    duration: 100,
    total_input_tokens: 100_000,
    total_output_tokens: 20_000,
    mean_ttft_ms: 60,
    median_ttft_ms: 55,
    mean_tpot_ms: 11,
    median_tpot_ms: 10.9,
  };
  expect(await kindOf('benchmark', { vllmBench: bench })).toBe('BENCH');
  const samples = [...Array(30).keys()].map((i) => ({
    arrivedAtS: i,
    promptTokens: 100 + i,
    outputTokens: 10,
    e2eMs: 150 + i,
  }));
  expect(await kindOf('typed', { samples })).toBe('REQUESTS');
  const [row] = await sql<Data>(
    'SELECT prompt_tokens, e2e_ms FROM telemetry_requests WHERE prompt_tokens = 129 AND output_tokens = 10',
  );
  expect(row).toEqual({ prompt_tokens: 129, e2e_ms: 179 });
}, 60_000);

describe('what cannot be used is refused with one clear error, and nothing is stored', () => {
  const header = 'arrived_at_s,prompt_tokens,output_tokens,ttft_ms,e2e_ms';
  const alike = Array(50).fill('0,100,10,50,200').join('\n');
  test.each([
    ['empty', { requests: `${header}\n` }, 'EMPTY'],
    ['of one row', { requests: `${header}\n0,100,10,50,200\n` }, 'ONE_SAMPLE'],
    ['all alike', { requests: `${header}\n${alike}\n` }, 'ONE_SAMPLE: one request left of 50 rows'],
    [
      'of two deployments',
      { requests: `${header},gpu\n0,100,10,50,200,A100\n1,90,9,40,190,H100\n` },
      'MIXED_DEPLOYMENT',
    ],
  ])('telemetry that is %s', async (_, telemetry, code) => {
    const before = await sql<Data>('SELECT count(*) FROM telemetry_sets');
    const fault = await refusal(REGISTER, { input: { name: 'bad', telemetry: { ...SERVED, ...telemetry } } });
    expect(fault).toMatchObject({ code: 'INVALID_INPUT', path: 'input.telemetry' });
    expect(fault.found).toMatch(new RegExp(code));
    expect(await sql('SELECT count(*) FROM telemetry_sets')).toEqual(before);
  });

  test.each([
    ['no samples', {}, 'input.telemetry', /samples/],
    ['a path of a file', { requests: '/etc/passwd' }, 'input.telemetry.requests', /document itself/],
    ['an unknown model', { model: 'llama-9', requests: 'x\n1\n' }, 'input.telemetry.model', /./],
    [
      'a deployment that no engine would start',
      {
        deployment: { gpuType: 'H100', tensorParallel: 64, scheduler: 'VLLM' },
        requests: 'arrived_at_s,prompt_tokens,output_tokens,e2e_ms\n0,9,9,90\n1,9,9,99\n',
      },
      'input.telemetry.deployment',
      /engine starts with/,
    ],
    [
      'an unknown profile',
      { profile: 'no/such/profile', requests: 'x\n1\n' },
      'input.telemetry.profile',
      /stored profile/,
    ],
  ])('%s', async (_, telemetry, path, allowed) => {
    const fault = await refusal(REGISTER, { input: { name: 'bad', telemetry: { ...SERVED, ...telemetry } } });
    expect(fault).toMatchObject({ code: 'INVALID_INPUT', path });
    expect(fault.allowed).toMatch(allowed);
  });

  test('the lint alone answers with its findings', async () => {
    const { lintTelemetry } = await ask(
      'query ($input: RegisterTelemetryInput!) { lintTelemetry(input: $input) { findings { code severity rows whatToDo } notes } }',
      { input: { name: 'bad', telemetry: { ...SERVED, requests: `${header}\n0,100,10,50,200\n` } } },
    );
    expect(lintTelemetry.findings).toContainEqual(
      expect.objectContaining({ code: 'ONE_SAMPLE', severity: 'ERROR' }),
    );
  });
});

test('a calibration finds the truth, is stored for good, and a second one is a new version', async () => {
  first = await calibrate(set.id);
  expect(first).toMatchObject({
    version: 1,
    applied: true,
    active: true,
    servingEngine: 'vllm 0.15.1',
    telemetrySets: [{ id: set.id }],
    profile: { name: 'h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16' },
    result: { heldOut: true, heldOutObservations: 300 },
  });
  const { result } = first;
  const medianOf = (errors: Data[], metric: string) =>
    errors.find((e) => e.metric === metric).medianAbsoluteError;
  expect(medianOf(result.errorBefore, 'TPOT')).toBeGreaterThan(0.1);
  expect(medianOf(result.errorAfter, 'TPOT')).toBeLessThan(0.02);
  expect(result.fitted.map(({ name }: Data) => name)).toContain('DECODE_ATTENTION_FACTOR');

  const second = await calibrate(set.id);
  expect(second).toMatchObject({ version: 2, active: true, result: { parameters: result.parameters } });
  const { calibrations } = await ask(
    '{ calibrations(filter: { modelIds: ["llama-3.1-8b"], gpuIds: ["H100"] }) { nodes { id version active } } }',
  );
  expect(calibrations.nodes).toEqual([
    { id: second.id, version: 2, active: true },
    { id: first.id, version: 1, active: false },
  ]);
  await expect(sql(`UPDATE calibrations SET applied = false WHERE id = '${first.id}'`)).rejects.toThrow(
    /never changed/,
  );

  const archived = await ask(`mutation { archiveCalibration(id: "${second.id}") { active archivedAt } }`);
  expect(archived.archiveCalibration).toEqual({ active: false, archivedAt: expect.any(String) });
  const { calibration } = await ask(`{ calibration(id: "${first.id}") { active } }`);
  expect(calibration.active).toBe(true);
}, 120_000);

test('new telemetry like the old raises no alarm; of a server that became slower it does', async () => {
  const { telemetrySet: alike } = await register('next week', requestsOf(2));
  const calm = await observe(alike.id);
  expect(calm.calibration.id).toBe(first.id);
  expect(calm.drift).toEqual({ alarm: false, sentence: expect.stringContaining('within') });
  expect(calm.pointCount).toBe(900);
  expect(calm.points).toHaveLength(50);
  for (const metric of calm.metrics)
    expect(metric.medianAbsoluteError).toBeLessThan(metric.uncalibratedMedianAbsoluteError);

  const { telemetrySet: slow } = await register('after the update', requestsOf(3, SLOWER));
  const alarmed = await observe(slow.id);
  expect(alarmed.drift.alarm).toBe(true);
  expect(alarmed.drift.sentence).toMatch(/TPOT \+\d+\.\d% \(expected .*calibrate/);
  const tpot = alarmed.metrics.find(({ metric }: Data) => metric === 'TPOT');
  expect(tpot.outside).toBe(true);
  expect(tpot.ratio).toBeGreaterThan(tpot.expectedHigh);

  // Calibrated anew, the alarm is gone.
  const renewed = await calibrate(slow.id);
  expect((await observe(slow.id)).drift.alarm).toBe(false);
  expect((await observe(slow.id, first.id)).drift.alarm).toBe(true);
  await ask(`mutation { archiveCalibration(id: "${renewed.id}") { id } }`);
}, 120_000);

test('a calibration of another version of the simulation is neither used nor compared with', async () => {
  const [other] = await sql<Data>(`
    INSERT INTO calibrations (workspace_id, model_id, gpu_id, tensor_parallel, serving_engine, version, engine_version, profile_id, result, applied)
    SELECT workspace_id, model_id, gpu_id, tensor_parallel, serving_engine, 99, '0.9', profile_id, result, applied
    FROM calibrations WHERE id = '${first.id}' RETURNING id`);
  expect((await observe(set.id)).calibration.id).toBe(first.id);
  expect(await refusal(OBSERVE, { id: set.id, calibration: other.id })).toMatchObject({
    code: 'INVALID_INPUT',
    found: 'a calibration fitted with simulation engine 0.9',
  });
}, 60_000);

const QUESTION = {
  model: 'llama-3.1-8b',
  workload: {
    arrival_rate_range: [1, 300],
    prompt_length: { distribution: 'fixed', value: 512 },
    output_length: { distribution: 'fixed', value: 64 },
  },
  constraints: { max_tpot_p95_ms: 20, max_latency_p99_ms: 4000 },
  config_space: {
    gpu_types: ['H100'],
    tensor_parallel: [1, 2],
    num_replicas: [1],
    schedulers: ['vllm'],
    max_batch_sizes: [64],
  },
  simulation: { duration: 20, warmup_duration: 2, random_seed: 7 },
};
const CANDIDATES = `status calibrations { id } candidates(first: 10, orderBy: { field: CONFIG_ID, direction: ASC }) { nodes {
  config { tensorParallel } profileLabel calibration { id version } uncalibrated { status maxSustainableQps targets { met } }
  latencyIntervals { metric percentile lowMs highMs }
  performance { maxSustainableQps maxSustainableQpsInterval { lowQps highQps } samplingInterval { lowQps highQps } timeError { lowRatio highRatio } }
} }`;

async function finishedRun(launch: object): Promise<Data> {
  const { launchPlan } = await ask(
    'mutation ($input: LaunchPlanInput!) { launchPlan(input: $input) { plan { id } } }',
    { input: { yaml: JSON.stringify(QUESTION), ...launch } },
  );
  return latestRun(launchPlan.plan.id);
}
async function latestRun(planId: string): Promise<Data> {
  for (;;) {
    const { plan } = await ask(`{ plan(id: "${planId}") { id latestRun { id ${CANDIDATES} } } }`);
    if (plan.latestRun.status === 'COMPLETED') return { planId, ...plan.latestRun };
    expect(['QUEUED', 'RUNNING']).toContain(plan.latestRun.status);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('plans use the active calibration, show both predictions, and comparisons name it', async () => {
  const { previewPlan } = await ask(
    'query ($input: LaunchPlanInput!) { previewPlan(input: $input) { calibrations { id } } }',
    { input: { yaml: JSON.stringify(QUESTION) } },
  );
  expect(previewPlan.calibrations).toEqual([{ id: first.id }]);
  const plain = await finishedRun({ name: 'plain', useCalibrations: false });
  const calibrated = await finishedRun({ name: 'calibrated' });
  expect(plain.calibrations).toEqual([]);
  expect(calibrated.calibrations).toEqual([{ id: first.id }]);
  const of = (run: Data, degree: number): Data =>
    run.candidates.nodes.find(({ config }: Data) => config.tensorParallel === degree);
  expect(of(plain, 1)).toMatchObject({ calibration: null, uncalibrated: null });
  expect(of(calibrated, 1)).toMatchObject({
    calibration: { id: first.id, version: 1 },
    uncalibrated: { status: 'FEASIBLE', maxSustainableQps: of(plain, 1).performance.maxSustainableQps },
  });
  expect(of(calibrated, 1).performance.maxSustainableQps).toBeLessThan(
    of(plain, 1).performance.maxSustainableQps,
  );
  expect(of(calibrated, 2)).toEqual(of(plain, 2));
  const { timeError, maxSustainableQpsInterval: wide, samplingInterval: narrow } = of(plain, 1).performance;
  expect(timeError.lowRatio).toBeLessThan(1);
  expect(wide.lowQps).toBeLessThanOrEqual(narrow.lowQps);
  expect(wide.highQps).toBeGreaterThanOrEqual(narrow.highQps);

  expect(of(plain, 1).latencyIntervals).toHaveLength(12);
  for (const { lowMs, highMs } of of(plain, 1).latencyIntervals) {
    expect(lowMs).toBeGreaterThan(0);
    if (highMs !== null) expect(highMs).toBeGreaterThan(lowMs);
  }

  const { comparePlans } = await ask(
    `query ($ids: [ID!]!) { comparePlans(ids: $ids) { inputs { aspect path values } } }`,
    { ids: [plain.planId, calibrated.planId] },
  );
  expect(comparePlans.inputs).toEqual([
    {
      aspect: 'CALIBRATION',
      path: 'calibration h100-sxm tp1',
      values: ['none', expect.stringContaining('version 1')],
    },
  ]);
  const { history } = await ask(
    '{ history(modelId: "llama-3.1-8b", gpuId: "h100-sxm") { nodes { run { id } change { inputs { aspect } sentence } } } }',
  );
  expect(history.nodes[0]).toMatchObject({
    run: { id: calibrated.id },
    change: { inputs: [{ aspect: 'CALIBRATION' }], sentence: expect.stringContaining('calibration') },
  });

  // Set aside, a rerun does without; the finished run keeps what it used.
  await ask(`mutation { archiveCalibration(id: "${first.id}") { id } }`);
  await ask(`mutation { rerunPlan(id: "${calibrated.planId}") { id } }`);
  const rerun = await latestRun(calibrated.planId);
  expect(rerun.calibrations).toEqual([]);
  expect(of(rerun, 1)).toEqual(of(plain, 1));
  const { run } = await ask(`{ run(id: "${calibrated.id}") { calibrations { id } } }`);
  expect(run.calibrations).toEqual([{ id: first.id }]);
  await ask(`mutation { unarchiveCalibration(id: "${first.id}") { id } }`);

  // An overhead in the request is what a calibration would replace.
  const overhead = { input: { yaml: JSON.stringify({ ...QUESTION, overhead: { step_ms: 1 } }) } };
  const given = await ask(
    'query ($input: LaunchPlanInput!) { previewPlan(input: $input) { calibrations { id } } }',
    overhead,
  );
  expect(given.previewPlan.calibrations).toEqual([]);
}, 180_000);

test('sums of a benchmark are used only when asked for, and a plan says that nothing verified them', async () => {
  const { telemetrySets } = await ask('{ telemetrySets(filter: { kinds: [BENCH] }) { nodes { id } } }');
  const [{ id }] = telemetrySets.nodes;
  const { calibrate: accepted } = await ask(
    'mutation ($id: ID!) { calibrate(input: { telemetrySetIds: [$id], acceptUnverified: true }) { id applied active result { heldOut } } }',
    { id },
  );
  expect(accepted).toMatchObject({ applied: true, active: true, result: { heldOut: false } });
  const run = await finishedRun({ name: 'on trust' });
  expect(run.calibrations).toEqual([{ id: accepted.id }]);
  const [candidate] = run.candidates.nodes;
  expect(candidate.calibration.id).toBe(accepted.id);
  const { run: told } = await ask(`{ run(id: "${run.id}") { report(format: TEXT) } }`);
  expect(told.report.replace(/\s+/g, ' ')).toContain('not verified on held-out observations');
  const { run: remarked } = await ask(`{ run(id: "${run.id}") { notes } }`);
  expect(remarked.notes).toContainEqual(expect.stringMatching(/corrected by calibration .* vllm 0\.15\.1/));
  await ask(`mutation { archiveCalibration(id: "${accepted.id}") { id } }`);
}, 180_000);

test('the same telemetry gives the same plan from the library', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-'));
  try {
    writeFileSync(join(folder, 'requests.csv'), csvOf(requestsOf(1)));
    const path = join(folder, 'telemetry.yaml');
    const { gpuType, ...rest } = SERVED.deployment;
    const deployment = {
      gpu_type: gpuType,
      tensor_parallel: rest.tensorParallel,
      scheduler: 'vllm',
      max_batch_size: rest.maxBatchSize,
      max_batched_tokens: rest.maxBatchedTokens,
      num_gpu_blocks: rest.numGpuBlocks,
      max_model_len: rest.maxModelLen,
    };
    const { model, engine } = SERVED;
    writeFileSync(path, JSON.stringify({ model, engine, deployment, requests: 'requests.csv' }));
    const { result } = await directly(QUESTION, [path]);
    const stored = await finishedRun({ name: 'as in the library' });
    const figures = stored.candidates.nodes.map(({ performance, uncalibrated }: Data) => [
      performance.maxSustainableQps,
      uncalibrated?.maxSustainableQps ?? null,
    ]);
    expect(result.candidates.map((c) => [c.maxQps, c.uncalibrated?.maxQps ?? null])).toEqual(figures);
    expect(result.candidates.some((c) => c.uncalibrated !== null)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
