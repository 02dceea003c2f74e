import type { Scheduler } from '../replica';
import { scheduleChunks } from './chunked-prefill';

/**
 * vLLM's V1 engine: running requests first (a token each for decodes, the next chunk for started prompts), then
 * waiting ones first come first served, until `max_batched_tokens` are in the batch. KV blocks are taken chunk by
 * chunk; when they run out, the latest admitted request is preempted and later computed again.
 */
export const vllm: Scheduler = {
  wholePrompts: false,
  reservesMaximum: false,
  usesWatermark: false,
  schedule: (replica, lane) =>
    scheduleChunks(replica, lane, {
      tokenBudget: replica.config.maxBatchedTokens,
      reserveWholePrompt: false,
    }),
};
