import { backlog, generatedArrivals } from '../engine/arrivals';
import { metricsOf } from '../engine/metrics';
import { SLICES, type TargetTally } from '../engine/recorder';
import type { ReplicaConfig } from '../engine/replica';
import { createReplicaConfig } from '../engine/replica-config';
import { createRequestLog } from '../engine/request-log';
import { type SimulationRun, simulate } from '../engine/simulate';
import { createSamples, type Samples, type Share, WHOLE } from '../workload/samples';
import type { Family, FamilyMember, PlanContext } from './family';
import type { Target } from './request';
import type { LoadPoint, SimulationMetrics } from './result';
import { quantileOf } from './target-label';

/** One simulation at one arrival rate, judged. */
export interface Probe {
  readonly point: LoadPoint;
  readonly metrics: SimulationMetrics;
  /** Per target, in the plan's order: the share of values over the limit and its standard error. */
  readonly exceedance: readonly { readonly share: number; readonly standardError: number }[];
}

/** Runs simulations for the members of a family, sharing random numbers between all of them. */
export interface Prober {
  /** `complete`: to the end, even when a target is certain to be missed, for its quantiles. */
  probe(member: FamilyMember, rateQps: number, options: { complete: boolean }): Probe;
  /** The most one replica of the member completes with a queue that never empties, requests/s, with its standard error. */
  saturation(member: FamilyMember): Saturation;
}

export interface Saturation {
  readonly qps: number;
  readonly standardError: number;
  readonly peakRunning: number;
}

export function createProber(context: PlanContext, family: Family, samplesFor: SampleSource): Prober {
  const configs = new Map<number, ReplicaConfig>();
  const { fit, overhead, gpu } = family;
  function configOf({ configId, deployment, memory }: FamilyMember): ReplicaConfig {
    const config =
      configs.get(configId) ??
      createReplicaConfig({
        deployment,
        numBlocks: memory.numGpuBlocks,
        fit,
        overhead,
        gpu,
        model: context.model,
      });
    configs.set(configId, config);
    return config;
  }
  return {
    probe: (member, rateQps, { complete }) =>
      runProbe({ context, family, member, replica: configOf(member), rateQps, complete, samplesFor }),
    saturation: (member) => measureSaturation(configOf(member), samplesFor(WHOLE)),
  };
}

export type SampleSource = (share: Share) => Samples;

/** Requests for every share of the traffic, made once and read by all candidates of a plan. */
export function createSampleSource(context: PlanContext): SampleSource {
  const made = new Map<string, Samples>();
  return (share) => {
    const key = `${share.replicas} ${share.routing}`;
    const samples =
      made.get(key) ?? createSamples(context.workload, context.randomSeed, { share, retain: true });
    made.set(key, samples);
    return samples;
  };
}

/**
 * Identical replicas behind a router that does not look at them are exchangeable, so one is simulated with its share of
 * the requests. Where the router looks at their state, all are simulated.
 */
export function shareOf(member: FamilyMember, context: PlanContext): Share | null {
  const { routing, numReplicas } = member.deployment;
  if (routing === 'least_outstanding' || routing === 'least_kv') return numReplicas === 1 ? WHOLE : null;
  // A Poisson stream split at random is Poisson: every number of replicas shares one sequence.
  const poisson = context.workload.arrival.kind === 'poisson' && context.workload.lengths.kind === 'drawn';
  if (routing === 'random' && poisson) return WHOLE;
  return { replicas: numReplicas, routing };
}

function runProbe(input: {
  context: PlanContext;
  family: Family;
  member: FamilyMember;
  replica: ReplicaConfig;
  rateQps: number;
  complete: boolean;
  samplesFor: SampleSource;
}): Probe {
  const { context, member, rateQps } = input;
  const { deployment } = member;
  const share = shareOf(member, context);
  const samples = input.samplesFor(share ?? WHOLE);
  const simulated = share === null ? deployment.numReplicas : 1;
  const standFor = deployment.numReplicas / simulated;
  const rate = rateQps / standFor;
  const window = windowOf(context, rate);
  const run = simulate({
    replica: input.replica,
    numReplicas: simulated,
    routing: deployment.routing,
    arrivals: generatedArrivals(samples, rate),
    targets: context.targets,
    window,
    stopWhenLost: input.complete ? null : countWindow(samples, rate, window),
    log: null,
  });
  return judge(run, input, { simulated, standFor });
}

/** Requests that a probe measures at least: at low rates it runs longer than asked, or a p99 would rest on a handful. */
const LEAST_REQUESTS = 2000;
const LEAST_BURSTS = 20;

function windowOf({ warmupS, durationS, targets, workload }: PlanContext, rateQps: number) {
  const startMs = warmupS * 1e3;
  // Bursts count as one arrival each: a window must hold many of them too.
  const burst = workload.arrival.kind === 'burst' ? workload.arrival.burstSize : 1;
  const least = Math.max(LEAST_REQUESTS, LEAST_BURSTS * burst);
  const endMs = startMs + Math.max(durationS, least / rateQps) * 1e3;
  // Measured requests not done after as long again as asked, or as their latency target allows, are stuck.
  const patience = targets.filter((t) => t.metric === 'e2e').map((t) => t.limitMs);
  return { startMs, endMs, drainMs: Math.max(durationS * 1e3, ...patience) };
}

