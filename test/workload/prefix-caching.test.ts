import { cachedShareOf, withPrefixCaching } from '../../src/core/workload/cached-share';
import { PrefixHashBuilder } from '../../src/core/workload/prefix-hashes';
import { createRandomStream } from '../../src/core/workload/random';
import {
  BLOCK_SIZE,
  createSamples,
  type SampleBlock,
  type Share,
  WHOLE,
} from '../../src/core/workload/samples';
import type { Lengths, Trace } from '../../src/core/workload/workload';

const TRACE: Trace = {
  name: 'five',
  arrivedAtS: Float64Array.of(0, 1, 2, 3, 4),
  promptTokens: Int32Array.of(10, 20, 30, 40, 50),
  outputTokens: Int32Array.of(1, 2, 3, 4, 5),
  cachedPromptTokens: Int32Array.of(0, 0, 0, 0, 0),
  hashes: hashesOf([[1], [1], [2], [1, 3], [1, 3]]),
};

function hashesOf(lists: number[][]) {
  const builder = new PrefixHashBuilder(lists.length);
  for (const list of lists) builder.add(list);
  return builder.build(32);
}

const firstBlock = (lengths: Lengths, share: Share): SampleBlock =>
  createSamples({ arrival: { kind: 'poisson' }, lengths }, 1, { share, retain: false }).block(0);

test('blocks of hashes are equal where they and all before them are', () => {
  const { blocks, starts, distinct } = hashesOf([[7, 8], [], [7, 8, 9], [8], [5, 8]]);
  expect([...starts]).toEqual([0, 2, 2, 5, 6, 8]);
  expect([...blocks]).toEqual([0, 1, 0, 1, 2, 3, 4, 5]);
  expect(distinct).toBe(6);
});

test('a million random hashes are numbered as a Map numbers them', () => {
  const { uniform } = createRandomStream(1, 'hashes');
  const builder = new PrefixHashBuilder(100_000);
  const numbers = new Map<string, number>();
  const expected: number[] = [];
  for (let i = 0; i < 100_000; i++) {
    // Hashes beyond 32 bits, many of them shared.
    const list = Array.from({ length: 10 }, (_, k) => Math.floor(uniform() * 3 ** (k + 1)) * 2 ** 31);
    builder.add(list);
    let key = '';
    for (const hash of list) {
      key += `${hash} `;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      expected.push(number);
    }
  }
  const { blocks, distinct } = builder.build(512);
  expect(distinct).toBe(numbers.size);
  expect(Buffer.compare(Buffer.from(blocks.buffer), Buffer.from(Int32Array.from(expected).buffer))).toBe(0);
});

test.each([
  [100, 0.29, 29],
  [100, 0, 0],
  [100, 1, 99],
  [1, 1, 0],
  [10, 0.99, 9],
  [3, 0.5, 1],
])('of %d tokens the share %d is %d tokens', (tokens, share, cached) =>
  expect(cachedShareOf(tokens, share)).toBe(cached),
);

test('a hit rate holds for drawn lengths and for those of a trace', () => {
  const hitRate = 0.4;
  const prefixCaching = { kind: 'hit_rate', hitRate } as const;
  const drawn = firstBlock(
    {
      kind: 'drawn',
      prompt: { kind: 'uniform', min: 1, max: 900 },
      output: { kind: 'fixed', value: 5 },
      cachedPrompt: null,
      prefixCaching,
    },
    WHOLE,
  );
  drawn.cachedPromptTokens.forEach((cached, i) => {
    expect(cached).toBe(Math.floor(drawn.promptTokens[i]! * hitRate + 1e-9));
  });
  const trace = withPrefixCaching(TRACE, prefixCaching);
  expect(trace.hashes).toBeUndefined();
  expect([...trace.cachedPromptTokens]).toEqual([4, 8, 12, 16, 20]);
});

test('a simulated cache sees every pass of a trace as new prompts, each replica its own requests', () => {
  const trace = withPrefixCaching(TRACE, { kind: 'simulate', hashBlockTokens: 32 });
  const lengths: Lengths = { kind: 'trace', trace };
  const check = (share: Share, expected: number[]) => {
    const block = firstBlock(lengths, share);
    expect([...block.tracePosition.subarray(0, expected.length)]).toEqual(expected);
    block.tracePosition.forEach((position, i) => {
      if (block.promptTokens[i] !== trace.promptTokens[position % 5]) throw new Error(`request ${i}`);
    });
    return block;
  };
  check(WHOLE, [0, 1, 2, 3, 4, 5, 6]);
  check({ replicas: 3, routing: 'round_robin' }, [0, 3, 6, 9, 12]);
  const { tracePosition } = check({ replicas: 4, routing: 'random' }, []);
  // Every fourth request on average.
  expect(tracePosition[BLOCK_SIZE - 1]! / BLOCK_SIZE).toBeGreaterThan(3.7);
  expect(tracePosition[BLOCK_SIZE - 1]! / BLOCK_SIZE).toBeLessThan(4.3);
});

test('a trace without hashes is drawn from as ever', () => {
  const { hashes: _, ...plain } = TRACE;
  const block = firstBlock({ kind: 'trace', trace: plain }, { replicas: 4, routing: 'random' });
  expect([...block.promptTokens.subarray(0, 6)]).toEqual([10, 20, 30, 40, 50, 10]);
  expect(block.tracePosition).toHaveLength(0);
});
