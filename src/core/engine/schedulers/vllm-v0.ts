import type { Scheduler } from '../replica';
import { admitWholePrompts } from './whole-prompts';

/**
 * vLLM's first engine (also Vidur's `vllm`): prefill first. While requests wait and fit, the batch is whole prompts up
 * to `max_batched_tokens` and decodes stand still; otherwise it is one decode step of every running request. Admission
 * leaves a watermark of blocks free; on exhaustion the latest admitted request is preempted and computed again.
 */
export const vllmV0: Scheduler = {
  wholePrompts: true,
  reservesMaximum: false,
  usesWatermark: true,
  schedule(replica, lane) {
    const admitted = admitWholePrompts(replica, lane, {
      blocksFor: (slot) => replica.kv.blocksFor(replica.requests.prefillTarget[slot]!),
      freeBlocks: replica.watermarkBlocks,
      joinsDecodes: false,
    });
    if (admitted) return false;
    replica.makeRoomForDecodes(lane);
    return replica.freeAfterDecodes(lane) >= 0;
  },
};
