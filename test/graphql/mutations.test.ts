import { profileInput } from '../support/shipped-profile';
import { type ApiServer, type Data, dataOf, errorOf, openApi } from './support';

let api: ApiServer;
beforeAll(async () => {
  api = await openApi();
}, 60_000);
afterAll(() => api?.close());

const request = {
  model: 'llama-2-7b',
  workload: {
    arrivalRateRange: [0.5, 40],
    promptLength: { distribution: 'FIXED', value: 256 },
    outputLength: { distribution: 'FIXED', value: 32 },
  },
  constraints: { maxTtftP95Ms: 1000 },
  configSpace: { gpuTypes: ['A100'], numReplicas: [1, 2], schedulers: ['VLLM', 'SARATHI'] },
  simulation: { duration: 20, randomSeed: 4_294_967_295 },
};
const yaml = `
model: llama-2-7b
workload:
  arrival_rate_range: [0.5, 40]
  prompt_length: {distribution: fixed, value: 256}
  output_length: {distribution: fixed, value: 32}
constraints: {max_ttft_p95_ms: 1000}
config_space: {gpu_types: [A100], num_replicas: [1, 2], schedulers: [vllm, sarathi]}
simulation: {duration: 20, random_seed: 4294967295}
`;

const LAUNCH = `mutation ($input: LaunchPlanInput!) { launchPlan(input: $input) {
  created plan { id name priority idempotencyKey request { document } } run { number status candidateCount } } }`;
const PREVIEW = `query ($input: LaunchPlanInput!) { previewPlan(input: $input) {
  candidateCount settled { status count } assumptions warnings profiles request { configSpace { schedulers } simulation { randomSeed } } } }`;

const launch = async (input: object): Promise<Data> => dataOf(await api.query(LAUNCH, { input })).launchPlan;
const refusal = async (query: string, input: object) => errorOf(await api.query(query, { input })).extensions;

