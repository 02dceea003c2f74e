import { cachedShareOf } from './cached-share';
import type { PrefixHashes } from './prefix-hashes';
import { createRandomStream, type RandomStream } from './random';
import type { ArrivalProcess, LengthDistribution, Lengths, Trace, Workload } from './workload';

/** Requests of one block, parallel arrays. `unitTime` is the arrival time when one request per second comes to this share. */
export interface SampleBlock {
  readonly unitTime: Float64Array;
  readonly promptTokens: Int32Array;
  readonly outputTokens: Int32Array;
  readonly cachedPromptTokens: Int32Array;
  /** Which request of the trace, counted on when it repeats; empty unless the prefix cache is simulated. */
  readonly tracePosition: Float64Array;
  /** Uniform in [0, 1): decides random routing. */
  readonly routing: Float64Array;
}

export const BLOCK_SIZE = 4096;

/**
 * The endless request sequence of a workload, in blocks. Rates only scale `unitTime`, so every probe of a search sees
 * the same requests (common random numbers).
 */
export interface Samples {
  /** Of the trace the requests come from, where the prefix cache is simulated. */
  readonly hashes: PrefixHashes | null;
  /** Block `k`. With `retain` any order; without, k must not go back by more than one block. */
  block(k: number): SampleBlock;
}

/** The part of the requests that one of several replicas gets: every n-th with round-robin, each with chance 1/n with random routing. */
export interface Share {
  readonly replicas: number;
  readonly routing: 'round_robin' | 'random';
}

export interface SampleOptions {
  readonly share: Share;
  /** Keep all blocks (a search reads them many times) or only the latest (one long simulation). */
  readonly retain: boolean;
}

export const WHOLE: Share = { replicas: 1, routing: 'round_robin' };

export function createSamples(workload: Workload, seed: number, options: SampleOptions): Samples {
  const { share, retain } = options;
  const gap = createGap(workload, createRandomStream(seed, 'arrivals'));
  const skip = createSkip(share, createRandomStream(seed, 'share'));
  const hashes = workload.lengths.kind === 'trace' ? (workload.lengths.trace.hashes ?? null) : null;
  const fillLengths = createLengths(
    workload.lengths,
    seed,
    share.routing === 'round_robin' ? share.replicas : 1,
  );
  const routing = createRandomStream(seed, 'routing');
  const blocks = new Map<number, SampleBlock>();
  let made = 0;
  let time = 0;
  let position = -1;
  function make(): void {
    const block: SampleBlock = {
      unitTime: new Float64Array(BLOCK_SIZE),
      promptTokens: new Int32Array(BLOCK_SIZE),
      outputTokens: new Int32Array(BLOCK_SIZE),
      cachedPromptTokens: new Int32Array(BLOCK_SIZE),
      tracePosition: new Float64Array(hashes === null ? 0 : BLOCK_SIZE),
      routing: new Float64Array(BLOCK_SIZE),
    };
    for (let i = 0; i < BLOCK_SIZE; i++) {
      const skipped = skip();
      for (let n = skipped; n >= 0; n--) time += gap() / share.replicas;
      block.unitTime[i] = time;
      position += position < 0 ? 1 : skipped + 1;
      if (hashes !== null) block.tracePosition[i] = position;
      block.routing[i] = routing.uniform();
    }
    fillLengths(block);
    blocks.set(made, block);
    if (!retain) blocks.delete(made - 2);
    made++;
  }
  return {
    hashes,
    block(k) {
      while (made <= k) make();
      const block = blocks.get(k);
      if (block === undefined) throw new Error(`sample block ${k} was dropped: the stream only goes forward`);
      return block;
    },
  };
}

/** How many requests go to other replicas before the next one comes here. */
function createSkip(share: Share, random: RandomStream): () => number {
  if (share.replicas === 1) return () => 0;
  if (share.routing === 'round_robin') return () => share.replicas - 1;
  const log = Math.log1p(-1 / share.replicas);
  return () => Math.floor(-random.exponential() / log);
}

function createGap(workload: Workload, random: RandomStream): () => number {
  const process: ArrivalProcess = workload.arrival;
  switch (process.kind) {
    case 'poisson':
      return random.exponential;
    case 'constant':
      return () => 1;
    case 'gamma': {
      const shape = 1 / process.cv ** 2;
      return () => random.gamma(shape) / shape;
    }
    case 'burst': {
      let left = 0;
      return () => {
        if (left-- > 0) return 0;
        left = process.burstSize - 1;
        return random.exponential() * process.burstSize;
      };
    }
    case 'trace':
      return traceGap(workload.lengths);
  }
}

