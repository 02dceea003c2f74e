import fc from 'fast-check';
import type { SchedulerName } from '../../src/core/engine/deployment';
import { PrefixHashBuilder } from '../../src/core/workload/prefix-hashes';
import type { Trace } from '../../src/core/workload/workload';
import { type EngineCase, randomCase } from './random-case';

/** A case whose prompts go on from earlier ones (whole conversations, shared instructions, or the very same prompt). */
export function randomPrefixCase(scheduler: SchedulerName): fc.Arbitrary<EngineCase> {
  const parents = fc.record({
    /** How far back the request is whose prompt this one shares; 0: none. */
    back: fc.constantFrom(0, 1, 1, 2, 3, 5, 8),
    share: fc.constantFrom(0.3, 0.7, 1, 1),
    same: fc.constantFrom(false, false, false, true),
  });
  return fc
    .record({
      c: randomCase(scheduler),
      hashBlockTokens: fc.constantFrom(1, 3, 16, 16, 40, 100),
      links: fc.array(parents, { minLength: 60, maxLength: 60 }),
    })
    .map(({ c, hashBlockTokens, links }) => ({ ...c, trace: withHashes(c.trace, links, hashBlockTokens) }));
}

/** The hashes of each prompt, from 0 on: what the engine gets, as plain lists. */
export function hashListsOf({ hashes }: Trace): number[][] {
  const { blocks, starts } = hashes!;
  return Array.from({ length: starts.length - 1 }, (_, i) => [
    ...blocks.subarray(starts[i]!, starts[i + 1]!),
  ]);
}

function withHashes(
  trace: Trace,
  links: readonly { back: number; share: number; same: boolean }[],
  blockTokens: number,
): Trace {
  const promptTokens = trace.promptTokens.slice();
  const lists: number[][] = [];
  let fresh = 0;
  for (let i = 0; i < promptTokens.length; i++) {
    const { back, share, same } = links[i]!;
    const parent = back > 0 ? i - back : -1;
    if (parent >= 0 && same) {
      promptTokens[i] = promptTokens[parent]!;
      lists.push(lists[parent]!);
      continue;
    }
    const whole = (request: number) => Math.floor(promptTokens[request]! / blockTokens);
    const shared = parent < 0 ? 0 : Math.floor(share * Math.min(whole(parent), whole(i)));
    const list = parent < 0 ? [] : lists[parent]!.slice(0, shared);
    while (list.length < Math.ceil(promptTokens[i]! / blockTokens)) list.push(fresh++);
    lists.push(list);
  }
  const builder = new PrefixHashBuilder(lists.length);
  for (const list of lists) builder.add(list);
  const cachedPromptTokens = new Int32Array(promptTokens.length);
  return { ...trace, promptTokens, cachedPromptTokens, hashes: builder.build(blockTokens) };
}
