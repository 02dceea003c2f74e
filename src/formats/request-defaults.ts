import type { PriceKind } from '../core/search/request';

/**
 * What a request that does not say otherwise means. The only defaults of the formats: each one used is reported as an
 * assumption. Engine settings and overheads left out stay null here and get the scheduler's and the profile's defaults.
 */
export const REQUEST_DEFAULTS = {
  workload: {
    arrivalRateRange: [0.1, 1000],
    arrival: { kind: 'poisson' },
    /** The lengths of the specification's example. */
    promptLength: { kind: 'normal', mean: 512, std: 128 },
    outputLength: { kind: 'normal', mean: 256, std: 64 },
  },
  space: {
    tensorParallel: [1],
    pipelineParallel: [1],
    numReplicas: [1, 2, 4, 8],
    schedulers: ['vllm'],
    maxBatchSizes: [256],
  },
  deployment: { pipelineParallel: 1, numReplicas: 1, maxBatchSize: 256 },
  objective: 'max_qps_per_dollar',
  prices: { kind: 'on-demand' satisfies PriceKind, wholeInstances: false },
  simulation: { durationS: 600, warmupS: 60, randomSeed: 42 },
} as const;

/** Collects what was assumed, one sentence each. */
export class Assumptions {
  readonly sentences: string[] = [];

  /** Uses a default for `key` and says so. */
  take<T>(key: string, value: T, words: string = spell(value)): T {
    this.note(`${key}: not given, taken as ${words}.`);
    return value;
  }

  note(sentence: string): void {
    this.sentences.push(sentence);
  }
}

function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { kind, ...rest } = value as Record<string, unknown>;
  const details = Object.entries(rest).map(([key, detail]) => ` ${key} ${String(detail)}`);
  return `${String(kind)}${details.join(',')}`;
}
