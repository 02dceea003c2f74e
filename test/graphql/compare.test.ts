import { launchOf } from '../support/service';
import { type ApiServer, type Data, dataOf, errorOf, openApi, REQUEST } from './support';

let api: ApiServer;
let first: string;
let second: string;

beforeAll(async () => {
  api = await openApi();
  api.test.startWorker();
  const launch = async (request: object, name: string) => {
    const { plan } = await api.test.api.launchPlan(api.test.caller, launchOf(request, { name }));
    await api.test.finished(plan.id);
    return plan.id;
  };
  first = await launch(REQUEST, 'before');
  const { config_space, constraints } = REQUEST;
  second = await launch(
    {
      ...REQUEST,
      config_space: { ...config_space, gpu_types: ['A100', 'H100'] },
      constraints: { ...constraints, max_latency_p99_ms: 800 },
    },
    'after',
  );
}, 90_000);
afterAll(() => api?.close());

const FIGURES =
  'id configId status maxSustainableQps costPerHourUsd config { gpuType scheduler } bindingTarget';

test('two plans side by side: inputs, winner, frontier, candidate by candidate', async () => {
  const { comparePlans } = dataOf(
    await api.query(
      `query ($ids: [ID!]!) { comparePlans(ids: $ids) {
        runs { number plan { name } } inputs { aspect path values gpuId } winnerChanged winners { ${FIGURES} }
        pairs {
          fromRun { plan { name } } toRun { plan { name } }
          winner { changed sentence reasons { code of sentence causes } from { ${FIGURES} } to { ${FIGURES} } oldIn { ${FIGURES} } newIn { configId } }
          frontier { kind from { configId } to { configId } }
          candidates(first: 4) { totalCount nodes { matchedBy sentence maxQpsRatio costRatio qpsBeyondIntervals from { ${FIGURES} } to { ${FIGURES} } targets { metric quantile fromMs toMs ratio } } pageInfo { hasNextPage endCursor } }
          onlyInFrom { totalCount nodes { reason candidate { config { gpuType } } } }
          onlyInTo { totalCount nodes { candidate { config { gpuType } } } }
        }
      } }`,
      { ids: [first, second] },
    ),
  );
  expect(comparePlans.runs.map(({ plan }: Data) => plan.name)).toEqual(['before', 'after']);
  const aspects = comparePlans.inputs.map(({ aspect }: Data) => aspect);
  expect(aspects).toEqual(expect.arrayContaining(['TARGETS', 'SPACE']));
  const [pair] = comparePlans.pairs;
  expect(pair.fromRun.plan.name).toBe('before');
  expect(comparePlans.winners.map(({ id }: Data) => id)).toEqual([pair.winner.from.id, pair.winner.to.id]);
  expect(comparePlans.winnerChanged).toBe(pair.winner.changed);
  expect(pair.winner.sentence.length).toBeGreaterThan(10);
  const matched = pair.candidates.totalCount;
  expect(pair.candidates.nodes).toHaveLength(4);
  expect(pair.candidates.pageInfo.hasNextPage).toBe(true);
  expect(matched + pair.onlyInFrom.totalCount).toBe(16);
  expect(matched + pair.onlyInTo.totalCount).toBe(16);

  // The id of a figure leads to the candidate itself.
  const { candidate } = dataOf(
    await api.query(
      `query ($id: ID!) { candidate(id: $id) { plan { id } performance { maxSustainableQps } } }`,
      { id: pair.winner.to.id },
    ),
  );
  expect(candidate).toEqual({
    plan: { id: second },
    performance: { maxSustainableQps: pair.winner.to.maxSustainableQps },
  });

  const rest = dataOf(
    await api.query(
      `query ($ids: [ID!]!, $after: String) { comparePlans(ids: $ids) { pairs { candidates(first: 200, after: $after) { nodes { from { configId } } } } } }`,
      { ids: [first, second], after: pair.candidates.pageInfo.endCursor },
    ),
  );
  expect(rest.comparePlans.pairs[0].candidates.nodes).toHaveLength(matched - 4);
});

test.each([[[]], [['one']], [['one', 'one']], [['one', 'two', 'one', 'two', 'one']]])(
  '%j are not two to four plans',
  async (names) => {
    const ids = names.map((name) => (name === 'one' ? first : second));
    const error = errorOf(
      await api.query('query ($ids: [ID!]!) { comparePlans(ids: $ids) { winnerChanged } }', { ids }),
    );
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'ids' });
  },
);

