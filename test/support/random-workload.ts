import { BLOCK_SIZE, createSamples, type Share, WHOLE } from '../../src/core/workload/samples';
import type { Workload } from '../../src/core/workload/workload';

/** The first `count` requests of a workload, as plain lists. */
export function takeRequests(workload: Workload, options: { seed: number; count: number; share?: Share }) {
  const samples = createSamples(workload, options.seed, { share: options.share ?? WHOLE, retain: false });
  const requests = {
    time: [] as number[],
    prompt: [] as number[],
    output: [] as number[],
    cached: [] as number[],
  };
  for (let k = 0; k * BLOCK_SIZE < options.count; k++) {
    const block = samples.block(k);
    for (let i = 0; i < BLOCK_SIZE && requests.time.length < options.count; i++) {
      requests.time.push(block.unitTime[i]!);
      requests.prompt.push(block.promptTokens[i]!);
      requests.output.push(block.outputTokens[i]!);
      requests.cached.push(block.cachedPromptTokens[i]!);
    }
  }
  return requests;
}

export function momentsOf(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

export const gapsOf = (times: readonly number[]): number[] =>
  times.map((t, i) => t - (i === 0 ? 0 : times[i - 1]!));
