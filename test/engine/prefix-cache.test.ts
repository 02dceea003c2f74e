import type fc from 'fast-check';
import { SCHEDULERS } from '../../src/core/engine/deployment';
import { KvBlocks } from '../../src/core/engine/kv-blocks';
import { PrefixCache } from '../../src/core/engine/prefix-cache';
import type { Replica } from '../../src/core/engine/replica';
import { PrefixHashBuilder } from '../../src/core/workload/prefix-hashes';
import { PlainPrefixCache } from '../support/plain-prefix-cache';
import { holds } from '../support/property';
import type { EngineCase } from '../support/random-case';
import { hashListsOf, randomPrefixCase } from '../support/random-prefix-case';
import { type CaseRun, runCase } from '../support/run-case';
import { watchScheduler } from '../support/watch-scheduler';

describe('known answers: 2 tokens a KV block, 4 tokens a hash', () => {
  /** Serve prompts one after the other, without outputs; their cached tokens. */
  function serve(kvBlocks: number, prompts: readonly { tokens: number; hashes: number[] }[]): number[] {
    const { kv, cache, expect } = createCache(kvBlocks, prompts);
    return prompts.map(({ tokens }, i) => {
      expect(i);
      const cached = admit(cache, kv, 0, tokens);
      cache.release(0, Math.ceil(tokens / 2));
      return cached;
    });
  }

  test.each<[string, number, { tokens: number; hashes: number[] }[], number[]]>([
    ['nothing is cached at first', 9, [{ tokens: 8, hashes: [1, 2] }], [0]],
    [
      'the last token is always computed: of a prompt of 8, 7 could be cached, that is 3 full KV blocks',
      9,
      [
        { tokens: 8, hashes: [1, 2] },
        { tokens: 8, hashes: [1, 2] },
      ],
      [0, 6],
    ],
    [
      'a longer prompt finds all of the shorter one, but for its unfilled last KV block',
      9,
      [
        { tokens: 7, hashes: [1, 2] },
        { tokens: 7, hashes: [1, 2] },
        { tokens: 11, hashes: [1, 3, 4] },
      ],
      [0, 6, 4],
    ],
    [
      'a hit needs everything before it, also where the hash is the same',
      20,
      [
        { tokens: 9, hashes: [1, 2, 3] },
        { tokens: 9, hashes: [5, 2, 3] },
      ],
      [0, 0],
    ],
    [
      // 6 blocks: the first prompt takes 4 and gives them back, its end first. The second takes the 2 never used and
      // then 1 of the first, its last. So 3 blocks, 6 tokens, are left of the first.
      'room is made from the end of the prompt used longest ago',
      6,
      [
        { tokens: 8, hashes: [1, 2] },
        { tokens: 6, hashes: [7, 8] },
        { tokens: 9, hashes: [1, 2, 3] },
      ],
      [0, 0, 6],
    ],
    [
      // The second use of [1, 2] makes it the latest: [7, 8] goes first.
      'what is used again stays longer',
      8,
      [
        { tokens: 8, hashes: [1, 2] },
        { tokens: 8, hashes: [7, 8] },
        { tokens: 8, hashes: [1, 2] },
        { tokens: 6, hashes: [10, 11] },
        { tokens: 8, hashes: [1, 2] },
        { tokens: 5, hashes: [7, 8] },
      ],
      [0, 0, 6, 0, 6, 2],
    ],
  ])('%s', (_, kvBlocks, prompts, expected) => expect(serve(kvBlocks, prompts)).toEqual(expected));

  test('requests that run together hold a shared block once', () => {
    const prompts = [
      { tokens: 9, hashes: [1, 2, 3] },
      { tokens: 9, hashes: [1, 2, 4] },
    ];
    const { kv, cache, expect: arrive } = createCache(20, prompts);
    arrive(0, 0);
    arrive(1, 1);
    expect(admit(cache, kv, 0, 9)).toBe(0);
    expect(kv.used).toBe(5);
    expect(admit(cache, kv, 1, 9)).toBe(8);
    // Four shared, and the fifth of each.
    expect(kv.used).toBe(6);
    cache.release(0, 5);
    expect(kv.used).toBe(5);
    cache.release(1, 5);
    expect(kv.used).toBe(0);
  });

  test('a block that another request is still computing is no hit, until it is done', () => {
    const prompts = [
      { tokens: 9, hashes: [1, 2, 3] },
      { tokens: 9, hashes: [1, 2, 3] },
    ];
    const { kv, cache, expect: arrive } = createCache(20, prompts);
    arrive(0, 0);
    arrive(1, 1);
    kv.allocate(3);
    // The first hash, and half of the second.
    cache.find(0, 9);
    cache.claim(0);
    cache.computed(0, 6);
    cache.find(1, 9);
    expect(cache.foundBlocks).toBe(2);
    cache.computed(0, 8);
    cache.find(1, 9);
    expect(cache.foundBlocks).toBe(4);
  });

  function createCache(kvBlocks: number, prompts: readonly { tokens: number; hashes: number[] }[]) {
    const builder = new PrefixHashBuilder(prompts.length);
    for (const { hashes } of prompts) builder.add(hashes);
    const kv = new KvBlocks(kvBlocks, 2);
    const cache = new PrefixCache(kv, builder.build(4));
    return { kv, cache, expect: (i: number, slot = 0) => cache.expect(slot, i, prompts[i]!.tokens) };
  }

  /** As a scheduler does it: the whole prompt at once. */
  function admit(cache: PrefixCache, kv: KvBlocks, slot: number, tokens: number): number {
    cache.find(slot, tokens);
    const hit = cache.foundBlocks;
    cache.claim(slot);
    kv.allocate(Math.ceil(tokens / 2) - hit);
    cache.computed(slot, tokens);
    return hit * 2;
  }
});

