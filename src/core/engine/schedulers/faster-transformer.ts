import type { Scheduler } from '../replica';
import { admitWholePrompts } from './whole-prompts';

/**
 * FasterTransformer: static batches. A batch is formed from what waits when the engine is free, prefilled together and
 * run until its last request is done; nothing joins before. KV for the longest request is reserved at admission.
 */
export const fasterTransformer: Scheduler = {
  wholePrompts: true,
  reservesMaximum: true,
  usesWatermark: false,
  schedule(replica, lane) {
    if (lane.running === 0) {
      const reserved = replica.kv.blocksFor(replica.config.maxModelTokens);
      admitWholePrompts(replica, lane, { blocksFor: () => reserved, freeBlocks: 0, joinsDecodes: false });
      return false;
    }
    return true;
  },
};
