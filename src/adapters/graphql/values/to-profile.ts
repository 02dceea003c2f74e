import type { ProfileContent } from '../../../app/ports/records';
import type { DecodeRow, PrefillRow } from '../../../core/profile/profile';
import type { IntRange, ProfileCoverage, ProfileMemory } from '../types/profiles';

/** The range the rows of a profile span. */
export function coverageOf({ prefill, decode }: Pick<ProfileContent, 'prefill' | 'decode'>): ProfileCoverage {
  return {
    prefillBatchSize: rangeOf(prefill.map((row) => row.batchSize)),
    promptTokens: rangeOf(prefill.map((row: PrefillRow) => row.promptTokens)),
    decodeBatchSize: rangeOf(decode.map((row) => row.batchSize)),
    contextTokens: rangeOf(decode.map((row: DecodeRow) => row.contextTokens)),
  };
}

function rangeOf(values: readonly number[]): IntRange | null {
  if (values.length === 0) return null;
  const larger = (a: number, b: number) => Math.max(a, b);
  const smaller = (a: number, b: number) => Math.min(a, b);
  return { min: values.reduce(smaller), max: values.reduce(larger) };
}

export const toProfileMemory = (memory: ProfileContent['memory']): ProfileMemory => ({
  paramsTotal: memory.paramsTotal ?? null,
  weightBytesPerGpu: memory.weightBytesPerGpu ?? null,
  totalWeightBytes: memory.totalWeightBytes ?? null,
  activationBytes: memory.activationBytes ?? null,
  kvBytesPerToken: memory.kvBytesPerToken ?? null,
  numGpuBlocks: memory.numGpuBlocks ?? null,
});