describe.each(SCHEDULERS)('%s', (scheduler) => {
  test('closed form equals plain stepping', () => {
    const seen = { runs: 0, hits: 0, preempted: 0 };
    holds(
      randomPrefixCase(scheduler),
      (c) => {
        const closed = runCase(c);
        checkEqual(closed, runCase(c, { plainStepping: true }));
        const { totals } = closed.run;
        seen.runs++;
        if (totals.cachedPromptTokens > 0) seen.hits++;
        if (totals.cachedPromptTokens > 0 && totals.preemptions > 0) seen.preempted++;
      },
      150,
    );
    if (seen.runs < 100) return;
    expect(seen.hits / seen.runs).toBeGreaterThan(0.4);
    const reserves = scheduler === 'orca' || scheduler === 'faster-transformer';
    if (!reserves) expect(seen.preempted / seen.runs).toBeGreaterThan(0.1);
  });

  test.each([false, true])('every KV block is somewhere, once (plain stepping: %s)', (plainStepping) => {
    holds(
      randomPrefixCase(scheduler),
      (c) => {
        const { watched, watch } = watchScheduler(c);
        const broken: string[] = [];
        const { run } = runCase(c, {
          plainStepping,
          watch: (s) => {
            const inner = watch(s);
            return {
              ...inner,
              schedule(replica, lane) {
                const withDecodes = inner.schedule(replica, lane);
                checkBlocks(replica, broken);
                return withDecodes;
              },
            };
          },
        });
        expect([...watched.broken, ...broken]).toEqual([]);
        expect(run.unfinished).toBe(0);
        for (const replica of watched.replicas) {
          expect(replica.kv.used).toBe(0);
          checkBlocks(replica, broken);
        }
        expect(broken).toEqual([]);
        const { cachedPromptTokens, scheduledPromptTokens } = run.totals;
        expect(cachedPromptTokens).toBeLessThanOrEqual(scheduledPromptTokens - run.recorder.completed);
      },
      80,
    );
  });

  test('with room for everything, requests that do not overlap hit all that an earlier prompt shares', () => {
    holds(apart(scheduler, 1e6), (c) => expect(hitsOf(c)).toBe(idealHits(c)), 60);
  });

  test('more KV never means fewer hits, for requests that do not overlap', () => {
    holds(
      apart(scheduler, 1),
      (c) => {
        const hits = [1, 1.1, 1.5, 3, 10].map((factor) =>
          hitsOf({ ...c, numBlocks: Math.ceil(c.numBlocks * factor) }),
        );
        expect(hits).toEqual(hits.toSorted((a, b) => a - b));
      },
      60,
    );
  });
});

test('a request that waits for KV comes in at the same step, though what it needs changes with every one', () => {
  // Chunks smaller than the part of the prompt not cached, and KV for hardly more than one request.
  const tight = randomPrefixCase('vllm').map((c) => ({
    ...c,
    pipelineParallel: 1,
    numReplicas: 1,
    blockTokens: 4,
    maxBatchedTokens: 32 + (c.maxBatchedTokens % 40),
    numBlocks: Math.ceil((c.maxModelTokens * 1.3) / 4),
  }));
  // Of these inputs, one in fifty tells whether the closed form stops at every step while such a request waits.
  holds(tight, (c) => checkEqual(runCase(c), runCase(c, { plainStepping: true })), 300);
});

test('requests that do not overlap hit what vLLM, block by block, has left of the earlier ones', () => {
  const seen = { runs: 0, evicted: 0 };
  holds(
    apart('vllm', 1).map(withoutFullPrompts),
    (c) => {
      const plain = new PlainPrefixCache(c.numBlocks, c.blockTokens);
      const lists = hashListsOf(c.trace);
      const { promptTokens, outputTokens, hashes } = c.trace;
      let hits = 0;
      lists.forEach((list, i) => {
        const request = { promptTokens: promptTokens[i]!, outputTokens: outputTokens[i]! };
        hits += plain.serve({ ...request, hashes: list, hashTokens: hashes!.blockTokens });
      });
      expect(hitsOf(c)).toBe(hits);
      seen.runs++;
      if (hits > 0 && hits < idealHits(c)) seen.evicted++;
    },
    400,
  );
  if (seen.runs > 100) expect(seen.evicted / seen.runs).toBeGreaterThan(0.15);
});

