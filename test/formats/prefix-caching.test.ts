import type { Lengths, Trace } from '../../src/core/workload/workload';
import { parseDeployment } from '../../src/formats/read-deployment';
import { parsePlanRequest } from '../../src/formats/read-request';
import { parseTrace } from '../../src/formats/read-trace';
import { parseYaml } from '../../src/formats/read-yaml';
import { CATALOG, faultOf, oneLine } from './support';

const HASHED = 'arrived_at_s,prompt_tokens,output_tokens,hash_ids\n0,600,5,0 1\n1,1024,5,0 2\n2,100,5,4\n';
const BOTH = `arrived_at_s,prompt_tokens,output_tokens,cached_prompt_tokens,hash_ids
0,600,5,512,0 1
1,10,5,0,2
`;
const PLAIN = 'arrived_at_s,prompt_tokens,output_tokens\n0,600,5\n1,10,5\n';
const COLUMN = 'arrived_at_s,prompt_tokens,output_tokens,cached_prompt_tokens\n0,600,5,512\n1,10,5,0\n';
const TRACES: Record<string, string> = {
  'hashed.csv': HASHED,
  'both.csv': BOTH,
  'plain.csv': PLAIN,
  'column.csv': COLUMN,
};
const loadTrace = (path: string): Trace => parseTrace({ source: path, text: TRACES[path]! });

/** As a plan reads it. */
function lengthsOf(workload: string): Lengths {
  return parsePlanRequest({
    catalog: CATALOG,
    model: 'llama-7b',
    defaultGpuId: 'a100-80gb',
    loadTrace,
    documents: [{ source: 'plan.yaml', value: parseYaml('plan.yaml', `workload: ${workload}`) }],
  }).request.workload.lengths;
}

/** As a simulation reads it. */
function simulatedTrace(workload: string): Trace {
  const text = `profile: a100-80gb/codellama-34b/tp2/vidur-fp16
deployment: {gpu_type: A100, tensor_parallel: 2, scheduler: vllm}
workload: ${workload}`;
  const value = parseYaml('d.yaml', text);
  const { load } = parseDeployment({ source: 'd.yaml', value, catalog: CATALOG, loadTrace }).request;
  if (load.kind !== 'trace') throw new Error('no trace');
  return load.trace;
}

const traceOf = (workload: string): Trace => {
  const lengths = lengthsOf(workload);
  if (lengths.kind !== 'trace') throw new Error('no trace');
  return lengths.trace;
};

test('hash_ids: numbers, or any other text', () => {
  const header = 'arrived_at_s,prompt_tokens,output_tokens,hash_ids\n';
  const rows = ['0,9,1,7 8', '0,9,1,', '0,9,1, 7  8 12345678901234567890', '0,9,1,"7 9f3a"', '0,9,1,7 9f3a'];
  const { blocks, starts, distinct } = parseTrace({ source: 't.csv', text: header + rows.join('\n') })
    .hashes!;
  expect([...starts]).toEqual([0, 2, 2, 5, 7, 9]);
  expect([...blocks]).toEqual([0, 1, 0, 1, 2, 0, 3, 0, 3]);
  expect(distinct).toBe(4);
});

test.each([traceOf, simulatedTrace])('simulate: the trace keeps its hashes', (read) => {
  const trace = read('{trace: hashed.csv, prefix_caching: {simulate: true}}');
  expect(trace.hashes).toEqual({
    blockTokens: 512,
    blocks: Int32Array.of(0, 1, 0, 2, 3),
    starts: Int32Array.of(0, 2, 4, 5),
    distinct: 4,
  });
  const both = read('{trace: both.csv, prefix_caching: {simulate: true}}');
  expect([both.hashes?.distinct, ...both.cachedPromptTokens]).toEqual([3, 0, 0]);
});

test('simulate: another block size', () => {
  const workload = '{trace: hashed.csv, prefix_caching: {simulate: true, hash_block_size: 512}}';
  expect(lengthsOf(workload).prefixCaching).toEqual({ kind: 'simulate', hashBlockTokens: 512 });
});