/** Gaps of the trace scaled to mean 1, repeated; the gap from the last request to the repeated first is the mean gap. */
function traceGap(lengths: Lengths): () => number {
  if (lengths.kind !== 'trace') throw new Error('trace arrivals need trace lengths');
  const times = lengths.trace.arrivedAtS;
  const n = times.length;
  const span = times[n - 1]! - times[0]!;
  const mean = n > 1 && span > 0 ? span / (n - 1) : 1;
  let i = -1;
  return () => {
    i = (i + 1) % n;
    return i === 0 ? 1 : (times[i]! - times[i - 1]!) / mean;
  };
}

/** Lengths of successive requests; of a trace, every `stride`-th pair. */
function createLengths(lengths: Lengths, seed: number, stride: number): (block: SampleBlock) => void {
  if (lengths.kind === 'trace') {
    const { trace } = lengths;
    if (trace.hashes !== undefined) return fillFromPositions(trace);
    let i = 0;
    return (block) => {
      for (let j = 0; j < BLOCK_SIZE; j++) {
        block.promptTokens[j] = trace.promptTokens[i]!;
        block.outputTokens[j] = trace.outputTokens[i]!;
        block.cachedPromptTokens[j] = Math.min(trace.cachedPromptTokens[i]!, trace.promptTokens[i]! - 1);
        i = (i + stride) % trace.promptTokens.length;
      }
    };
  }
  const prompt = createSampler(lengths.prompt, createRandomStream(seed, 'prompt lengths'));
  const output = createSampler(lengths.output, createRandomStream(seed, 'output lengths'));
  const cached =
    lengths.cachedPrompt === null
      ? null
      : createSampler(lengths.cachedPrompt, createRandomStream(seed, 'cached lengths'), 0);
  const hitRate = lengths.prefixCaching?.hitRate ?? 0;
  return (block) => {
    for (let j = 0; j < BLOCK_SIZE; j++) {
      const tokens = prompt();
      block.promptTokens[j] = tokens;
      block.outputTokens[j] = output();
      // The last prompt token is always computed: its logits are the first output token.
      if (cached !== null) block.cachedPromptTokens[j] = Math.min(cached(), tokens - 1);
      else if (hitRate > 0) block.cachedPromptTokens[j] = cachedShareOf(tokens, hitRate);
    }
  };
}

/** With a simulated prefix cache each replica gets its own requests of the trace, since what it holds depends on which. */
function fillFromPositions(trace: Trace): (block: SampleBlock) => void {
  const n = trace.promptTokens.length;
  return (block) => {
    for (let j = 0; j < BLOCK_SIZE; j++) {
      const i = block.tracePosition[j]! % n;
      block.promptTokens[j] = trace.promptTokens[i]!;
      block.outputTokens[j] = trace.outputTokens[i]!;
    }
  };
}

/** A sampler of whole tokens ≥ `least`; values below are drawn again, so the distribution is truncated, not heaped. */
export function createSampler(d: LengthDistribution, random: RandomStream, least = 1): () => number {
  const draw = createDraw(d, random);
  return () => {
    for (let attempt = 0; attempt < 1000; attempt++) {
      const tokens = Math.round(draw());
      if (tokens >= least) return tokens;
    }
    throw new Error(
      `length distribution ${JSON.stringify(d)} practically never gives ${least} token or more`,
    );
  };
}

function createDraw(d: LengthDistribution, random: RandomStream): () => number {
  switch (d.kind) {
    case 'fixed':
      return () => d.value;
    case 'normal':
      return () => d.mean + d.std * random.normal();
    case 'lognormal': {
      // Parameters of the logarithm from mean and standard deviation of the lengths.
      const variance = Math.log(1 + (d.std / d.mean) ** 2);
      const mu = Math.log(d.mean) - variance / 2;
      const sigma = Math.sqrt(variance);
      return () => Math.exp(mu + sigma * random.normal());
    }
    case 'gamma': {
      if (d.std === 0) return () => d.mean;
      const shape = (d.mean / d.std) ** 2;
      return () => (random.gamma(shape) * d.mean) / shape;
    }
    case 'uniform':
      return () => Math.floor(d.min + random.uniform() * (d.max - d.min + 1));
    case 'empirical':
      return createEmpirical(d.values, d.weights, random);
  }
}

function createEmpirical(
  values: readonly number[],
  weights: readonly number[],
  random: RandomStream,
): () => number {
  const cumulative = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) cumulative[i] = total += weights[i]!;
  return () => {
    const u = random.uniform() * total;
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > u) high = middle;
      else low = middle + 1;
    }
    return values[low]!;
  };
}
