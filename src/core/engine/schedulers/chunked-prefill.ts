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
    const blocks = missingBlocks(replica, slot, tokens);
    while (blocks > replica.freeAfterDecodes(lane) && lane.latest() !== slot) {
      replica.preemptLatest(lane);
      preempted = true;
    }
    if (blocks > replica.freeAfterDecodes(lane)) {
      if (replica.mayPreemptLatest(lane)) replica.preemptLatest(lane);
      preempted = true;
      break;
    }
    replica.allocate(slot, blocks);
    lane.planChunk(slot, tokens);
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
    const cached = requests.cachedTokens[slot]!;
    const target = requests.prefillTarget[slot]!;
    const tokens = Math.min(budget, target - cached);
    const blocks = kv.blocksFor(reserveWholePrompt ? target : cached + tokens);
    if (blocks > replica.freeAfterDecodes(lane) - (reserveWholePrompt ? replica.watermarkBlocks : 0)) break;
    replica.admitFirst(lane);
    replica.allocate(slot, blocks);
    lane.planChunk(slot, tokens);
    budget -= tokens;
  }
}

function missingBlocks(replica: Replica, slot: number, tokens: number): number {
  const held = replica.requests.blocks[slot]!;
  return Math.max(0, replica.kv.blocksFor(replica.requests.prefilled[slot]! + tokens) - held);
}