/** Single replicas that serve one request after the other and refuse none. `roomier`: times the KV of the random case. */
function apart(scheduler: EngineCase['scheduler'], roomier: number): fc.Arbitrary<EngineCase> {
  return randomPrefixCase(scheduler).map((c) => ({
    ...c,
    pipelineParallel: 1,
    numReplicas: 1,
    maxModelTokens: 400,
    maxBatchedTokens: 600,
    watermark: 0,
    numBlocks: Math.ceil(Math.max(c.numBlocks, 400 / c.blockTokens) * roomier),
    trace: { ...c.trace, arrivedAtS: c.trace.arrivedAtS.map((_, i) => i * 1e5) },
  }));
}

/**
 * Where a prompt fills its last KV block and all of it is cached, vLLM keeps the old copy of that block in the queue
 * beside the new one; we let it go first. No prompt here fills its last block.
 */
function withoutFullPrompts(c: EngineCase): EngineCase {
  const blockTokens = c.blockTokens === 1 ? 4 : c.blockTokens;
  const numBlocks = Math.ceil((c.numBlocks * c.blockTokens) / blockTokens);
  const { hashes, promptTokens } = c.trace;
  const lists = hashListsOf(c.trace);
  const builder = new PrefixHashBuilder(lists.length);
  const prompts = promptTokens.map((tokens, i) => {
    const shorter = tokens % blockTokens === 0 ? tokens - 1 : tokens;
    const list = lists[i]!.slice(0, Math.ceil(shorter / hashes!.blockTokens));
    // A shortened block has other content than the same block in full.
    if (shorter < tokens) list[list.length - 1] = 1e6 + lists[i]![list.length - 1]!;
    builder.add(list);
    return shorter;
  });
  const trace = { ...c.trace, promptTokens: prompts, hashes: builder.build(hashes!.blockTokens) };
  return { ...c, blockTokens, numBlocks, trace };
}

const hitsOf = (c: EngineCase): number => runCase(c).run.totals.cachedPromptTokens;

/** Tokens, in full KV blocks and but for the last one, that are in the longest prefix shared with any earlier prompt. */
function idealHits({ trace, blockTokens }: EngineCase): number {
  const lists = hashListsOf(trace).map((list) => list.join(' '));
  const hashTokens = trace.hashes!.blockTokens;
  let sum = 0;
  trace.promptTokens.forEach((prompt, i) => {
    const list = lists[i]!.split(' ');
    let shared = 0;
    for (let j = 0; j < i; j++) {
      const other = lists[j]!.split(' ');
      let k = 0;
      while (k < list.length && list[k] === other[k]) k++;
      shared = Math.max(shared, Math.min(k * hashTokens, trace.promptTokens[j]!));
    }
    sum += Math.floor(Math.min(shared, prompt - 1) / blockTokens) * blockTokens;
  });
  return sum;
}

interface Entries {
  readonly settle: () => void;
  readonly entries: Map<number, { users: number; blocks: number }>;
  readonly queue: { blocks: number; first(): QueueEntry };
}
interface QueueEntry {
  readonly key: number;
  readonly blocks: number;
  readonly users: number;
  readonly after: QueueEntry;
  readonly before: QueueEntry;
}

/** Looks into the cache: what is in use and what waits in the queue make up all blocks; nothing is in both. */
function checkBlocks(replica: Replica, broken: string[]): void {
  const { prefixes, kv } = replica as unknown as { prefixes: Entries; kv: KvBlocks };
  prefixes.settle();
  if (prefixes.queue.blocks + kv.used !== kv.total) broken.push('blocks got lost or doubled');
  const ring = prefixes.queue.first().before;
  let queued = 0;
  let named = 0;
  for (let entry = ring.after; entry !== ring; entry = entry.after) {
    queued += entry.blocks;
    if (entry.key >= 0) named++;
    if (entry.users > 0) broken.push('an entry in use is in the queue');
  }
  if (queued !== prefixes.queue.blocks) broken.push('the queue miscounts');
  let inUse = 0;
  let idle = 0;
  for (const entry of prefixes.entries.values()) {
    if (entry.users > 0) inUse += entry.blocks;
    else idle++;
  }
  if (inUse > kv.used) broken.push('more cached blocks in use than blocks in use');
  if (idle !== named) broken.push('an idle entry is not in the queue');
}

function checkEqual({ run: a, log }: CaseRun, { run: b, log: plainLog }: CaseRun): void {
  expect(log.preemptions).toEqual(plainLog.preemptions);
  for (const key of ['ttftMs', 'tpotMs', 'e2eMs'] as const) {
    log[key].forEach((value, i) => {
      near(value, plainLog[key][i]!, `${key} of request ${i}`);
    });
  }
  expect(a.kvPeak).toBe(b.kvPeak);
  expect(a.peakRunning).toBe(b.peakRunning);
  for (const key of Object.keys(a.totals) as (keyof typeof a.totals)[])
    near(a.totals[key], b.totals[key], key);
}

function near(a: number, b: number, name: string): void {
  if (Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-3)) return;
  throw new Error(`${name}: ${a} in closed form, ${b} in plain stepping`);
}