test('hit_rate: a share of every prompt, drawn or of a trace', () => {
  const caching = { kind: 'hit_rate', hitRate: 0.5 };
  expect(lengthsOf('{prefix_caching: {hit_rate: 0.5}}')).toMatchObject({
    kind: 'drawn',
    prefixCaching: caching,
  });
  const hashed = traceOf('{trace: hashed.csv, prefix_caching: {hit_rate: 0.5}}');
  expect([...hashed.cachedPromptTokens]).toEqual([300, 512, 50]);
  expect(hashed.hashes).toBeUndefined();
  expect([...simulatedTrace('{trace: plain.csv, prefix_caching: {hit_rate: 1}}').cachedPromptTokens]).toEqual(
    [599, 9],
  );
});

test('not given, or simulate: false: what the column says, as ever', () => {
  const first = (workload: string) => traceOf(workload).cachedPromptTokens[0];
  expect(traceOf('{trace: hashed.csv}').hashes).toBeUndefined();
  expect(first('{trace: hashed.csv}')).toBe(0);
  expect(first('{trace: hashed.csv, cached_prompt_tokens: 7}')).toBe(7);
  expect(first('{trace: column.csv}')).toBe(512);
  expect(first('{trace: both.csv, prefix_caching: {simulate: false}}')).toBe(512);
});

test.each([
  ['{}', 'prefix_caching | neither | one of the two: hit_rate (0 to 1) or simulate (true or false)'],
  [
    '{hit_rate: 0.5, simulate: true}',
    'prefix_caching | both | one of the two: hit_rate (0 to 1) or simulate (true or false)',
  ],
  ['{hit_rate: 1.2}', 'prefix_caching.hit_rate | 1.2 | a number from 0 to 1'],
  [
    '{hit_rate: 0.2, hash_block_size: 16}',
    'prefix_caching.hash_block_size | 16 | it only beside simulate: true',
  ],
  [
    '{hit_rates: 0.2}',
    'prefix_caching.hit_rates | an unknown key | one of the keys hit_rate, simulate, hash_block_size | did you mean hit_rate?',
  ],
  [
    '{simulate: true}',
    'prefix_caching.simulate | true where the lengths are drawn | true only with a trace that has hash_ids | name the trace under workload.trace, or give hit_rate',
  ],
])('prefix_caching: %s without a trace is refused', (caching, expected) => {
  expect(oneLine(faultOf(() => lengthsOf(`{prefix_caching: ${caching}}`)))).toBe(`workload.${expected}`);
});

test.each([
  [
    '{trace: plain.csv, prefix_caching: {simulate: true}}',
    'prefix_caching | simulate: true, and a trace (plain.csv) without hash_ids | simulate: true only with a trace that has hash_ids | give hit_rate, the share of the prompt tokens that is cached',
  ],
  [
    '{trace: both.csv}',
    'prefix_caching | nothing, and a trace (both.csv) with both cached_prompt_tokens and hash_ids | {simulate: true} to simulate the cache of its hash_ids, {simulate: false} to take its cached tokens',
  ],
  [
    '{trace: column.csv, prefix_caching: {hit_rate: 0.3}}',
    'prefix_caching.hit_rate | 0.3 | nothing: the trace has cached tokens of its own',
  ],
  [
    '{trace: hashed.csv, cached_prompt_tokens: 5, prefix_caching: {simulate: true}}',
    'cached_prompt_tokens | cached tokens beside prefix caching | one of the two | delete workload.cached_prompt_tokens or workload.prefix_caching',
  ],
  [
    '{trace: hashed.csv, prefix_caching: {simulate: true, hash_block_size: 256}}',
    'prefix_caching | 2 hash_ids for the 600 prompt tokens of row 1 of hashed.csv | 3, one for every 256 tokens and one for the rest | is hash_block_size the number of tokens of one hash?',
  ],
  [
    '{trace: hashed.csv, prefix_caching: {simulate: true, hash_block_size: 1024}}',
    'prefix_caching | 2 hash_ids for the 600 prompt tokens of row 1 of hashed.csv | 1, one for every 1024 tokens and one for the rest | is hash_block_size the number of tokens of one hash?',
  ],
])('%s is refused', (workload, expected) => {
  expect(oneLine(faultOf(() => simulatedTrace(workload)))).toBe(`workload.${expected}`);
  expect(oneLine(faultOf(() => lengthsOf(workload)))).toBe(`workload.${expected}`);
});
