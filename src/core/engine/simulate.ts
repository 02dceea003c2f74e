import type { Target } from '../search/request';
import type { Arrivals } from './arrivals';
import type { Routing } from './deployment';
import { Recorder, RequestLogWriter, SLICES } from './recorder';
import { Replica, type ReplicaConfig } from './replica';
import { type ReplicaTotals, subtractTotals, sumTotals, zeroTotals } from './replica-totals';
import type { RequestLog } from './request-log';

export interface SimulationInput {
  readonly replica: ReplicaConfig;
  /** Replicas simulated, each in full, behind one router. */
  readonly numReplicas: number;
  readonly routing: Routing;
  readonly arrivals: Arrivals;
  readonly targets: readonly Target[];
  /**
   * Requests that arrive in [startMs, endMs) are measured; arrivals go on after it, so that the load stays, until the
   * measured ones are done or `drainMs` passed. Null: all requests are measured and the run ends with the last one.
   */
  readonly window: { readonly startMs: number; readonly endMs: number; readonly drainMs: number } | null;
  /** With the number of requests and token gaps to come: stop as soon as a target is certain to be missed. */
  readonly stopWhenLost: { readonly requests: number; readonly gaps: number } | null;
  readonly log: RequestLog | null;
}

export interface SimulationRun {
  readonly recorder: Recorder;
  /** What the replicas did inside the window (null window: in the whole run), summed over them. */
  readonly totals: ReplicaTotals;
  readonly windowMs: number;
  readonly arrived: number;
  readonly unfinished: number;
  /** The target whose certain miss ended the run; null: it ran its course. */
  readonly lost: Target | null;
  /** Requests in the system at the start and at the end of each slice of the window. */
  readonly outstandingAt: readonly number[];
  readonly peakRunning: number;
  /** Largest share of the KV blocks of any replica in use. */
  readonly kvPeak: number;
  readonly simulatedMs: number;
  readonly prefixCacheSimulated: boolean;
}

/** Runs requests through replicas. Deterministic: the same input gives the same result to the last bit. */
export function simulate(input: SimulationInput): SimulationRun {
  const recorder = new Recorder(input.targets, input.log === null ? null : new RequestLogWriter(input.log));
  const { hashes } = input.arrivals;
  const replicas = Array.from(
    { length: input.numReplicas },
    () => new Replica(input.replica, recorder, hashes),
  );
  const route = createRouter(input.routing, replicas);
  const clock = createWindowClock(input, replicas, recorder);
  const findLost = createLostCheck(input, recorder);
  const { arrivals, window } = input;
  let arrived = 0;
  let lost: Target | null = null;
  let firstMs = Number.NaN;
  for (;;) {
    if (!arrivals.next()) {
      clock.passUntil(Number.POSITIVE_INFINITY);
      for (const replica of replicas) replica.runUntil(Number.POSITIVE_INFINITY);
      if (replicas.some((r) => r.outstanding > 0))
        throw new Error('requests are stuck: no batch can be made');
      break;
    }
    const nowMs = arrivals.arrivedMs;
    if (Number.isNaN(firstMs)) firstMs = nowMs;
    clock.passUntil(nowMs);
    const measured = window === null || (nowMs >= window.startMs && nowMs < window.endMs);
    if (measured) arrived++;
    const replica = route(arrivals);
    replica.runUntil(nowMs);
    lost = findLost();
    if (lost !== null) break;
    if (window !== null && nowMs >= window.endMs) {
      const done = recorder.completed + recorder.rejected === arrived;
      if (done || nowMs > window.endMs + window.drainMs) break;
    }
    if (replica.refuses(arrivals.promptTokens, arrivals.outputTokens) !== null) {
      if (measured) recorder.rejectedRequest();
    } else {
      replica.push({
        index: arrivals.index,
        arrivedMs: nowMs,
        promptTokens: arrivals.promptTokens,
        outputTokens: arrivals.outputTokens,
        cachedTokens: arrivals.cachedTokens,
        tracePosition: arrivals.tracePosition,
        measured,
      });
    }
  }
  const unfinished = arrived - recorder.completed - recorder.rejected;
  // A run cut short says nothing of the requests it left.
  if (unfinished > 0 && lost === null) recorder.neverFinished(unfinished);
  const endMs = Math.max(0, ...replicas.map((r) => r.lastFinishMs));
  const { totals, windowMs } = clock.measured(firstMs, endMs);
  return {
    recorder,
    totals,
    windowMs,
    arrived,
    unfinished,
    lost,
    outstandingAt: clock.outstandingAt,
    peakRunning: Math.max(...replicas.map((r) => r.peakRunning)),
    kvPeak: Math.max(...replicas.map((r) => r.kv.peak / r.kv.total)),
    simulatedMs: endMs,
    prefixCacheSimulated: hashes !== null,
  };
}

