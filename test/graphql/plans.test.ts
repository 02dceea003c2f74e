import { launchOf } from '../support/service';
import { type ApiServer, dataOf, errorOf, openApi, REQUEST } from './support';

let api: ApiServer;
let planId: string;

beforeAll(async () => {
  api = await openApi();
  api.test.startWorker();
  const { plan } = await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST, { name: 'small' }));
  planId = plan.id;
  await api.test.finished(planId);
}, 60_000);
afterAll(() => api?.close());

const CANDIDATE = `
  id configId status reason basis profileLabel meetsAllTargets
  config { gpuType gpu { name } numGpusPerReplica tensorParallel numReplicas totalGpus scheduler maxBatchSize maxBatchedTokens routing }
  performance { maxSustainableQps maxSustainableQpsInterval { lowQps highQps } bindingTarget p50LatencyMs p95LatencyMs p99LatencyMs p95TtftMs p99TbtMs meanMfu meanMemoryUtil }
  cost { costPerHourUsd costPer1kRequestsUsd qpsPerDollar priceSource }`;

describe('a finished plan', () => {
  test('has a best candidate, alternatives and a frontier that agree with its report', async () => {
    const { plan } = dataOf(
      await api.query(
        `query ($id: ID!) { plan(id: $id) {
          name modelId priority progress { status fractionDone finished }
          best { ${CANDIDATE} isBest onFrontier sloCompliance { meetsAllSlos ttftSloMet tbtSloMet latencySloMet } }
          alternatives(first: 5) { kind candidate { configId } }
          frontier { configId maxQps costPerHourUsd qpsPerDollar gpuType totalGpus candidate { configId status } }
          report
        } }`,
        { id: planId },
      ),
    );
    const report = JSON.parse(plan.report);
    const best = report.best_configuration;
    expect(plan.progress).toEqual({ status: 'COMPLETED', fractionDone: 1, finished: true });
    expect(plan.best.configId).toBe(best.config_id);
    expect(plan.best.isBest).toBe(true);
    expect(plan.best.config.gpuType).toBe(best.gpu_type);
    expect(plan.best.config.gpu.name).toBe(best.gpu_name);
    expect(plan.best.config.scheduler).toBe(best.scheduler.toUpperCase());
    expect(plan.best.config.maxBatchedTokens).toBe(best.max_batched_tokens);
    expect(plan.best.performance.maxSustainableQps).toBeCloseTo(best.performance.max_sustainable_qps, 2);
    expect(plan.best.performance.p99TbtMs).toBeCloseTo(best.performance.p99_tbt_ms, 1);
    expect(plan.best.performance.bindingTarget).toBe(wireTarget(best.binding_target));
    expect(plan.best.cost.costPerHourUsd).toBeCloseTo(best.cost.cost_per_hour, 3);
    expect(plan.best.sloCompliance).toEqual({
      meetsAllSlos: best.slo_compliance.meets_all_slos,
      ttftSloMet: best.slo_compliance.ttft_slo_met,
      tbtSloMet: best.slo_compliance.tbt_slo_met,
      latencySloMet: best.slo_compliance.latency_slo_met,
    });
    expect(plan.frontier.map((point: { configId: number }) => point.configId)).toEqual(
      report.pareto_frontier.map((point: { config_id: number }) => point.config_id),
    );
    const kinds = plan.alternatives.map(
      ({ kind, candidate }: { kind: string; candidate: { configId: number } }) => [kind, candidate.configId],
    );
    expect(kinds).toContainEqual(['BUDGET', report.alternatives.budget.config_id]);
    expect(kinds).toContainEqual(['PREMIUM', report.alternatives.premium.config_id]);
  });

  test('pages through its candidates without missing or repeating one', async () => {
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const { plan } = dataOf(
        await api.query(
          `query ($id: ID!, $after: String) { plan(id: $id) { candidates(first: 7, after: $after) {
            totalCount nodes { configId cost { qpsPerDollar } } edges { cursor node { configId } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          } } }`,
          { id: planId, after },
        ),
      );
      const { nodes, edges, pageInfo, totalCount } = plan.candidates;
      expect(totalCount).toBe(16);
      expect(edges.map((edge: { node: { configId: number } }) => edge.node.configId)).toEqual(
        nodes.map((node: { configId: number }) => node.configId),
      );
      expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
      expect(pageInfo.startCursor).toBe(edges[0].cursor);
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...nodes.map((node: { configId: number }) => node.configId));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toHaveLength(16);
    expect(new Set(seen).size).toBe(16);
  });

  test('filters and orders its candidates', async () => {
    const { plan } = dataOf(
      await api.query(
        `query ($id: ID!) { plan(id: $id) { candidates(
          filter: { schedulers: [SARATHI], gpuIds: ["a10g"], numReplicas: [2], maxBatchSizes: 64 }
          orderBy: { field: COST_PER_HOUR_USD, direction: ASC }
        ) { nodes { config { scheduler gpuType numReplicas maxBatchSize } cost { costPerHourUsd } } } } }`,
        { id: planId },
      ),
    );
    const { nodes } = plan.candidates;
    expect(nodes).toHaveLength(2);
    for (const { config } of nodes)
      expect(config).toEqual({ scheduler: 'SARATHI', gpuType: 'a10g', numReplicas: 2, maxBatchSize: 64 });
    expect(nodes[0].cost.costPerHourUsd).toBeLessThan(nodes[1].cost.costPerHourUsd);
  });

  test('shows the load curve, the targets and the metrics of a candidate', async () => {
    const { plan } = dataOf(
      await api.query(`query ($id: ID!) { plan(id: $id) { best { id } resultRun { id number } } }`, {
        id: planId,
      }),
    );
    const { candidate } = dataOf(
      await api.query(
        `query ($id: ID!) { candidate(id: $id) { ${CANDIDATE}
          loadCurve { rateQps passed failedOn stoppedEarly ttftMs { p95 } e2eMs { mean p50 p90 p95 p99 max } }
          targets { target { metric quantile limitMs } valueMs met slack }
          metrics { requests { arrived completed unfinished rejected } tbtMs { p99 } throughput { requestsPerS } kvUtilization { peak } iterations }
          memory { weightBytes numGpuBlocks source } overhead { stepMs requestMs }
          profile { name gpuId tensorParallel coverage { decodeBatchSize { min max } } }
          run { number engineVersion priceBook { version shipped } profiles { gpuId scaled profile { name } } } plan { name }
        } }`,
        { id: plan.best.id },
      ),
    );
    const rates = candidate.loadCurve.map((point: { rateQps: number }) => point.rateQps);
    expect(rates.length).toBeGreaterThan(3);
    expect(rates).toEqual([...rates].sort((a: number, b: number) => a - b));
    expect(candidate.loadCurve.some((point: { passed: boolean }) => point.passed)).toBe(true);
    for (const point of candidate.loadCurve) expect(point.passed).toBe(point.failedOn === null);
    expect(candidate.targets.map(({ target }: { target: object }) => target)).toEqual([
      { metric: 'TTFT', quantile: 0.95, limitMs: 1000 },
      { metric: 'E2E', quantile: 0.99, limitMs: 900 },
    ]);
    expect(candidate.metrics.requests.completed).toBeGreaterThan(100);
    expect(candidate.profile.gpuId).toBe(candidate.config.gpuType);
    expect(candidate.run.priceBook.shipped).toBe(true);
    expect(candidate.plan.name).toBe('small');
  });

  test('tells what it was asked, as given and as understood', async () => {
    const { plan } = dataOf(
      await api.query(
        `query ($id: ID!) { plan(id: $id) { request { document yaml assumptions resolved {
          modelId objective targetQps constraints { maxCostPerHourUsd targets { metric limitMs } }
          workload { lowestRateQps highestRateQps arrival { process } promptLength { distribution value mean } traceId }
          configSpace { gpuTypes schedulers maxBatchSizes numGpus } prices { kind wholeInstances } simulation { duration randomSeed }
        } } } }`,
        { id: planId },
      ),
    );
    const { request } = plan;
    expect(request.document.workload).toEqual(REQUEST.workload);
    expect(request.yaml).toContain('max_ttft_p95_ms: 1000');
    expect(request.assumptions.length).toBeGreaterThan(3);
    expect(request.resolved).toMatchObject({
      modelId: 'llama-2-7b',
      objective: 'MAX_QPS_PER_DOLLAR',
      workload: {
        highestRateQps: 40,
        arrival: { process: 'POISSON' },
        promptLength: { distribution: 'FIXED', value: 256, mean: null },
        traceId: null,
      },
      configSpace: { gpuTypes: ['a100-80gb', 'a10g'], schedulers: ['VLLM', 'SARATHI'], numGpus: null },
      simulation: { duration: 20, randomSeed: 7 },
    });
  });

  test.each(['TEXT', 'MARKDOWN', 'CSV'])('has a report as %s', async (format) => {
    const { plan } = dataOf(
      await api.query(
        `query ($id: ID!, $format: ReportFormat!) { plan(id: $id) { report(format: $format) } }`,
        {
          id: planId,
          format,
        },
      ),
    );
    expect(plan.report.length).toBeGreaterThan(1000);
  });
});

