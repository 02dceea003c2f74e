import { launchOf } from '../support/service';
import { type ApiServer, dataOf, errorOf, openApi, REQUEST } from './support';

// Every argument that names a GPU or a model takes any name the catalogue knows, and refuses the others.

let api: ApiServer;

beforeAll(async () => {
  api = await openApi();
  api.test.startWorker();
  const { plan } = await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST, { name: 'named' }));
  await api.test.finished(plan.id);
}, 60_000);
afterAll(() => api?.close());
afterEach(() => expect(api.logged.splice(0)).toEqual([]));

/** Fields that take names, each with the same in ids and with what a wrong name is told at. */
const LISTS: [field: string, ids: string, path: string, wrong: string][] = [
  ['gpus(ids: ["A100"]) { id }', 'gpus(ids: ["a100-80gb"]) { id }', 'ids[0]', 'gpus(ids: ["A10O"]) { id }'],
  [
    'models(ids: ["Llama2-7B", "meta-llama/Llama-3.1-8B-Instruct"]) { id }',
    'models(ids: ["llama-2-7b", "llama-3.1-8b"]) { id }',
    'ids[1]',
    'models(ids: ["llama-2-7b", "lama-2-7b"]) { id }',
  ],
  [
    'history(modelId: "llama-7b", gpuId: "A100") { nodes { run { id } } }',
    'history(modelId: "llama-2-7b", gpuId: "a100-80gb") { nodes { run { id } } }',
    'modelId',
    'history(modelId: "lama-7b", gpuId: "A100") { nodes { run { id } } }',
  ],
  [
    'history(modelId: "llama-7b", gpuId: "NVIDIA A10G") { nodes { run { id } } }',
    'history(modelId: "llama-2-7b", gpuId: "a10g") { nodes { run { id } } }',
    'gpuId',
    'history(modelId: "llama-7b", gpuId: "A10O") { nodes { run { id } } }',
  ],
  [
    'plans(filter: { modelIds: ["llama-7b"], gpuId: "A100" }) { totalCount nodes { id } }',
    'plans(filter: { modelIds: ["llama-2-7b"], gpuId: "a100-80gb" }) { totalCount nodes { id } }',
    'filter.gpuId',
    'plans(filter: { gpuId: "A10O" }) { totalCount nodes { id } }',
  ],
  [
    'plans(filter: { modelIds: ["llama2-7b-chat"] }) { totalCount nodes { id } }',
    'plans(filter: { modelIds: ["llama-2-7b"] }) { totalCount nodes { id } }',
    'filter.modelIds[1]',
    'plans(filter: { modelIds: ["llama-7b", "lama-7b"] }) { totalCount nodes { id } }',
  ],
  [
    'candidates(filter: { gpuIds: ["A100"] }) { totalCount nodes { id } }',
    'candidates(filter: { gpuIds: ["a100-80gb"] }) { totalCount nodes { id } }',
    'filter.gpuIds[0]',
    'candidates(filter: { gpuIds: ["A10O"] }) { totalCount nodes { id } }',
  ],
  [
    'plans { nodes { candidates(filter: { gpuIds: ["A100"] }) { totalCount nodes { id } } } }',
    'plans { nodes { candidates(filter: { gpuIds: ["a100-80gb"] }) { totalCount nodes { id } } } }',
    'filter.gpuIds[0]',
    'plans { nodes { candidates(filter: { gpuIds: ["A10O"] }) { totalCount nodes { id } } } }',
  ],
  [
    'profiles(filter: { gpuIds: ["A100"], modelIds: ["llama-7b"] }) { totalCount nodes { id } }',
    'profiles(filter: { gpuIds: ["a100-80gb"], modelIds: ["llama-2-7b"] }) { totalCount nodes { id } }',
    'filter.modelIds[0]',
    'profiles(filter: { gpuIds: ["A100"], modelIds: ["lama-7b"] }) { totalCount nodes { id } }',
  ],
  [
    'prices { quotes(gpuIds: ["A100"]) { usdPerGpuHour } }',
    'prices { quotes(gpuIds: ["a100-80gb"]) { usdPerGpuHour } }',
    'gpuIds[0]',
    'prices { quotes(gpuIds: ["A10O"]) { usdPerGpuHour } }',
  ],
];

/** Rows of an answer, wherever they are in it. */
const rowsOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + Math.max(1, rowsOf(item)), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + rowsOf(item), 0);
};

test.each(LISTS)('%s', async (named, byId, path, wrong) => {
  const data = dataOf(await api.query(`{ ${named} }`));
  expect(rowsOf(data)).toBeGreaterThan(0);
  expect(data).toEqual(dataOf(await api.query(`{ ${byId} }`)));

  const { message, extensions } = errorOf(await api.query(`{ ${wrong} }`));
  const isModel = /"(lama-2?-?7b)"/.test(wrong);
  expect(extensions).toMatchObject({
    code: 'INVALID_INPUT',
    path,
    allowed: expect.stringContaining(isModel ? 'a model of the catalogue' : 'a GPU of the catalogue'),
    hint: expect.stringMatching(isModel ? /did you mean .*llama-2-7b/ : /did you mean .*a10/),
  });
  expect(message).toContain(extensions.found as string);
});

test.each(['telemetrySets', 'calibrations'])('%s, of which there are none yet', async (list) => {
  dataOf(
    await api.query(`{ ${list}(filter: { gpuIds: ["A100"], modelIds: ["llama-7b"] }) { nodes { id } } }`),
  );
  const answer = await api.query(`{ ${list}(filter: { gpuIds: ["A10O"] }) { nodes { id } } }`);
  expect(errorOf(answer).extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'filter.gpuIds[0]' });
});

test('a wrong name is told also of a plan that has no candidates yet', async () => {
  await api.test.stopWorkers();
  const { plan } = await api.test.api.launchPlan(api.test.caller, launchOf(REQUEST, { name: 'waiting' }));
  const candidates = (gpu: string, first = 5) =>
    api.query(
      `query ($id: ID!) { plan(id: $id) { candidates(first: ${first}, filter: { gpuIds: ["${gpu}"] }) { totalCount nodes { id } } } }`,
      { id: plan.id },
    );
  expect(dataOf(await candidates('A100')).plan.candidates).toEqual({ totalCount: 0, nodes: [] });
  expect(errorOf(await candidates('A10O')).extensions).toMatchObject({ path: 'filter.gpuIds[0]' });
  expect(errorOf(await candidates('A100', 0)).extensions).toMatchObject({ path: 'first' });
});
