import type { Scheduler } from '../replica';
import { scheduleChunks } from './chunked-prefill';

/**
 * Sarathi-Serve (Agrawal et al. 2024): stall-free batches. Decodes are always in the batch; prefill chunks fill it up
 * to `chunk_size` tokens, so that no iteration is much longer than a decode. Blocks for a whole prompt are taken at
 * admission.
 */
export const sarathi: Scheduler = {
  wholePrompts: false,
  reservesMaximum: false,
  usesWatermark: true,
  schedule: (replica, lane) =>
    scheduleChunks(replica, lane, { tokenBudget: replica.config.chunkTokens, reserveWholePrompt: true }),
};