/** Chooses the replica of the request that `arrivals` stands on. Those that look at the replicas bring them up to now. */
function createRouter(routing: Routing, replicas: readonly Replica[]): (arrivals: Arrivals) => Replica {
  const n = replicas.length;
  if (n === 1) return () => replicas[0]!;
  let turn = 0;
  switch (routing) {
    case 'round_robin':
      return () => replicas[turn++ % n]!;
    case 'random':
      return (arrivals) => replicas[Math.floor(arrivals.routing * n)]!;
    case 'least_outstanding':
      return (arrivals) => leastBy(replicas, arrivals.arrivedMs, (r) => r.outstanding);
    case 'least_kv':
      // Waiting requests hold no KV yet: they break ties, else an empty cache with a long queue would attract more.
      return (arrivals) => leastBy(replicas, arrivals.arrivedMs, (r) => r.kv.used + r.outstanding / 1e6);
  }
}

function leastBy(replicas: readonly Replica[], nowMs: number, load: (replica: Replica) => number): Replica {
  let best = replicas[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const replica of replicas) {
    replica.runUntil(nowMs);
    const value = load(replica);
    if (value < least) {
      least = value;
      best = replica;
    }
  }
  return best;
}

/** Stops the replicas at the edges of the window's slices, to read their totals there. */
function createWindowClock(input: SimulationInput, replicas: readonly Replica[], recorder: Recorder) {
  const { window } = input;
  const outstandingAt: number[] = [];
  const edges: number[] = [];
  if (window !== null) {
    for (let i = 0; i <= SLICES; i++)
      edges.push(window.startMs + ((window.endMs - window.startMs) * i) / SLICES);
  }
  const totalsNow = () => sumTotals(replicas.map((r) => r.totals));
  let passed = 0;
  let atStart = zeroTotals();
  let atEnd: ReplicaTotals | null = null;
  function pass(edgeMs: number): void {
    for (const replica of replicas) {
      replica.runUntil(edgeMs);
      replica.advanceClock(edgeMs);
    }
    outstandingAt.push(replicas.reduce((sum, r) => sum + r.outstanding, 0));
    if (passed === 0) atStart = totalsNow();
    if (passed === SLICES) atEnd = totalsNow();
    else recorder.slice = passed;
    passed++;
  }
  return {
    outstandingAt,
    passUntil(ms: number): void {
      while (passed < edges.length && edges[passed]! <= ms) pass(edges[passed]!);
    },
    /** Totals of the window, or of the part of it that was simulated. */
    measured(firstMs: number, endMs: number): { totals: ReplicaTotals; windowMs: number } {
      const totals = subtractTotals(atEnd ?? totalsNow(), atStart);
      if (window === null) return { totals, windowMs: endMs - firstMs };
      const lastMs = atEnd === null ? Math.max(endMs, window.startMs) : window.endMs;
      return { totals, windowMs: lastMs - window.startMs };
    },
  };
}

/** A target that more values exceed than its quantile allows, whatever comes; of several the one exceeded most. */
function createLostCheck(input: SimulationInput, recorder: Recorder): () => Target | null {
  const expected = input.stopWhenLost;
  if (expected === null) return () => null;
  const limits = recorder.tallies.map((tally) => {
    const values = tally.target.metric === 'tbt' ? expected.gaps : expected.requests;
    return { tally, allowed: values - Math.ceil(tally.target.quantile * values - 1e-6) };
  });
  return () => {
    let lost: Target | null = null;
    let most = 0;
    for (const { tally, allowed } of limits) {
      const excess = (tally.exceeded - allowed) / (allowed + 1);
      if (excess > most) {
        most = excess;
        lost = tally.target;
      }
    }
    return lost;
  };
}
