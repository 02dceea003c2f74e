import type { Lane } from '../lane';
import type { Replica } from '../replica';

/**
 * Admit waiting requests, whole prompts at a time, while the batch, the KV cache (less `freeBlocks` kept back) and
 * `max_batched_tokens` allow. `blocksFor` says how many blocks a request takes;
 * `joinsDecodes`, whether the lane's decodes are in the same batch. Returns whether any was admitted.
 *
 * The first prompt may exceed the token budget: a preempted request to be computed again can have grown beyond it.
 */
export function admitWholePrompts(
  replica: Replica,
  lane: Lane,
  options: { blocksFor: (slot: number) => number; freeBlocks: number; joinsDecodes: boolean },
): boolean {
  const { waiting, kv, requests } = replica;
  const others = options.joinsDecodes ? lane.running : 0;
  let tokens = 0;
  while (waiting.length > 0 && replica.hasRoomIn(others + lane.chunks)) {
    const slot = waiting.first();
    const inUse = replica.findPrefix(slot);
    const prompt = requests.prefillTarget[slot]! - requests.cachedTokens[slot]!;
    if (tokens > 0 && tokens + prompt > replica.config.maxBatchedTokens) break;
    const blocks = options.blocksFor(slot);
    if (blocks - inUse > kv.free - options.freeBlocks) break;
    replica.admitFirst(lane);
    replica.planChunk(lane, slot, prompt, blocks);
    tokens += prompt;
  }
  return tokens > 0;
}
