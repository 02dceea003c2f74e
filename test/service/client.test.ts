import { type GraphQLClient, gql } from 'graphql-request';
import type { Client } from 'graphql-ws';
import { type BuiltServer, startServer } from '../support/built-server';
import { profileInput } from '../support/shipped-profile';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

// What a program outside does, with stock libraries: each test goes on from the one before.

let database: TestDatabase;
let server: BuiltServer;
let http: GraphQLClient;
let ws: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer(database.url);
  http = server.http();
  ws = server.ws();
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of the query
type Data = any;

const ask = (query: string, variables: object = {}): Promise<Data> => http.request(query, variables);

/** Everything a subscription tells until it ends. */
async function all(query: string, variables: Record<string, unknown>): Promise<Data[]> {
  const told: Data[] = [];
  for await (const { data, errors } of ws.iterate({ query, variables })) {
    expect(errors).toBeUndefined();
    told.push(data);
  }
  return told;
}

const SLOWER = 1.1;

/** 16 candidates, eight on each GPU. */
const requestOn = (gpuTypes: readonly string[]) => ({
  model: 'llama-2-7b',
  workload: {
    arrivalRateRange: [0.5, 60],
    promptLength: { distribution: 'FIXED', value: 256 },
    outputLength: { distribution: 'FIXED', value: 32 },
  },
  constraints: { maxTtftP95Ms: 1000, maxLatencyP99Ms: 1500, maxCostPerHour: 60 },
  configSpace: {
    gpuTypes,
    tensorParallel: [1],
    numReplicas: [1, 2],
    schedulers: ['VLLM', 'SARATHI'],
    maxBatchSizes: [16, 64],
  },
  prices: {
    usdPerGpuHour: [
      { gpu: 'a100-80gb', usd: 2 },
      { gpu: 'a100-40gb', usd: 1.5 },
      { gpu: 'a10g', usd: 1 },
    ],
  },
  simulation: { duration: 20, warmupDuration: 2, randomSeed: 7 },
});

const LAUNCH = gql`
  mutation Launch($input: LaunchPlanInput!) {
    launchPlan(input: $input) { created plan { id name } run { id status candidateCount } }
  }
`;

let profileId: string;
let planId: string;
let runId: string;
let secondPlanId: string;
/** The first plan's candidates by configId. */
const candidates = new Map<number, Data>();

test('ingests a profile, once', async () => {
  const query = gql`
    mutation Ingest($input: ProfileInput!) {
      ingestProfile(input: $input) {
        created
        profile {
          id name version modelId gpuId tensorParallel shipped prefillRowCount decodeRowCount
          prefillRows { promptTokens batchSize meanMs }
          coverage { promptTokens { min max } contextTokens { min max } }
        }
        findings { code severity message fix }
      }
    }
  `;
  const input = profileInput({ name: 'our-a100', slower: SLOWER });
  const { ingestProfile: first } = await ask(query, { input });
  const prefills = input.fittedProfile.filter(({ type }) => type === 'prefill');
  const lengths = prefills.map(({ seq_len }) => Number(seq_len));
  expect(first).toMatchObject({
    created: true,
    profile: {
      name: 'our-a100',
      version: 1,
      modelId: 'llama-2-7b',
      gpuId: 'a100-80gb',
      tensorParallel: 1,
      shipped: false,
      prefillRowCount: prefills.length,
      decodeRowCount: input.fittedProfile.length - prefills.length,
      coverage: { promptTokens: { min: Math.min(...lengths), max: Math.max(...lengths) } },
    },
  });
  expect(first.profile.prefillRows).toContainEqual({
    promptTokens: prefills[0]!.seq_len,
    batchSize: prefills[0]!.batch_size,
    meanMs: prefills[0]!.mean_ms,
  });
  profileId = first.profile.id;

  const { ingestProfile: again } = await ask(query, { input });
  expect(again).toMatchObject({ created: false, profile: { id: profileId, version: 1 } });
});