test('the history of a model on a GPU', async () => {
  const { history } = dataOf(
    await api.query(`{ history(modelId: "llama-2-7b", gpuId: "a100-80gb") { nodes {
      run { plan { name } } comparabilityKey best { ${FIGURES} } change { sentence regression againstRun { id } inputs { path } }
    } pageInfo { hasNextPage } } }`),
  );
  expect(history.nodes.map(({ run }: Data) => run.plan.name)).toEqual(['after', 'before']);
  expect(history.nodes.every(({ best }: Data) => best.config.gpuType === 'a100-80gb')).toBe(true);

  dataOf(await api.query('mutation ($id: ID!) { rerunPlan(id: $id) { number } }', { id: first }));
  await api.test.finished(first);
  const { history: again } = dataOf(
    await api.query(`{ history(modelId: "llama-2-7b", gpuId: "a100-80gb", first: 1) { nodes {
      run { number } change { sentence regression maxQpsRatio againstRun { number plan { name } } inputs { path } }
    } pageInfo { hasNextPage } } }`),
  );
  expect(again).toEqual({
    nodes: [
      {
        run: { number: 2 },
        change: {
          sentence: expect.stringContaining('Unchanged'),
          regression: false,
          maxQpsRatio: 1,
          againstRun: { number: 1, plan: { name: 'before' } },
          inputs: [],
        },
      },
    ],
    pageInfo: { hasNextPage: true },
  });
}, 60_000);

const RERANK = `query ($id: ID!, $by: RerankInput!, $book: ID) { rerank(id: $id, by: $by, priceBookId: $book) {
  objective targetQps constraints { maxCostPerHourUsd targets { metric limitMs } } prices { kind usdPerGpuHour { gpu usd } }
  bestChanged certain sentences best { ${FIGURES.replace('costPerHourUsd', 'cost { costPerHourUsd priceSource }')} decided bracket { fromQps toQps } wasBest stored { maxSustainableQps } }
  bestBefore { configId } budget { configId } premium { configId } tied { configId } frontier { configId } couldWin { configId } toSimulate { fromQps toQps candidate { configId } }
  candidates(first: 5) { totalCount nodes { configId needsSimulation } pageInfo { endCursor } }
} }`;

describe('a plan ranked anew', () => {
  test('by nothing else is as it was', async () => {
    const { rerank } = dataOf(await api.query(RERANK, { id: first, by: {} }));
    const { plan } = dataOf(
      await api.query(
        `query ($id: ID!) { plan(id: $id) { best { configId performance { maxSustainableQps } } frontier { configId } } }`,
        { id: first },
      ),
    );
    expect(rerank.bestChanged).toBe(false);
    expect(rerank.best).toMatchObject({
      configId: plan.best.configId,
      wasBest: true,
      maxSustainableQps: plan.best.performance.maxSustainableQps,
    });
    expect(rerank.frontier).toEqual(plan.frontier);
    expect(rerank.candidates.totalCount).toBe(16);
  });

  test('by other prices, targets and another objective', async () => {
    const by = {
      constraints: { maxLatencyP99Ms: 1500 },
      objective: { kind: 'MIN_COST', targetQps: 5 },
      prices: {
        usdPerGpuHour: [
          { gpu: 'A100', usd: 100 },
          { gpu: 'A10G', usd: 1 },
        ],
      },
    };
    const { rerank } = dataOf(await api.query(RERANK, { id: first, by }));
    expect(rerank).toMatchObject({
      objective: 'MIN_COST',
      targetQps: 5,
      constraints: { maxCostPerHourUsd: null, targets: [{ metric: 'E2E', limitMs: 1500 }] },
      prices: {
        kind: 'ON_DEMAND',
        usdPerGpuHour: [
          { gpu: 'a100-80gb', usd: 100 },
          { gpu: 'a10g', usd: 1 },
        ],
      },
    });
    expect(rerank.best.cost.priceSource).toContain('your price');
    expect(rerank.sentences.length).toBeGreaterThan(0);
  });

  test('by what is wrong is told where', async () => {
    const wrong = async (by: object) => errorOf(await api.query(RERANK, { id: first, by })).extensions;
    expect(await wrong({ constraints: { maxTtftP95Ms: -1 } })).toMatchObject({
      code: 'INVALID_INPUT',
      path: 'by.constraints.maxTtftP95Ms',
      found: '-1',
    });
    expect(
      await wrong({
        prices: {
          usdPerGpuHour: [
            { gpu: 'A100', usd: 1 },
            { gpu: 'X9', usd: 1 },
          ],
        },
      }),
    ).toMatchObject({
      code: 'INVALID_INPUT',
      path: 'by.prices.usdPerGpuHour[1]',
    });
    expect(await wrong({ prices: { provider: 'nobody' } })).toMatchObject({ path: 'by.prices.provider' });
    const { extensions } = errorOf(
      await api.query(RERANK, { id: first, by: {}, book: '00000000-0000-4000-8000-000000000001' }),
    );
    expect(extensions).toMatchObject({ code: 'NOT_FOUND', kind: 'price book' });
  });
});