describe('launching', () => {
  test('a typed request and the YAML that says the same are one request', async () => {
    const typed = await launch({ request, name: 'typed', priority: 'HIGH' });
    expect(typed).toMatchObject({
      created: true,
      plan: { name: 'typed', priority: 'HIGH' },
      run: { number: 1, status: 'QUEUED' },
    });
    const text = await launch({ yaml });
    expect(text.plan.request).toEqual(typed.plan.request);
    expect(text.plan.id).not.toBe(typed.plan.id);
  });

  test('is harmless to repeat with a key, and a conflict with other content', async () => {
    const once = await launch({ request, idempotencyKey: 'k' });
    const twice = await launch({ request, idempotencyKey: 'k' });
    expect(twice).toMatchObject({ created: false, plan: { id: once.plan.id, idempotencyKey: 'k' } });
    const other = await refusal(LAUNCH, { request: { ...request, targetQps: 5 }, idempotencyKey: 'k' });
    expect(other).toMatchObject({ code: 'CONFLICT', hint: expect.any(String) });
  });

  test('can be previewed', async () => {
    const { previewPlan } = dataOf(await api.query(PREVIEW, { input: { request } }));
    expect(previewPlan).toMatchObject({
      candidateCount: 4,
      request: {
        configSpace: { schedulers: ['VLLM', 'SARATHI'] },
        simulation: { randomSeed: 4_294_967_295 },
      },
    });
    expect(previewPlan.assumptions.length).toBeGreaterThan(2);
    expect(previewPlan.profiles.length).toBeGreaterThan(0);
  });

  test.each([
    [{ constraints: { maxTtftP95Ms: -1 } }, 'input.request.constraints.maxTtftP95Ms', '-1'],
    [{ configSpace: { gpuTypes: ['A100', 'A1000'] } }, 'input.request.configSpace.gpuTypes[1]', '"A1000"'],
    [
      { configSpace: { gpuTypes: ['A100'], tensorParallel: [1, 1] } },
      'input.request.configSpace.tensorParallel[1]',
      '1',
    ],
    [{ workload: { arrivalRateRange: [1] } }, 'input.request.workload.arrivalRateRange', 'the list [1]'],
    [
      { workload: { promptLength: { distribution: 'NORMAL', mean: 5 } } },
      'input.request.workload.promptLength.std',
      expect.any(String),
    ],
    [{ workload: { trace: 'no such trace' } }, 'input.request.workload.trace', '"no such trace"'],
    [{ prices: { usdPerGpuHour: [{ gpu: 'A100', usd: 0 }] } }, 'input.request.prices.usdPerGpuHour[0]', '0'],
    [
      {
        prices: {
          usdPerGpuHour: [
            { gpu: 'A100', usd: 1 },
            { gpu: 'A100', usd: 2 },
          ],
        },
      },
      'input.request.prices.usdPerGpuHour[1].gpu',
      expect.any(String),
    ],
    [{ objective: { kind: 'MIN_COST' } }, 'input.request.targetQps', expect.any(String)],
    [{ model: 'llama-7' }, 'input.request.model', '"llama-7"'],
  ])('tells the place of a fault in a typed request: %j', async (wrong, path, found) => {
    for (const query of [LAUNCH, PREVIEW]) {
      const fault = await refusal(query, { request: { ...request, ...wrong } });
      expect(fault).toMatchObject({ code: 'INVALID_INPUT', path, found });
      expect(`${fault.allowed} ${fault.hint}`).not.toMatch(/[a-z]_[a-z]/);
    }
  });

  test.each([
    ['workload: {', 'line 1, column 12'],
    ['model: llama-2-7b\nconfig_space: {gpu_types: A100, schedulers: [vlm]}', 'config_space.schedulers[0]'],
    ['model: llama-2-7b\nworklod: {}', 'worklod'],
  ])('tells the place of a fault in YAML: %j', async (text, documentPath) => {
    expect(await refusal(LAUNCH, { yaml: text })).toMatchObject({
      code: 'INVALID_INPUT',
      path: 'input.yaml',
      documentPath,
    });
  });

  test.each([
    [{}, 'input'],
    [{ request, yaml }, 'input'],
    [{ request, profileIds: ['x'] }, 'input.profileIds[0]'],
    [{ request, profileIds: ['00000000-0000-4000-8000-000000000000'] }, 'input.profileIds[0]'],
    [{ request, workload: 'none' }, 'input.workload'],
    [{ yaml: 'model: llama-2-7b', workload: 'none' }, 'input.workload'],
    [{ request, deadlineS: 0 }, 'input.deadlineS'],
    [{ request, simulationsMax: 0 }, 'input.simulationsMax'],
    [{ request, name: ' x ' }, 'input.name'],
  ])('tells the place of a fault beside the request: %#', async (input, path) => {
    expect(await refusal(LAUNCH, input)).toMatchObject({ code: 'INVALID_INPUT', path });
  });

  test('an unknown key is an error of the document', async () => {
    const answer = await api.query(LAUNCH, { input: { request: { ...request, promptLength: 5 } } });
    expect(errorOf(answer).extensions.code).toBe('BAD_USER_INPUT');
  });
});

test('a plan is cancelled, run again, archived and deleted', async () => {
  const { plan } = await launch({ request, name: 'short-lived' });
  const { id } = plan;
  const call = (field: string, selection: string) =>
    api.query(`mutation ($id: ID!) { ${field}(id: $id) { ${selection} } }`, { id });
  expect(errorOf(await call('rerunPlan', 'id')).extensions.code).toBe('CONFLICT');
  expect(dataOf(await call('cancelPlan', 'status stopReason'))).toEqual({
    cancelPlan: { status: 'CANCELLED', stopReason: 'CANCELLED' },
  });
  expect(dataOf(await call('cancelPlan', 'status')).cancelPlan.status).toBe('CANCELLED');
  expect(dataOf(await call('rerunPlan', 'number status'))).toEqual({
    rerunPlan: { number: 2, status: 'QUEUED' },
  });
  expect(errorOf(await call('deletePlan', 'id')).extensions.code).toBe('CONFLICT');
  const names = async () =>
    dataOf(await api.query('{ plans { nodes { name } } }')).plans.nodes.map(({ name }: Data) => name);
  expect(dataOf(await call('archivePlan', 'archivedAt')).archivePlan.archivedAt).toMatch(/^20/);
  expect(await names()).not.toContain('short-lived');
  expect(dataOf(await call('unarchivePlan', 'archivedAt')).unarchivePlan.archivedAt).toBeNull();
  expect(await names()).toContain('short-lived');
  await call('archivePlan', 'id');
  expect(errorOf(await call('deletePlan', 'id')).extensions.code).toBe('CONFLICT');
  await call('cancelPlan', 'id');
  expect(dataOf(await call('deletePlan', 'id'))).toEqual({ deletePlan: { id } });
  for (const field of ['cancelPlan', 'rerunPlan', 'archivePlan', 'deletePlan'])
    expect(errorOf(await call(field, 'id')).extensions).toMatchObject({
      code: 'NOT_FOUND',
      kind: 'plan',
      id,
    });
});

