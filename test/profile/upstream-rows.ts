import type { DecodeRow, PrefillRow } from '../../src/core/profile/profile';

/** Timings of the example profile published with the original project, to five digits. */
export const UPSTREAM_PREFILL: readonly PrefillRow[] = [
  { promptTokens: 64, batchSize: 1, meanMs: 7.6136 },
  { promptTokens: 64, batchSize: 2, meanMs: 7.8304 },
  { promptTokens: 64, batchSize: 4, meanMs: 8.3023 },
  { promptTokens: 64, batchSize: 8, meanMs: 9.6216 },
  { promptTokens: 128, batchSize: 1, meanMs: 7.8008 },
  { promptTokens: 128, batchSize: 2, meanMs: 8.3593 },
  { promptTokens: 128, batchSize: 4, meanMs: 9.6887 },
  { promptTokens: 128, batchSize: 8, meanMs: 17.636 },
  { promptTokens: 256, batchSize: 1, meanMs: 8.3688 },
  { promptTokens: 256, batchSize: 2, meanMs: 9.885 },
  { promptTokens: 256, batchSize: 4, meanMs: 17.947 },
  { promptTokens: 256, batchSize: 8, meanMs: 35.704 },
  { promptTokens: 512, batchSize: 1, meanMs: 10.222 },
  { promptTokens: 512, batchSize: 2, meanMs: 18.282 },
  { promptTokens: 512, batchSize: 4, meanMs: 36.455 },
  { promptTokens: 512, batchSize: 8, meanMs: 69.755 },
  { promptTokens: 1024, batchSize: 1, meanMs: 19.214 },
  { promptTokens: 1024, batchSize: 2, meanMs: 37.785 },
  { promptTokens: 1024, batchSize: 4, meanMs: 71.956 },
  { promptTokens: 1024, batchSize: 8, meanMs: 140.35 },
];

export const UPSTREAM_DECODE: readonly DecodeRow[] = [
  { contextTokens: 128, batchSize: 1, meanMs: 7.9778 },
  { contextTokens: 128, batchSize: 2, meanMs: 8.5042 },
  { contextTokens: 512, batchSize: 1, meanMs: 10.51 },
  { contextTokens: 512, batchSize: 2, meanMs: 18.749 },
];
