import type { PrefixHashes } from '../workload/prefix-hashes';
import { BLOCK_SIZE, type SampleBlock, type Samples } from '../workload/samples';
import type { Trace } from '../workload/workload';

/** Requests in order of arrival; `next` moves to the next one and says whether there is one. */
export interface Arrivals {
  /** Of the trace, where the prefix cache is simulated; `cachedTokens` is then 0. */
  readonly hashes: PrefixHashes | null;
  index: number;
  arrivedMs: number;
  promptTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Which request of the trace, counted on when it repeats; only with `hashes`. */
  tracePosition: number;
  /** Uniform in [0, 1), for random routing. */
  routing: number;
  next(): boolean;
}

/** The requests of a workload at `rateQps` (to the share of the replicas that the samples are for). Endless. */
export function generatedArrivals(samples: Samples, rateQps: number): Arrivals {
  return new GeneratedArrivals(samples, 1000 / rateQps);
}

class GeneratedArrivals implements Arrivals {
  index = -1;
  arrivedMs = 0;
  promptTokens = 0;
  outputTokens = 0;
  cachedTokens = 0;
  tracePosition = 0;
  routing = 0;
  readonly hashes: PrefixHashes | null;
  private readonly samples: Samples;
  private readonly msPerUnit: number;
  private block: SampleBlock;
  private inBlock = -1;
  private blockNumber = 0;

  constructor(samples: Samples, msPerUnit: number) {
    this.samples = samples;
    this.hashes = samples.hashes;
    this.msPerUnit = msPerUnit;
    this.block = samples.block(0);
  }

  next(): boolean {
    if (++this.inBlock === BLOCK_SIZE) {
      this.block = this.samples.block(++this.blockNumber);
      this.inBlock = 0;
    }
    const { block, inBlock: i } = this;
    this.index++;
    this.arrivedMs = block.unitTime[i]! * this.msPerUnit;
    this.promptTokens = block.promptTokens[i]!;
    this.outputTokens = block.outputTokens[i]!;
    this.cachedTokens = block.cachedPromptTokens[i]!;
    if (this.hashes !== null) this.tracePosition = block.tracePosition[i]!;
    this.routing = block.routing[i]!;
    return true;
  }
}

/** A trace at its own times. `routing` comes from a stream, since a trace has none. */
export function traceArrivals(trace: Trace, uniform: () => number): Arrivals {
  const arrivals: Arrivals = {
    hashes: trace.hashes ?? null,
    index: -1,
    arrivedMs: 0,
    promptTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    tracePosition: 0,
    routing: 0,
    next() {
      const i = ++arrivals.index;
      if (i >= trace.promptTokens.length) return false;
      arrivals.arrivedMs = trace.arrivedAtS[i]! * 1000;
      arrivals.promptTokens = trace.promptTokens[i]!;
      arrivals.outputTokens = trace.outputTokens[i]!;
      arrivals.cachedTokens = Math.min(trace.cachedPromptTokens[i]!, arrivals.promptTokens - 1);
      arrivals.tracePosition = i;
      arrivals.routing = uniform();
      return true;
    },
  };
  return arrivals;
}

/**
 * `count` requests at once: a queue that is never empty, to find what a replica can do at most. The first `batch` ones
 * have a random part of their output left, as if caught in the middle: else requests of one length would start and end
 * in waves for ever.
 */
export function backlog(samples: Samples, count: number, batch: number): Arrivals {
  const arrivals = generatedArrivals(samples, Number.POSITIVE_INFINITY);
  const next = arrivals.next.bind(arrivals);
  arrivals.next = () => {
    if (arrivals.index + 1 >= count) return false;
    next();
    if (arrivals.index < batch)
      arrivals.outputTokens = Math.ceil(arrivals.outputTokens * (1 - arrivals.routing));
    return true;
  };
  return arrivals;
}
