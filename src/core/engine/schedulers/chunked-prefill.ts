import type { Lane } from '../lane';
import type { Replica } from '../replica';

/**
 * The part that chunked-prefill schedulers share: after the decodes, started prompts go on in order of admission, then
 * waiting ones start, each taking what is left of the token budget.
 *
 * `reserveWholePrompt`: blocks for the whole prompt are taken at admission (leaving the watermark free), not chunk by
 * chunk.
 */
export function scheduleChunks(
  replica: Replica,
  lane: Lane,
  options: { tokenBudget: number; reserveWholePrompt: boolean },
): boolean {
  let preempted = replica.makeRoomForDecodes(lane);
  if (replica.freeAfterDecodes(lane) < 0) return false;
  let budget = options.tokenBudget - lane.decoding;
  // A copy of the bound: preemption takes requests off the end of the list.
  for (let i = 0; i < lane.prefilling.length && budget > 0; i++) {
    const slot = lane.prefilling[i]!;
    const tokens = Math.min(budget, replica.remainingPrefill(slot));
    const target = replica.kv.blocksFor(replica.requests.prefilled[slot]! + tokens);
    const blocks = Math.max(0, target - replica.requests.blocks[slot]!);
    while (blocks > replica.freeAfterDecodes(lane) && lane.latest() !== slot) {
      replica.preemptLatest(lane);
      preempted = true;
    }
    if (blocks > replica.freeAfterDecodes(lane)) {
      if (replica.mayPreemptLatest(lane)) replica.preemptLatest(lane);
      preempted = true;
      break;
    }
    replica.planChunk(lane, slot, tokens, target);
    budget -= tokens;
  }
  if (!preempted) admitChunks(replica, lane, budget, options.reserveWholePrompt);
  return lane.decoding > 0;
}

function admitChunks(replica: Replica, lane: Lane, tokenBudget: number, reserveWholePrompt: boolean): void {
  const { waiting, requests, kv } = replica;
  let budget = tokenBudget;
  while (waiting.length > 0 && budget > 0 && replica.hasRoomIn(lane.running)) {
    const slot = waiting.first();
    const inUse = replica.findPrefix(slot);
    const cached = requests.cachedTokens[slot]!;
    const target = requests.prefillTarget[slot]!;
    const tokens = Math.min(budget, target - cached);
    const blocks = kv.blocksFor(reserveWholePrompt ? target : cached + tokens);
    const free = replica.freeAfterDecodes(lane) - (reserveWholePrompt ? replica.watermarkBlocks : 0);
    if (blocks - inUse > free) break;
    replica.admitFirst(lane);
    replica.planChunk(lane, slot, tokens, blocks);
    budget -= tokens;
  }
}