describe('a profile', () => {
  const INGEST = `mutation ($input: ProfileInput!) { ingestProfile(input: $input) { created findings { code severity message fix }
    profile { id name version shipped prefillRowCount prefillRows { promptTokens batchSize meanMs } coverage { promptTokens { min max } contextTokens { max } } memory { paramsTotal } archivedAt } } }`;
  const LINT = `query ($input: ProfileInput!) { lintProfile(input: $input) { model { id } gpu { id } tensorParallel kind prefillRowCount coverage { decodeBatchSize { max } } findings { code } notes } }`;

  test('is stored once, as a value or as text, and used by a plan', async () => {
    const input = profileInput({ name: 'mine', slower: 1.5 });
    const { ingestProfile } = dataOf(await api.query(INGEST, { input }));
    expect(ingestProfile).toMatchObject({
      created: true,
      profile: { name: 'mine', version: 1, shipped: false },
    });
    const { profile } = ingestProfile;
    expect(profile.prefillRows).toHaveLength(profile.prefillRowCount);
    expect(profile.coverage.promptTokens.max).toBeGreaterThan(profile.coverage.promptTokens.min);
    const text = {
      ...input,
      fittedProfile: JSON.stringify(input.fittedProfile),
      metadata: JSON.stringify(input.metadata),
    };
    expect(dataOf(await api.query(INGEST, { input: text })).ingestProfile).toMatchObject({
      created: false,
      profile: { id: profile.id },
    });
    const { plan } = await launch({ request, profileIds: [profile.id] });
    const { plan: stored } = dataOf(
      await api.query(`query ($id: ID!) { plan(id: $id) { profiles { name } } }`, { id: plan.id }),
    );
    expect(stored.profiles).toEqual([{ name: 'mine' }]);
    const archived = dataOf(
      await api.query(`mutation ($id: ID!) { archiveProfile(id: $id) { archivedAt } }`, { id: profile.id }),
    );
    expect(archived.archiveProfile.archivedAt).not.toBeNull();
    dataOf(
      await api.query(`mutation ($id: ID!) { unarchiveProfile(id: $id) { archivedAt } }`, { id: profile.id }),
    );
  });

  test('is checked without being stored', async () => {
    const input = { ...profileInput({ name: 'tried', slower: 1e-3 }), gpu: 'H100', tensorParallel: 2 };
    const { lintProfile } = dataOf(await api.query(LINT, { input }));
    expect(lintProfile).toMatchObject({
      model: { id: 'llama-2-7b' },
      gpu: { id: 'h100-sxm' },
      tensorParallel: 2,
    });
    expect(lintProfile.findings.map(({ code }: Data) => code)).toContain('UNITS');
    expect(
      dataOf(await api.query('{ profiles(filter: { nameContains: "tried" }) { totalCount } }')).profiles
        .totalCount,
    ).toBe(0);
  });

  test.each([
    [{ fittedProfile: [] }, 'input.fittedProfile'],
    [{ fittedProfile: '[{' }, 'input.fittedProfile'],
    [{ fittedProfile: [{ type: 'prefill', seq_len: -1, batch_size: 1, mean_ms: 1 }] }, 'input.fittedProfile'],
    [{ metadata: 'no' }, 'input.metadata'],
    [{ modelMemory: { model_params: 'many' } }, 'input.modelMemory'],
    [{ model: 'none' }, 'input.model'],
    [{ gpu: 'none' }, 'input.gpu'],
  ])('that is wrong is told where: %j', async (wrong, path) => {
    const input = { ...profileInput({ name: 'wrong' }), ...wrong };
    expect(await refusal(LINT, input)).toMatchObject({ code: 'INVALID_INPUT', path });
  });
});

