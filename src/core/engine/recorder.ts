import type { Target, TargetMetric } from '../search/request';
import { LatencySketch } from './latency-sketch';
import type { RequestLog } from './request-log';

/** Parts of the measured window that are counted apart, so that the spread between them tells the sampling noise. */
export const SLICES = 10;

/** How often one target was exceeded. */
export interface TargetTally {
  readonly target: Target;
  exceeded: number;
  /** The same per slice of the window, and the number of values seen in it. */
  readonly exceededBySlice: Float64Array;
  readonly seenBySlice: Float64Array;
}

/** Collects latencies of the measured requests, over all replicas of a simulation. */
export class Recorder {
  readonly ttft = new LatencySketch();
  readonly tbt = new LatencySketch();
  readonly tpot = new LatencySketch();
  readonly e2e = new LatencySketch();
  readonly schedulingDelay = new LatencySketch();
  readonly tallies: readonly TargetTally[];
  readonly log: RequestLogWriter | null;
  slice = 0;
  completed = 0;
  rejected = 0;
  firstTokens = 0;

  private readonly talliesOf: Readonly<Record<TargetMetric, readonly TargetTally[]>>;

  constructor(targets: readonly Target[], log: RequestLogWriter | null) {
    this.log = log;
    this.tallies = targets.map((target) => ({
      target,
      exceeded: 0,
      exceededBySlice: new Float64Array(SLICES),
      seenBySlice: new Float64Array(SLICES),
    }));
    const of = (metric: TargetMetric) => this.tallies.filter((t) => t.target.metric === metric);
    this.talliesOf = { ttft: of('ttft'), tbt: of('tbt'), tpot: of('tpot'), e2e: of('e2e') };
  }

  scheduled(delayMs: number): void {
    this.schedulingDelay.add(delayMs);
  }

  firstToken(ttftMs: number): void {
    this.firstTokens++;
    this.ttft.add(ttftMs);
    this.tally('ttft', ttftMs, 1);
  }

  /** `times` equal gaps between tokens. */
  gap(gapMs: number, times: number): void {
    if (times <= 0) return;
    this.tbt.addMany(gapMs, times);
    this.tally('tbt', gapMs, times);
  }

  /** `steps` gaps first, first + slope, …, each `times` times. */
  gapSeries(firstMs: number, slopeMs: number, steps: number, times: number): void {
    if (times <= 0 || steps <= 0) return;
    this.tbt.addSeries(firstMs, slopeMs, steps, times);
    for (const tally of this.talliesOf.tbt) {
      const { limitMs } = tally.target;
      const within =
        limitMs < firstMs ? 0 : slopeMs > 0 ? Math.floor((limitMs - firstMs) / slopeMs) + 1 : steps;
      this.count(tally, Math.max(0, steps - within) * times, steps * times);
    }
  }

  /** `tpotMs` is null for requests of one output token. */
  finished(tpotMs: number | null, e2eMs: number): void {
    this.completed++;
    this.e2e.add(e2eMs);
    this.tally('e2e', e2eMs, 1);
    if (tpotMs === null) return;
    this.tpot.add(tpotMs);
    this.tally('tpot', tpotMs, 1);
  }

  /** A request the server refuses never gets a token. */
  rejectedRequest(): void {
    this.rejected++;
    this.never();
  }

  /** Requests still without a first token, and still unfinished, when the simulation ends. */
  neverFinished(unfinished: number): void {
    const withoutFirstToken = unfinished - (this.firstTokens - this.completed);
    this.ttft.addInfinite(withoutFirstToken);
    this.e2e.addInfinite(unfinished);
    for (const tally of this.talliesOf.ttft) this.count(tally, withoutFirstToken, withoutFirstToken);
    for (const tally of this.talliesOf.e2e) this.count(tally, unfinished, unfinished);
  }

  private never(): void {
    this.ttft.addInfinite(1);
    this.e2e.addInfinite(1);
    for (const metric of ['ttft', 'e2e'] as const)
      for (const tally of this.talliesOf[metric]) this.count(tally, 1, 1);
  }

  private tally(metric: TargetMetric, ms: number, times: number): void {
    for (const tally of this.talliesOf[metric])
      this.count(tally, ms > tally.target.limitMs ? times : 0, times);
  }

  private count(tally: TargetTally, exceeded: number, seen: number): void {
    tally.exceeded += exceeded;
    tally.exceededBySlice[this.slice]! += exceeded;
    tally.seenBySlice[this.slice]! += seen;
  }
}

/** Fills a RequestLog by position in the arrival order. */
export class RequestLogWriter {
  private readonly log: RequestLog;

  constructor(log: RequestLog) {
    this.log = log;
  }

  finished(
    index: number,
    r: { ttftMs: number; tpotMs: number | null; e2eMs: number; preemptions: number },
  ): void {
    this.log.ttftMs[index] = r.ttftMs;
    this.log.tpotMs[index] = r.tpotMs ?? Number.NaN;
    this.log.e2eMs[index] = r.e2eMs;
    this.log.preemptions[index] = r.preemptions;
  }
}
