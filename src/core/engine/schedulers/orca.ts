import type { Scheduler } from '../replica';
import { admitWholePrompts } from './whole-prompts';

/**
 * Orca (Yu et al. 2022): iteration-level scheduling. Whole prompts join the running decodes in one batch; KV for the
 * longest request the server accepts is reserved at admission, so nothing is ever preempted.
 */
export const orca: Scheduler = {
  wholePrompts: true,
  reservesMaximum: true,
  usesWatermark: false,
  schedule(replica, lane) {
    const reserved = replica.kv.blocksFor(replica.config.maxModelTokens);
    admitWholePrompts(replica, lane, { blocksFor: () => reserved, freeBlocks: 0, joinsDecodes: true });
    return true;
  },
};