test('traces and workloads are registered, listed and planned with', async () => {
  const csv = 'arrived_at_s,prompt_tokens,output_tokens\n0,100,10\n1,200,20\n2,300,30\n';
  const TRACE = `mutation ($input: TraceInput!) { registerTrace(input: $input) { created trace { id name requestCount durationS meanPromptTokens } } }`;
  const { registerTrace } = dataOf(await api.query(TRACE, { input: { name: 'three', csv } }));
  expect(registerTrace).toMatchObject({
    created: true,
    trace: { name: 'three', requestCount: 3, durationS: 2, meanPromptTokens: 200 },
  });
  expect(await refusal(TRACE, { name: 'bad', csv: `${csv}x,1,1\n` })).toMatchObject({
    code: 'INVALID_INPUT',
    path: 'input.csv',
    documentPath: expect.stringContaining('row 4'),
  });
  const WORKLOAD = `mutation ($input: RegisterWorkloadInput!) { registerWorkload(input: $input) { created workload { id name definition trace { name } } } }`;
  const { registerWorkload } = dataOf(
    await api.query(WORKLOAD, {
      input: { name: 'traffic', workload: { trace: 'three', arrivalRateRange: [1, 20] } },
    }),
  );
  expect(registerWorkload).toMatchObject({
    created: true,
    workload: { name: 'traffic', trace: { name: 'three' } },
  });
  dataOf(
    await api.query(WORKLOAD, { input: { name: 'written', yaml: 'prompt_length: 100\noutput_length: 10' } }),
  );
  expect(
    await refusal(WORKLOAD, { name: 'x', workload: { promptLength: { distribution: 'FIXED' } } }),
  ).toMatchObject({
    code: 'INVALID_INPUT',
    path: 'input.workload.promptLength.value',
  });
  const { workloads, traces } = dataOf(
    await api.query('{ workloads { nodes { name } } traces { nodes { name } } }'),
  );
  expect(workloads.nodes).toEqual([{ name: 'written' }, { name: 'traffic' }]);
  expect(traces.nodes).toEqual([{ name: 'three' }]);
  const { workload: _, ...rest } = request;
  const { plan } = await launch({ request: rest, workload: 'traffic' });
  const { plan: stored } = dataOf(
    await api.query(
      `query ($id: ID!) { plan(id: $id) { request { resolved { workload { traceId promptLength { mean } arrival { process } } } } } }`,
      { id: plan.id },
    ),
  );
  expect(stored.request.resolved.workload).toEqual({
    traceId: registerTrace.trace.id,
    promptLength: null,
    arrival: { process: 'TRACE' },
  });
  const id = registerWorkload.workload.id;
  dataOf(await api.query('mutation ($id: ID!) { archiveWorkload(id: $id) { archivedAt } }', { id }));
  expect(dataOf(await api.query('{ workloads { nodes { name } } }')).workloads.nodes).toEqual([
    { name: 'written' },
  ]);
  dataOf(await api.query('mutation ($id: ID!) { unarchiveWorkload(id: $id) { archivedAt } }', { id }));
});

test('prices get a new version, which new plans use', async () => {
  const PRICES = `mutation ($input: UpdatePricesInput!) { updatePrices(input: $input) { created priceBook { version shipped quotes(gpuIds: "h100-sxm", provider: "us") { usdPerGpuHour kind } } } }`;
  const quote = { gpu: 'H100', provider: 'us', usdPerGpuHour: 1.25, product: 'own', source: 'contract' };
  const { updatePrices } = dataOf(await api.query(PRICES, { input: { version: 'v2', quotes: [quote] } }));
  expect(updatePrices).toEqual({
    created: true,
    priceBook: { version: 'v2', shipped: false, quotes: [{ usdPerGpuHour: 1.25, kind: 'ON_DEMAND' }] },
  });
  expect(await refusal(PRICES, { version: 'v3', quotes: [quote, { ...quote, gpu: 'H' }] })).toMatchObject({
    code: 'INVALID_INPUT',
    path: 'input.quotes[1].gpu',
  });
  expect(dataOf(await api.query('{ prices { version } priceBooks { nodes { version } } }'))).toMatchObject({
    prices: { version: 'v2' },
  });
});