/** Requests that will arrive in the window, and the gaps between their tokens. */
function countWindow(samples: Samples, rateQps: number, window: { startMs: number; endMs: number }) {
  const arrivals = generatedArrivals(samples, rateQps);
  let requests = 0;
  let gaps = 0;
  while (arrivals.next() && arrivals.arrivedMs < window.endMs) {
    if (arrivals.arrivedMs < window.startMs) continue;
    requests++;
    gaps += arrivals.outputTokens - 1;
  }
  return { requests, gaps };
}

function judge(
  run: SimulationRun,
  input: { context: PlanContext; family: Family; member: FamilyMember; rateQps: number },
  replicas: { simulated: number; standFor: number },
): Probe {
  const { context, family, member, rateQps } = input;
  const { deployment, memory } = member;
  const hardware = {
    gpu: family.gpu,
    model: context.model,
    gpus: deployment.tensorParallel * deployment.pipelineParallel,
    memory,
    blockTokens: deployment.blockTokens,
    peakFlopsPerS: family.peakFlopsPerS,
  };
  const metrics = metricsOf(run, hardware, replicas);
  const failedOn = failureOf(run, metrics, context.targets);
  return {
    metrics,
    exceedance: run.recorder.tallies.map(exceedanceOf),
    point: {
      rateQps,
      verdict: failedOn === null ? 'pass' : 'fail',
      failedOn,
      stoppedEarly: run.lost !== null,
      ttftMs: metrics.ttftMs,
      tbtMs: metrics.tbtMs,
      tpotMs: metrics.tpotMs,
      e2eMs: metrics.e2eMs,
    },
  };
}

/** The missed target that is exceeded most, relative to its limit; else `queue` when requests pile up. */
function failureOf(
  run: SimulationRun,
  metrics: SimulationMetrics,
  targets: readonly Target[],
): Target | 'queue' | null {
  if (run.lost !== null) return run.lost;
  // Nothing arrived, so nothing was shown.
  if (run.arrived === 0) return 'queue';
  let worst: Target | null = null;
  let ratio = 1;
  for (const target of targets) {
    const value = quantileOf(metrics, target) / target.limitMs;
    if (value > ratio) {
      ratio = value;
      worst = target;
    }
  }
  if (worst !== null) return worst;
  return run.unfinished > 0 || queueGrows(run) ? 'queue' : null;
}

/**
 * Requests in the system, at the edges of the window's slices, rise by more than 2% of the arrivals and more than four
 * standard deviations of a Poisson count over the window (least-squares line).
 */
function queueGrows({ outstandingAt, arrived }: SimulationRun): boolean {
  const n = outstandingAt.length;
  if (n <= SLICES) return false;
  const meanX = (n - 1) / 2;
  const meanY = outstandingAt.reduce((sum, y) => sum + y, 0) / n;
  let covariance = 0;
  let variance = 0;
  outstandingAt.forEach((y, x) => {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  });
  const growth = (covariance / variance) * (n - 1);
  return growth > Math.max(0.02 * arrived, 4 * Math.sqrt(arrived));
}

/** Share of values over the limit, with the standard error that the spread between the window's slices gives it. */
function exceedanceOf(tally: TargetTally): { share: number; standardError: number } {
  const seen = tally.seenBySlice.reduce((sum, n) => sum + n, 0);
  if (seen === 0) return { share: 0, standardError: 0 };
  const share = tally.exceeded / seen;
  let sum = 0;
  for (let i = 0; i < SLICES; i++) sum += (tally.exceededBySlice[i]! - share * tally.seenBySlice[i]!) ** 2;
  return { share, standardError: Math.sqrt((sum * SLICES) / (SLICES - 1)) / seen };
}

/** Throughput of one replica on a backlog: completions between the first and the last full batch over their time. */
function measureSaturation(replica: ReplicaConfig, samples: Samples): Saturation {
  const batch = Math.min(replica.maxBatchSize, 512);
  const count = Math.max(600, 6 * batch);
  const log = createRequestLog(count);
  const run = simulate({
    replica,
    numReplicas: 1,
    routing: 'round_robin',
    arrivals: backlog(samples, count, batch),
    targets: [],
    window: null,
    stopWhenLost: null,
    log,
  });
  // All arrive at time 0, so latencies are finishing times. Refused requests have none.
  const finished = log.e2eMs.filter((ms) => !Number.isNaN(ms)).sort();
  const first = Math.min(batch, Math.floor(finished.length / 4));
  const last = Math.max(finished.length - 1 - batch, Math.floor((finished.length * 3) / 4) - 1);
  const group = Math.floor((last - first) / GROUPS);
  if (group < 1) return { qps: 0, standardError: 0, peakRunning: run.peakRunning };
  const durations = Array.from(
    { length: GROUPS },
    (_, i) => finished[first + (i + 1) * group]! - finished[first + i * group]!,
  );
  const mean = durations.reduce((sum, d) => sum + d, 0) / GROUPS;
  const variance = durations.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (GROUPS - 1);
  const qps = (group * 1e3) / mean;
  return { qps, standardError: (qps * Math.sqrt(variance / GROUPS)) / mean, peakRunning: run.peakRunning };
}

/** Groups of completions whose spread gives the standard error of the saturation throughput. */
const GROUPS = 8;
