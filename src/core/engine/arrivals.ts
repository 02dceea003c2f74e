import { BLOCK_SIZE, type SampleBlock, type Samples } from '../workload/samples';
import type { Trace } from '../workload/workload';

/** Requests in order of arrival; `next` moves to the next one and says whether there is one. */
export interface Arrivals {
  index: number;
  arrivedMs: number;
  promptTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** Uniform in [0, 1), for random routing. */
  routing: number;
  next(): boolean;
}

/**
 * The requests of a workload at a rate, for all replicas or for one that stands for all: with round-robin it gets
 * every n-th request, with random routing those whose routing number falls to it.
 */
export function generatedArrivals(
  samples: Samples,
  rateQps: number,
  share: { replicas: number; routing: 'round_robin' | 'random' } | null,
): Arrivals {
  return new GeneratedArrivals(samples, 1000 / rateQps, share);
}

class GeneratedArrivals implements Arrivals {
  index = 0;
  arrivedMs = 0;
  promptTokens = 0;
  outputTokens = 0;
  cachedTokens = 0;
  routing = 0;
  private readonly samples: Samples;
  private readonly msPerUnit: number;
  private readonly stride: number;
  private readonly thinned: number;
  private position: number;
  private blockNumber = -1;
  private block: SampleBlock | null = null;

  constructor(samples: Samples, msPerUnit: number, share: { replicas: number; routing: 'round_robin' | 'random' } | null) {
    this.samples = samples;
    this.msPerUnit = msPerUnit;
    this.stride = share?.routing === 'round_robin' ? share.replicas : 1;
    this.thinned = share?.routing === 'random' ? 1 / share.replicas : 1;
    this.position = -this.stride;
  }

  next(): boolean {
    for (;;) {
      this.position += this.stride;
      const number = Math.floor(this.position / BLOCK_SIZE);
      if (number !== this.blockNumber) {
        this.block = this.samples.block(number);
        this.blockNumber = number;
      }
      const block = this.block!;
      const i = this.position - number * BLOCK_SIZE;
      if (block.routing[i]! >= this.thinned) continue;
      this.index = this.position;
      this.arrivedMs = block.unitTime[i]! * this.msPerUnit;
      this.promptTokens = block.promptTokens[i]!;
      this.outputTokens = block.outputTokens[i]!;
      this.cachedTokens = block.cachedPromptTokens[i]!;
      this.routing = block.routing[i]!;
      return true;
    }
  }
}

/** A trace at its own times. `routing` comes from a stream, since a trace has none. */
export function traceArrivals(trace: Trace, uniform: () => number): Arrivals {
  const arrivals: Arrivals = {
    index: -1,
    arrivedMs: 0,
    promptTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    routing: 0,
    next() {
      const i = ++arrivals.index;
      if (i >= trace.promptTokens.length) return false;
      arrivals.arrivedMs = trace.arrivedAtS[i]! * 1000;
      arrivals.promptTokens = trace.promptTokens[i]!;
      arrivals.outputTokens = trace.outputTokens[i]!;
      arrivals.cachedTokens = Math.min(trace.cachedPromptTokens[i]!, arrivals.promptTokens - 1);
      arrivals.routing = uniform();
      return true;
    },
  };
  return arrivals;
}

/** Everything at once: a queue that never empties, to find what a replica can do at most. */
export function backlog(samples: Samples, count: number): Arrivals {
  const inner = generatedArrivals(samples, 1, null);
  const arrivals: Arrivals = {
    index: -1,
    arrivedMs: 0,
    promptTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    routing: 0,
    next() {
      if (arrivals.index + 1 >= count) return false;
      inner.next();
      arrivals.index = inner.index;
      arrivals.promptTokens = inner.promptTokens;
      arrivals.outputTokens = inner.outputTokens;
      arrivals.cachedTokens = inner.cachedTokens;
      arrivals.routing = inner.routing;
      return true;
    },
  };
  return arrivals;
}