describe('access', () => {
  test('each role may do what it may, and keys end', async () => {
    const viewer = await api.newKey('viewer');
    const planner = await api.newKey('planner');
    const forbidden = async (query: string, variables: object, key: string) =>
      expect(errorOf(await api.query(query, variables, key)).extensions).toEqual({ code: 'FORBIDDEN' });
    expect(dataOf(await api.query('{ viewer { role keyId } }', {}, viewer)).viewer).toMatchObject({
      role: 'VIEWER',
      keyId: expect.any(String),
    });
    await forbidden(LAUNCH, { input: { request } }, viewer);
    dataOf(await api.query(LAUNCH, { input: { request } }, planner));
    await forbidden('{ apiKeys { name } }', {}, planner);
    await forbidden('mutation { createApiKey(input: { name: "x" }) { secret } }', {}, planner);

    const { createApiKey } = dataOf(
      await api.query(
        'mutation { createApiKey(input: { name: "ci", role: PLANNER, expiresAt: "2999-01-01T00:00:00Z" }) { secret key { id role expiresAt prefix } } }',
      ),
    );
    expect(createApiKey).toMatchObject({ key: { role: 'PLANNER', expiresAt: '2999-01-01T00:00:00.000Z' } });
    expect(createApiKey.secret.startsWith(createApiKey.key.prefix)).toBe(true);
    dataOf(await api.query('{ viewer { role } }', {}, createApiKey.secret));
    const { revokeApiKey } = dataOf(
      await api.query('mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }', {
        id: createApiKey.key.id,
      }),
    );
    expect(revokeApiKey.revokedAt).not.toBeNull();
    const { apiKeys } = dataOf(await api.query('{ apiKeys { name prefix revokedAt } }'));
    expect(apiKeys.map(({ name }: Data) => name)).toEqual(
      expect.arrayContaining(['viewer', 'planner', 'ci']),
    );
    const past = await api.query(
      'mutation { createApiKey(input: { name: "x", expiresAt: "2020-01-01T00:00:00Z" }) { secret } }',
    );
    expect(errorOf(past).extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'input.expiresAt' });
  });

  test('a workspace sees nothing of another', async () => {
    const { plan } = await launch({ request, name: 'secret' });
    const { plan: shown } = dataOf(
      await api.query('query ($id: ID!) { plan(id: $id) { latestRun { id } } }', { id: plan.id }),
    );
    const stranger = await api.newKey('admin', 'strangers');
    const none = async (query: string, id: string) =>
      expect(errorOf(await api.query(query, { id }, stranger)).extensions.code).toBe('NOT_FOUND');
    await none('query ($id: ID!) { plan(id: $id) { id } }', plan.id);
    await none('query ($id: ID!) { run(id: $id) { id } }', shown.latestRun.id);
    await none('query ($id: ID!) { candidate(id: $id) { id } }', `${shown.latestRun.id}:1`);
    await none('query ($id: ID!) { rerank(id: $id, by: {}) { certain } }', plan.id);
    await none(
      'query ($id: ID!) { comparePlans(ids: [$id, "00000000-0000-4000-8000-000000000000"]) { winnerChanged } }',
      plan.id,
    );
    for (const field of ['cancelPlan', 'rerunPlan', 'archivePlan', 'deletePlan'])
      await none(`mutation ($id: ID!) { ${field}(id: $id) { id } }`, plan.id);
    const seen = dataOf(
      await api.query(
        '{ plans { totalCount } candidates { totalCount } profiles(filter: { origin: OWN }) { totalCount } }',
        {},
        stranger,
      ),
    );
    expect(seen).toEqual({
      plans: { totalCount: 0 },
      candidates: { totalCount: 0 },
      profiles: { totalCount: 0 },
    });
  });
});