test('launches a plan on it, and hears every candidate and the end', async () => {
  const input = {
    name: 'on 80 GB',
    request: requestOn(['a100-80gb', 'a10g']),
    profileIds: [profileId],
    idempotencyKey: 'client-test',
  };
  const { launchPlan: launched } = await ask(LAUNCH, { input });
  expect(launched).toMatchObject({ created: true, plan: { name: 'on 80 GB' }, run: { status: 'QUEUED' } });
  planId = launched.plan.id;
  runId = launched.run.id;

  const [progress, evaluated] = await Promise.all([
    all(
      'subscription P($planId: ID!) { planProgress(planId: $planId) { id status evaluatedCount candidateCount } }',
      {
        planId,
      },
    ),
    all(
      'subscription C($planId: ID!) { candidateEvaluated(planId: $planId) { id configId status performance { maxSustainableQps } } }',
      { planId },
    ),
  ]);
  const counts = progress.map(({ planProgress }) => planProgress.evaluatedCount as number);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toEqual({
    planProgress: { id: runId, status: 'COMPLETED', evaluatedCount: 16, candidateCount: 16 },
  });
  for (const { candidateEvaluated: candidate } of evaluated) candidates.set(candidate.configId, candidate);
  expect(evaluated).toHaveLength(16);
  expect([...candidates.keys()].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 16 }, (_, i) => i + 1),
  );

  const { launchPlan: again } = await ask(LAUNCH, { input });
  expect(again).toMatchObject({
    created: false,
    plan: { id: planId },
    run: { id: runId, status: 'COMPLETED' },
  });
});

test('reads best, frontier, alternatives and the profile behind them', async () => {
  const { plan } = await ask(
    gql`
      query Plan($id: ID!) {
        plan(id: $id) {
          latestRun { id status feasibleCount profiles { gpuId scaled profile { id } } }
          best {
            configId status isBest onFrontier basis profile { id }
            config { gpuType scheduler numReplicas maxBatchSize }
            performance { maxSustainableQps maxSustainableQpsInterval { lowQps highQps } p95TtftMs p99LatencyMs }
            cost { costPerHourUsd qpsPerDollar costPer1kRequestsUsd }
            targets { met valueMs target { metric quantile limitMs } }
          }
          frontier { configId maxQps costPerHourUsd qpsPerDollar candidate { status } }
          alternatives(first: 10) { kind candidate { configId cost { costPerHourUsd } performance { maxSustainableQps } } }
        }
      }
    `,
    { id: planId },
  );
  const { best, frontier, alternatives, latestRun } = plan;
  const feasible = [...candidates.values()].filter(
    ({ status }) => status === 'FEASIBLE' || status === 'CAPPED',
  );
  expect(latestRun).toMatchObject({ status: 'COMPLETED', feasibleCount: feasible.length });
  expect(latestRun.profiles).toContainEqual({
    gpuId: 'a100-80gb',
    scaled: false,
    profile: { id: profileId },
  });

  expect(best).toMatchObject({ isBest: true, onFrontier: true });
  const { maxSustainableQps, maxSustainableQpsInterval: interval } = best.performance;
  expect(maxSustainableQps).toBe(candidates.get(best.configId).performance.maxSustainableQps);
  expect(interval.lowQps).toBeLessThanOrEqual(maxSustainableQps);
  expect(interval.highQps).toBeGreaterThanOrEqual(maxSustainableQps);
  expect(best.cost.costPerHourUsd).toBe(best.config.numReplicas * (best.config.gpuType === 'a10g' ? 1 : 2));
  expect(best.cost.qpsPerDollar).toBeCloseTo(maxSustainableQps / best.cost.costPerHourUsd, 6);
  expect(best.cost.costPer1kRequestsUsd).toBeCloseTo(best.cost.costPerHourUsd / (maxSustainableQps * 3.6), 6);
  for (const { met, valueMs, target } of best.targets) expect(met).toBe(valueMs <= target.limitMs);

  const along = (of: (point: Data) => number) => frontier.map(of);
  expect(along(({ costPerHourUsd }) => costPerHourUsd)).toEqual(
    along(({ costPerHourUsd }) => costPerHourUsd).toSorted((a: number, b: number) => a - b),
  );
  expect(along(({ maxQps }) => maxQps)).toEqual(
    along(({ maxQps }) => maxQps).toSorted((a: number, b: number) => a - b),
  );
  const most = Math.max(...feasible.map(({ performance }) => performance.maxSustainableQps));
  expect(frontier.at(-1).maxQps).toBe(most);
  const premium = alternatives.find(({ kind }: Data) => kind === 'PREMIUM');
  expect(premium.candidate.performance.maxSustainableQps).toBe(most);
});

