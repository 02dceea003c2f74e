import { type ApiServer, type Data, dataOf, errorOf, openApi } from './support';

let api: ApiServer;
beforeAll(async () => {
  api = await openApi();
  await register('hashed', `${HEADER},hash_ids\n${rows((i) => `,${i % 2} ${10 + (i % 2)} ${20 + i}`)}`);
  await register('plain', `${HEADER}\n${rows(() => '')}`);
  await register('cached', `${HEADER},cached_prompt_tokens\n${rows(() => ',512')}`);
  await register('both', `${HEADER},cached_prompt_tokens,hash_ids\n${rows((i) => `,512,1 2 ${i}`)}`);
}, 60_000);
afterAll(() => api?.close());

const HEADER = 'arrived_at_s,prompt_tokens,output_tokens';
/** Prompts of two whole blocks of 512 tokens and a bit. */
const rows = (more: (i: number) => string) =>
  Array.from({ length: 40 }, (_, i) => `${i / 4},1100,8${more(i)}`).join('\n');

const register = async (name: string, csv: string): Promise<Data> => {
  const text = `mutation ($input: TraceInput!) { registerTrace(input: $input) { trace { id promptBlockCount } } }`;
  return dataOf(await api.query(text, { input: { name, csv } })).registerTrace.trace;
};

const requestOf = (workload: object) => ({
  model: 'llama-2-7b',
  workload: { arrivalRateRange: [0.5, 20], ...workload },
  constraints: { maxTtftP95Ms: 2000 },
  configSpace: { gpuTypes: ['A100'], numReplicas: [1], schedulers: ['VLLM'], maxBatchSizes: [32] },
  simulation: { duration: 20, warmupDuration: 2 },
});

const PREVIEW = `query ($input: LaunchPlanInput!) { previewPlan(input: $input) { request { workload {
  cachedPromptTokens { distribution value } prefixCaching { hitRate simulate hashBlockSize } } } } }`;
const REGISTER = `mutation ($input: RegisterWorkloadInput!) { registerWorkload(input: $input) { workload { definition } } }`;

test('a trace says whether its prompts can be told apart', async () => {
  expect(await register('two', `${HEADER},hash_ids\n0,600,1,1 2\n1,600,1,1 3\n`)).toMatchObject({
    promptBlockCount: 4,
  });
  expect(await register('two plain', `${HEADER}\n0,600,1\n1,600,1\n`)).toMatchObject({
    promptBlockCount: null,
  });
});

test.each([
  [
    { trace: 'hashed', prefixCaching: { simulate: true } },
    { hitRate: null, simulate: true, hashBlockSize: 512 },
    null,
  ],
  [
    { trace: 'both', prefixCaching: { simulate: true, hashBlockSize: 512 } },
    { hitRate: null, simulate: true, hashBlockSize: 512 },
    null,
  ],
  [
    { trace: 'plain', prefixCaching: { hitRate: 0.25 } },
    { hitRate: 0.25, simulate: false, hashBlockSize: null },
    null,
  ],
  [{ prefixCaching: { hitRate: 1 } }, { hitRate: 1, simulate: false, hashBlockSize: null }, null],
  [{ trace: 'both', prefixCaching: { simulate: false } }, null, null],
  [
    { trace: 'plain', cachedPromptTokens: { distribution: 'FIXED', value: 64 } },
    null,
    { distribution: 'FIXED', value: 64 },
  ],
])(
  'the request resolved shows what was asked for: %j',
  async (workload, prefixCaching, cachedPromptTokens) => {
    const { previewPlan } = dataOf(await api.query(PREVIEW, { input: { request: requestOf(workload) } }));
    expect(previewPlan.request.workload).toEqual({ prefixCaching, cachedPromptTokens });
  },
);

