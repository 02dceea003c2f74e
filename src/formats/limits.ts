/**
 * The largest values an input may hold. Far above any real deployment: what lies beyond is a mistake of unit or a typing
 * error, and would only show as a simulation that never ends.
 */
export const LIMITS = {
  tensorParallel: 64,
  pipelineParallel: 64,
  gpusPerReplica: 4096,
  replicas: 4096,
  batchSize: 65_536,
  /** Candidates one request may enumerate. */
  candidates: 100_000,
  /** Prompt, output, context or budget of one request or step, tokens. */
  tokens: 10_000_000,
  blockTokens: 1024,
  gpuBlocks: 100_000_000,
  rateQps: 1_000_000,
  /** One request in eleven days: below it a simulation of some thousand requests leaves what a clock can resolve. */
  lowestRateQps: 1e-6,
  durationS: 10_000_000,
  /** Time of one profiled iteration, ms. */
  iterationMs: 10_000_000,
  /** A latency target, ms. */
  targetMs: 1_000_000_000,
  overheadMs: 100_000,
  extraSteps: 100,
  coefficientOfVariation: 100,
  burstSize: 100_000,
  usdPerHour: 1_000_000_000,
  usdPerGpuHour: 100_000,
  seed: 4_294_967_295,
  /** About three years: a larger arrival time is a date, not an offset. */
  arrivalS: 100_000_000,
  /** Bytes of a YAML or JSON file. */
  documentBytes: 50_000_000,
} as const;