test('pages through the candidates, filtered and ordered', async () => {
  const query = gql`
    query Page($id: ID!, $after: String, $filter: CandidateFilterInput) {
      plan(id: $id) {
        candidates(first: 5, after: $after, filter: $filter, orderBy: { field: MAX_QPS, direction: DESC }) {
          totalCount
          nodes { configId config { gpuType } performance { maxSustainableQps } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `;
  const walk = async (filter: object | null): Promise<Data[]> => {
    const seen: Data[] = [];
    let after: string | null = null;
    do {
      const { plan }: Data = await ask(query, { id: planId, after, filter });
      const { nodes, pageInfo, totalCount } = plan.candidates;
      expect(totalCount).toBe(filter === null ? 16 : 8);
      expect(nodes.length).toBeLessThanOrEqual(5);
      seen.push(...nodes);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    return seen;
  };
  const everything = await walk(null);
  expect(everything.map(({ configId }) => configId).toSorted((a, b) => a - b)).toEqual(
    [...candidates.keys()].toSorted((a, b) => a - b),
  );
  const rates = everything.map(({ performance }) => performance.maxSustainableQps ?? -1);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  const a10g = await walk({ gpuIds: ['a10g'] });
  expect(a10g).toEqual(everything.filter(({ config }) => config.gpuType === 'a10g'));
});

test('reads a load curve that says why the maximum is the maximum', async () => {
  const { plan } = await ask(
    gql`
      query Curve($id: ID!, $configId: Int!) {
        plan(id: $id) { loadCurve(configId: $configId) { rateQps passed failedOn stoppedEarly ttftMs { p95 } e2eMs { p99 } } }
      }
    `,
    { id: planId, configId: 1 },
  );
  const max = candidates.get(1).performance.maxSustainableQps;
  const curve: Data[] = plan.loadCurve;
  expect(curve.length).toBeGreaterThan(5);
  expect(curve.map(({ rateQps }) => rateQps)).toEqual(
    curve.map(({ rateQps }) => rateQps).toSorted((a, b) => a - b),
  );
  for (const { rateQps, passed, failedOn, ttftMs, e2eMs } of curve) {
    expect(passed).toBe(rateQps <= max);
    expect(failedOn === null).toBe(passed);
    if (passed) {
      expect(ttftMs.p95).toBeLessThanOrEqual(1000);
      expect(e2eMs.p99).toBeLessThanOrEqual(1500);
    }
  }
});

test('compares it with the plan for another version of the GPU', async () => {
  const input = { name: 'on 40 GB', request: requestOn(['a100-40gb', 'a10g']), profileIds: [profileId] };
  const { launchPlan: launched } = await ask(LAUNCH, { input });
  secondPlanId = launched.plan.id;
  await all('subscription P($planId: ID!) { planProgress(planId: $planId) { status } }', {
    planId: secondPlanId,
  });

  const { comparePlans } = await ask(
    gql`
      query Compare($ids: [ID!]!) {
        comparePlans(ids: $ids) {
          winnerChanged
          winners { config { gpuType } costPerHourUsd }
          inputs { aspect path values gpuId }
          pairs {
            winner { changed sentence from { id } to { id } reasons { code sentence causes } }
            frontier { kind from { configId } to { configId } }
            candidates(first: 50) {
              totalCount
              nodes { matchedBy costRatio maxQpsRatio sentence from { configId config { gpuType } maxSustainableQps } to { config { gpuType } maxSustainableQps } }
            }
            onlyInFrom { totalCount }
            onlyInTo { totalCount }
          }
        }
      }
    `,
    { ids: [planId, secondPlanId] },
  );
  expect(comparePlans.inputs).toContainEqual(
    expect.objectContaining({ aspect: 'SPACE', path: 'config_space.gpu_types' }),
  );
  const [{ candidates: changes, onlyInFrom, onlyInTo, winner }] = comparePlans.pairs;
  expect([changes.totalCount, onlyInFrom.totalCount, onlyInTo.totalCount]).toEqual([16, 0, 0]);
  const byGpu = (gpu: string) => changes.nodes.filter(({ from }: Data) => from.config.gpuType === gpu);
  expect(byGpu('a100-80gb')).toHaveLength(8);
  for (const { matchedBy, costRatio, maxQpsRatio, from, to, sentence } of byGpu('a100-80gb')) {
    expect([matchedBy, to.config.gpuType, costRatio]).toEqual(['GPU', 'a100-40gb', 0.75]);
    expect(maxQpsRatio).toBeCloseTo(to.maxSustainableQps / from.maxSustainableQps, 6);
    expect(sentence).not.toBe('');
  }
  // The same GPU, the same question: the same answer to the last bit.
  for (const { matchedBy, costRatio, maxQpsRatio } of byGpu('a10g'))
    expect([matchedBy, costRatio, maxQpsRatio]).toEqual(['DEPLOYMENT', 1, 1]);
  expect(winner.changed).toBe(comparePlans.winnerChanged);
  expect(winner.reasons.length > 0).toBe(winner.changed);
});

test('finds both in the history of a GPU that both have', async () => {
  const { history } = await ask(gql`
    query {
      history(modelId: "llama-2-7b", gpuId: "a10g") {
        nodes {
          comparabilityKey
          run { id plan { id } }
          best { config { gpuType } maxSustainableQps }
          change { againstRun { id } maxQpsRatio regression inputs { path } }
        }
      }
    }
  `);
  const [newer, older] = history.nodes;
  expect(history.nodes.map(({ run }: Data) => run.plan.id)).toEqual([secondPlanId, planId]);
  expect(older).toMatchObject({ run: { id: runId }, change: null });
  expect(newer).toMatchObject({
    comparabilityKey: older.comparabilityKey,
    best: older.best,
    change: { againstRun: { id: runId }, maxQpsRatio: 1, regression: false, inputs: [] },
  });
});

describe('ranks the stored plan anew, without simulating', () => {
  const query = gql`
    query Rerank($id: ID!, $by: RerankInput!) {
      rerank(id: $id, by: $by) {
        objective certain bestChanged sentences
        best { configId config { gpuType numReplicas } maxSustainableQps status cost { costPerHourUsd qpsPerDollar } }
        bestBefore { configId }
        candidates(first: 50) {
          nodes { configId status decided needsSimulation maxSustainableQps bracket { fromQps toQps } config { gpuType numReplicas } cost { costPerHourUsd } stored { status maxSustainableQps } }
        }
      }
    }
  `;
  const rerank = async (by: object): Promise<Data> => (await ask(query, { id: planId, by })).rerank;

  test('nothing changed: what is stored', async () => {
    const { candidates: all, bestChanged, certain, best, bestBefore } = await rerank({});
    expect([bestChanged, certain, best.configId]).toEqual([false, true, bestBefore.configId]);
    for (const { status, maxSustainableQps, stored, decided } of all.nodes)
      expect([decided, status, maxSustainableQps]).toEqual([true, stored.status, stored.maxSustainableQps]);
  });

  test('new prices: the same loads, other costs', async () => {
    const prices = {
      usdPerGpuHour: [
        { gpu: 'a100-80gb', usd: 100 },
        { gpu: 'a10g', usd: 0.5 },
      ],
    };
    const { best, candidates: all } = await rerank({
      prices,
      constraints: { maxTtftP95Ms: 1000, maxLatencyP99Ms: 1500 },
    });
    expect(best.config.gpuType).toBe('a10g');
    for (const { config, cost, maxSustainableQps, stored } of all.nodes) {
      expect(cost.costPerHourUsd).toBe(config.numReplicas * (config.gpuType === 'a10g' ? 0.5 : 100));
      expect(maxSustainableQps).toBe(stored.maxSustainableQps);
    }
  });

  test('tighter targets: no load rises, and a bracket says what the curve knows', async () => {
    const { candidates: all, sentences } = await rerank({
      constraints: { maxTtftP95Ms: 1000, maxLatencyP99Ms: 900 },
    });
    const lower = all.nodes.filter(
      ({ maxSustainableQps, stored }: Data) => (maxSustainableQps ?? 0) < (stored.maxSustainableQps ?? 0),
    );
    expect(lower.length).toBeGreaterThan(0);
    for (const { maxSustainableQps, stored, bracket } of all.nodes) {
      expect(maxSustainableQps ?? 0).toBeLessThanOrEqual(stored.maxSustainableQps ?? 0);
      if (bracket === null || maxSustainableQps === null) continue;
      expect(bracket.fromQps).toBeLessThanOrEqual(maxSustainableQps);
      expect(bracket.toQps ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(maxSustainableQps);
    }
    expect(sentences.length).toBeGreaterThan(0);
  });

  test('another objective: the candidate with the most load', async () => {
    const { objective, best } = await rerank({ objective: { kind: 'MAX_QPS' } });
    const most = Math.max(
      ...[...candidates.values()].map(({ performance }) => performance.maxSustainableQps ?? 0),
    );
    expect([objective, best.maxSustainableQps]).toEqual(['MAX_QPS', most]);
  });
});

test('gives the report in every form', async () => {
  const { plan } = await ask(
    gql`
      query Report($id: ID!) {
        plan(id: $id) {
          best { configId }
          json: report
          text: report(format: TEXT)
        }
      }
    `,
    { id: planId },
  );
  expect(JSON.parse(plan.json)).toMatchObject({
    outcome: 'recommended',
    best_configuration: { config_id: plan.best.configId },
  });
  expect(plan.text).toContain('RECOMMENDED CONFIGURATION');
  const { plan: more } = await ask(
    'query Report($id: ID!) { plan(id: $id) { markdown: report(format: MARKDOWN) csv: report(format: CSV) } }',
    { id: planId },
  );
  expect(more.markdown).toMatch(/^# /);
  expect(more.csv.trim().split('\n')).toHaveLength(17);
});