test('candidates of a plan show the hit rate; without prefix caching there is none', async () => {
  api.test.startWorker();
  const LAUNCH = 'mutation ($input: LaunchPlanInput!) { launchPlan(input: $input) { plan { id } } }';
  const READ = `query ($id: ID!) { plan(id: $id) { best { performance { prefixCacheHitRate } metrics { prefixCacheHitRate } } } }`;
  const hitRateOf = async (workload: object) => {
    const { launchPlan } = dataOf(await api.query(LAUNCH, { input: { request: requestOf(workload) } }));
    await api.test.finished(launchPlan.plan.id);
    const { best } = dataOf(await api.query(READ, { id: launchPlan.plan.id })).plan;
    expect(best.metrics.prefixCacheHitRate).toBe(best.performance.prefixCacheHitRate);
    return best.performance.prefixCacheHitRate;
  };
  // Two prefixes of 1,024 tokens take turns: all but their first prompts find 1,024 of 1,100 tokens.
  const simulated = await hitRateOf({ trace: 'hashed', prefixCaching: { simulate: true } });
  expect(simulated).toBeGreaterThan(0.5);
  expect(simulated).toBeLessThanOrEqual(1024 / 1100);
  expect(await hitRateOf({ trace: 'hashed', prefixCaching: { hitRate: 0.5 } })).toBeCloseTo(0.5, 6);
  expect(await hitRateOf({ trace: 'hashed' })).toBeNull();
});

test.each([
  [{ prefixCaching: { hitRate: 1.5 } }, '.hitRate', '1.5', /a number from 0 to 1/],
  [{ prefixCaching: { hitRate: -0.1 } }, '.hitRate', '-0.1', /a number from 0 to 1/],
  [{ prefixCaching: { hitRate: 0.5, simulate: true } }, '', 'both', /hitRate \(0 to 1\) or simulate/],
  [{ prefixCaching: {} }, '', 'neither', /hitRate \(0 to 1\) or simulate/],
  [{ prefixCaching: { hitRate: 0.5, hashBlockSize: 16 } }, '.hashBlockSize', '16', /only beside simulate/],
  [
    { prefixCaching: { simulate: true } },
    '.simulate',
    'true where the lengths are drawn',
    /only with a trace that has hash_ids.*hitRate/,
  ],
  [
    { trace: 'plain', prefixCaching: { simulate: true } },
    '',
    'simulate: true, and a trace (plain) without hash_ids',
    /only with a trace that has hash_ids; give hitRate/,
  ],
  [
    { trace: 'hashed', prefixCaching: { simulate: true, hashBlockSize: 256 } },
    '',
    '3 hash_ids for the 1100 prompt tokens of row 1 of hashed',
    /5, one for every 256 tokens.*hashBlockSize/,
  ],
  [{ trace: 'cached', prefixCaching: { hitRate: 0.5 } }, '.hitRate', '0.5', /cached tokens of its own/],
  [
    { trace: 'both' },
    '',
    'nothing, and a trace (both) with both cached_prompt_tokens and hash_ids',
    /simulate: true.*hash_ids.*simulate: false.*cached tokens/,
  ],
])('one error says what is wrong, in the words of the API: %j', async (workload, at, found, words) => {
  for (const [query, input, path] of [
    [PREVIEW, { request: requestOf(workload) }, 'input.request.workload.prefixCaching'],
    [REGISTER, { name: 'wrong', workload }, 'input.workload.prefixCaching'],
  ] as const) {
    const { extensions } = errorOf(await api.query(query, { input }));
    expect(extensions).toMatchObject({ code: 'INVALID_INPUT', path: `${path}${at}`, found });
    const { allowed, hint } = extensions;
    expect([allowed, hint].filter((text) => text !== null).join('; ')).toMatch(words);
    expect(`${allowed} ${hint}`.replaceAll('hash_ids', '')).not.toMatch(/[a-z]_[a-z]/);
  }
});

test('cached tokens and prefix caching are one or the other', async () => {
  const workload = {
    cachedPromptTokens: { distribution: 'FIXED', value: 9 },
    prefixCaching: { hitRate: 0.5 },
  };
  const { extensions } = errorOf(await api.query(PREVIEW, { input: { request: requestOf(workload) } }));
  expect(extensions).toMatchObject({
    path: 'input.request.workload.cachedPromptTokens',
    found: 'cached tokens beside prefix caching',
    hint: 'delete workload.cachedPromptTokens or workload.prefixCaching',
  });
});