describe('lists', () => {
  test('plans by name and by filter', async () => {
    const { plans, none } = dataOf(
      await api.query(`{
        plans(filter: { nameContains: "SMA", statuses: COMPLETED, gpuId: "a10g" }) { totalCount nodes { id name best { configId } } }
        none: plans(filter: { nameContains: "%" }) { totalCount nodes { id } }
      }`),
    );
    expect(plans).toMatchObject({ totalCount: 1, nodes: [{ id: planId, name: 'small' }] });
    expect(none).toEqual({ totalCount: 0, nodes: [] });
  });

  test('candidates across plans, only in orders that an index has', async () => {
    const { candidates } = dataOf(
      await api.query(
        `{ candidates(first: 3, orderBy: { field: MAX_QPS }) { nodes { performance { maxSustainableQps } plan { id } } } }`,
      ),
    );
    expect(candidates.nodes).toHaveLength(3);
    expect(candidates.nodes[0].plan.id).toBe(planId);
    const error = errorOf(await api.query(`{ candidates(orderBy: { field: TOTAL_GPUS }) { nodes { id } } }`));
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'orderBy' });
  });

  test('the library, the catalogue and the prices', async () => {
    const data = dataOf(
      await api.query(`{
        profiles(first: 5, filter: { origin: LIBRARY, gpuIds: "a100-80gb" }) { totalCount nodes { name shipped gpu { name } model { hfId } findings { code severity } } pageInfo { hasNextPage } }
        gpus { id memoryBytes } models(ids: "llama-2-7b") { id paramsTotal }
        prices { version shipped quotes(gpuIds: "a100-80gb", kind: ON_DEMAND) { provider usdPerGpuHour kind } }
        priceBooks { nodes { version } }
        viewer { role workspace { name } limits { maxPageSize } }
      }`),
    );
    expect(data.profiles.totalCount).toBeGreaterThan(5);
    expect(data.profiles.nodes.every((profile: { shipped: boolean }) => profile.shipped)).toBe(true);
    expect(data.gpus.length).toBeGreaterThan(5);
    expect(data.models).toHaveLength(1);
    expect(data.prices.quotes.length).toBeGreaterThan(0);
    expect(data.prices.quotes.every((quote: { kind: string }) => quote.kind === 'ON_DEMAND')).toBe(true);
    expect(data.viewer).toEqual({
      role: 'ADMIN',
      workspace: { name: 'default' },
      limits: { maxPageSize: 200 },
    });
  });

  test('a page has its limits, told in numbers', async () => {
    const tooMany = errorOf(await api.query(`{ plans(first: 201) { nodes { id } } }`));
    expect(tooMany.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', found: 201, allowed: 200 });
    for (const first of [0, -1]) {
      const none = errorOf(
        await api.query(`query ($first: Int!) { plans(first: $first) { nodes { id } } }`, { first }),
      );
      expect(none.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'first', found: String(first) });
    }
    for (const after of [
      '',
      'x',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["a","b"]').toString('base64url'),
    ]) {
      const error = errorOf(
        await api.query(`query ($after: String) { plans(after: $after) { nodes { id } } }`, { after }),
      );
      expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'after' });
    }
  });
});

test('ids of nothing, and ids that are none', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const [field, id] of [
    ['plan', unknown],
    ['run', unknown],
    ['profile', unknown],
    ['workload', unknown],
    ['trace', unknown],
    ['candidate', `${unknown}:1`],
  ]) {
    const error = errorOf(await api.query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id }));
    expect(error.extensions.code).toBe('NOT_FOUND');
    for (const bad of ['', 'x', `${unknown}x`, "' or 1=1", `${unknown}:0`, `${unknown}:1e9`]) {
      const none = errorOf(await api.query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id: bad }));
      expect(none.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'id' });
    }
  }
});

/** `max_ttft_p95_ms` of a report is `TTFT_P95` here. */
const wireTarget = (key: string): string =>
  key.toUpperCase().replace(/^MAX_/, '').replace(/_MS$/, '').replace('LATENCY', 'E2E');
