import fc from 'fast-check';
import { parse, specifiedRules, validate } from 'graphql';
import { createReadStore } from '../../src/adapters/db/read-store';
import { createContext, type GraphqlContext } from '../../src/adapters/graphql/context';
import { buildApiSchema } from '../../src/adapters/graphql/schema';
import { launchOf } from '../support/service';
import { type QueryValues, writeQuery } from '../support/write-query';
import { executeBoth } from './execute-both';
import { type ApiServer, errorOf, LIMITS, openApi, REQUEST } from './support';

// graphql-js is the reference for what the API executes by itself.

const schema = buildApiSchema();
let api: ApiServer;
let newContext: () => GraphqlContext;
let values: QueryValues;

beforeAll(async () => {
  api = await openApi();
  const { test } = api;
  test.startWorker();
  const planIds: string[] = [];
  const runIds: string[] = [];
  for (const seed of [7, 8]) {
    const request = { ...REQUEST, simulation: { ...REQUEST.simulation, random_seed: seed } };
    const { plan } = await test.api.launchPlan(test.caller, launchOf(request, { name: `seed ${seed}` }));
    planIds.push(plan.id);
    runIds.push((await test.finished(plan.id)).id);
  }
  const create = createContext({
    readStore: createReadStore(test.database),
    api: test.api,
    events: test.events,
    catalog: test.service.catalog,
    limits: LIMITS,
  });
  newContext = () => create(test.caller, 'request');
  values = {
    id: { plan: planIds, run: runIds, candidate: runIds.map((id) => `${id}:3`), rerank: planIds },
    ids: { comparePlans: [planIds, [...runIds].reverse()] },
    modelId: { history: ['llama-2-7b'] },
    gpuId: { history: ['A100', 'a10g'] },
    configId: { loadCurve: [1, 3] },
  };
}, 60_000);
afterAll(() => api?.close());

test('random queries get the answer of graphql-js, to the order of the fields', async () => {
  const { FC_SEED, FC_RUNS, FC_PATH } = process.env;
  const runs = Math.ceil(300 * Number(FC_RUNS ?? 1));
  const count = { all: 0, failed: 0, directives: 0, compiled: 0 };
  const property = fc.asyncProperty(fc.array(fc.nat(999), { maxLength: 400 }), async (choices) => {
    const { text, variables } = writeQuery(schema, choices, values);
    expect(validate(schema, parse(text), specifiedRules)).toEqual([]);
    const { expected, compiled, wasCompiled } = await executeBoth(schema, text, variables, newContext);
    count.all++;
    if (text.includes('@')) count.directives++;
    else expect(wasCompiled).toBe(true);
    if (expected.errors !== undefined) {
      count.failed++;
      expect(compiled).toBeNull();
    } else if (wasCompiled) {
      count.compiled++;
      expect(JSON.stringify(compiled)).toBe(JSON.stringify(expected.data));
    }
  });
  const seed = Number(FC_SEED ?? 20_261_124);
  const report = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
  });
  if (report.failed) {
    const [choices] = report.counterexample!;
    const { text, variables } = writeQuery(schema, choices, values);
    throw new Error(
      `FC_SEED=${seed} FC_PATH=${report.counterexamplePath}:\n${text}\n${JSON.stringify(variables)}\n${String(report.errorInstance)}`,
    );
  }
  if (FC_PATH !== undefined) return;
  // Each kind came: what is compared is most, and what is left to graphql-js was met.
  expect(count.compiled).toBeGreaterThan(count.all * 0.5);
  expect(count.failed).toBeGreaterThan(0);
  expect(count.directives).toBeGreaterThan(0);
}, 120_000);

test('an operation that the document does not have is not executed, whatever it holds', async () => {
  const dear = '{ plans(first: 200) { nodes { candidates(first: 200) { nodes { id } } } } }';
  for (const query of ['query A { viewer { role } }', '{ viewer { role } }', dear]) {
    const answer = await api.post({ query, operationName: 'B' });
    expect(errorOf(answer).message).toMatch(/Unknown operation named "B"/);
    expect(answer.data ?? null).toBeNull();
  }
  const two = 'query A { viewer { role } } query B { prices { id } }';
  expect(errorOf(await api.post({ query: two })).message).toMatch(/Must provide operation name/);
  for (const [operationName, key] of [
    ['A', 'viewer'],
    ['B', 'prices'],
    ['A', 'viewer'],
  ] as const) {
    const { data } = await api.post({ query: two, operationName });
    expect(Object.keys(data)).toEqual([key]);
  }
});

test('beside a field that fails, what is dear is made once', async () => {
  const [from, to] = values.ids!.comparePlans![0] as string[];
  const compare = `comparePlans(ids: ["${from}", "${to}"]) { __typename }`;
  const statementsOf = async (query: string) => {
    api.sent.length = 0;
    const answer = await api.query(query);
    return { answer, statements: api.sent.filter((text) => !text.includes('pg_catalog')) };
  };
  const comparePlans = jest.spyOn(api.test.api, 'comparePlans');
  await statementsOf(`{ ${compare} }`);
  expect(comparePlans).toHaveBeenCalledTimes(1);
  const failing = await statementsOf(
    `{ ${compare} plan(id: "ffffffff-ffff-ffff-ffff-ffffffffffff") { id } }`,
  );
  expect(errorOf(failing.answer).extensions.code).toBe('NOT_FOUND');
  expect(comparePlans).toHaveBeenCalledTimes(2);
  comparePlans.mockRestore();
  expect(new Set(failing.statements).size).toBe(failing.statements.length);
});

test('resolvers of the schema run without what graphql-js tells of the query', async () => {
  // The compiled path tells them the nodes of the field only.
  const { getMetadataStorage } = await import('type-graphql');
  const { queries, fieldResolvers } = getMetadataStorage() as unknown as Record<
    'queries' | 'fieldResolvers',
    { methodName: string; params?: { kind: string }[]; middlewares?: unknown[] }[]
  >;
  expect(queries.length + fieldResolvers.length).toBeGreaterThan(50);
  const asking = [...queries, ...fieldResolvers].filter(({ params = [] }) =>
    params.some(({ kind }) => kind === 'info' || kind === 'custom'),
  );
  expect(asking.map(({ methodName }) => methodName)).toEqual([]);
});
