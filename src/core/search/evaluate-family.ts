import type { Evaluation, Family, FamilyMember, PlanContext } from './family';
import { createProber, type Probe, type Prober, type SampleSource, type Saturation, shareOf } from './probe';
import type { SimulationMetrics, TargetOutcome } from './result';
import { quantileOf, targetLabel } from './target-label';

/** Ratio of neighbouring rates of the grid that all candidates are searched on: the tolerance of `maxQps`. */
export const RATE_STEP = 1.01;

/**
 * The sustainable QPS of every member, by bisection on a grid of rates. Members are evaluated largest batch first, and
 * each starts where the one before ended; `onDone` hears each result; when `stop()` turns true the rest is left out.
 */
export function evaluateFamily(
  context: PlanContext,
  family: Family,
  samplesFor: SampleSource,
  progress: { onDone: (evaluation: Evaluation) => void; stop: () => boolean },
): Evaluation[] {
  const prober = createProber(context, family, samplesFor);
  const shared = createSharedProbes(context, prober);
  const evaluations: Evaluation[] = [];
  const found = new Map<string, number>();
  const keyOf = (replicas: number, batch: number) => `${replicas} ${batch}`;
  const order = [...family.members].sort(
    (a, b) =>
      a.deployment.numReplicas - b.deployment.numReplicas ||
      b.deployment.maxBatchSize - a.deployment.maxBatchSize,
  );
  let before: FamilyMember | null = null;
  for (const member of order) {
    if (progress.stop()) break;
    const { numReplicas, maxBatchSize } = member.deployment;
    // The same batch size on fewer replicas is the closest guess, then the last member with as many replicas.
    const fewer = before === null ? undefined : found.get(keyOf(numReplicas / 2, maxBatchSize));
    const sibling =
      before?.deployment.numReplicas === numReplicas
        ? found.get(keyOf(numReplicas, before.deployment.maxBatchSize))
        : undefined;
    const perReplica = fewer ?? sibling;
    const evaluation = evaluateOrFail(
      context,
      member,
      shared,
      perReplica === undefined ? null : perReplica * numReplicas,
    );
    if (evaluation.maxQps !== null)
      found.set(keyOf(numReplicas, maxBatchSize), evaluation.maxQps / numReplicas);
    before = member;
    evaluations.push(evaluation);
    progress.onDone(evaluation);
  }
  return evaluations;
}

/** A fault of ours fails the candidate, with the reason, and never the plan in silence. */
function evaluateOrFail(
  context: PlanContext,
  member: FamilyMember,
  shared: SharedProbes,
  hintQps: number | null,
): Evaluation {
  try {
    return evaluateMember(context, member, shared, hintQps);
  } catch (error) {
    return {
      configId: member.configId,
      status: 'FAILED',
      reason: `the simulation failed: ${error instanceof Error ? error.message : String(error)}`,
      maxQps: null,
      maxQpsInterval: null,
      binding: null,
      targets: [],
      metrics: null,
      loadCurve: [],
      simulations: 0,
    };
  }
}

/**
 * Results by (share of the traffic, KV blocks, rate). One holds for every batch limit that its run never reached, if
 * that run had at least that limit.
 */
function createSharedProbes(context: PlanContext, prober: Prober) {
  const probes = new Map<string, { cap: number; peak: number; probe: Probe }[]>();
  const saturations = new Map<string, { cap: number; saturation: Saturation }[]>();
  let simulations = 0;
  function engineKey({ deployment: d, memory }: FamilyMember): string {
    return `${memory.numGpuBlocks} ${d.maxBatchedTokens} ${d.chunkTokens} ${d.blockTokens} ${d.watermark} ${d.maxModelTokens}`;
  }
  return {
    get simulations() {
      return simulations;
    },
    probe(member: FamilyMember, rateQps: number, options: { complete: boolean }): Probe {
      const { deployment } = member;
      const share = shareOf(member, context);
      const load =
        share === null
          ? `all ${deployment.routing} ${deployment.numReplicas}`
          : `${share.routing} ${share.replicas}`;
      const key = `${load} ${rateQps / (share === null ? 1 : deployment.numReplicas)} ${engineKey(member)}`;
      const known = probes.get(key) ?? [];
      const cap = deployment.maxBatchSize;
      const same = known.find((k) => k.cap === cap || (k.cap > cap && k.peak < cap));
      if (same !== undefined) return atRate(same.probe, rateQps);
      simulations++;
      const probe = prober.probe(member, rateQps, options);
      known.push({ cap, peak: probe.metrics.peakBatchSize, probe });
      probes.set(key, known);
      return probe;
    },
    saturation(member: FamilyMember): Saturation {
      const key = engineKey(member);
      const known = saturations.get(key) ?? [];
      const cap = member.deployment.maxBatchSize;
      const same = known.find((k) => k.cap === cap || (k.cap > cap && k.saturation.peakRunning < cap));
      if (same !== undefined) return same.saturation;
      simulations++;
      const saturation = prober.saturation(member);
      known.push({ cap, saturation });
      saturations.set(key, known);
      return saturation;
    },
  };
}

type SharedProbes = ReturnType<typeof createSharedProbes>;

/** The same load per replica on another number of replicas: only throughput differs. */
function atRate(probe: Probe, rateQps: number): Probe {
  const factor = rateQps / probe.point.rateQps;
  if (factor === 1) return probe;
  const { throughput } = probe.metrics;
  const metrics: SimulationMetrics = {
    ...probe.metrics,
    throughput: {
      requestsPerS: throughput.requestsPerS * factor,
      outputTokensPerS: throughput.outputTokensPerS * factor,
      promptTokensPerS: throughput.promptTokensPerS * factor,
    },
  };
  return { ...probe, metrics, point: { ...probe.point, rateQps } };
}

function evaluateMember(
  context: PlanContext,
  member: FamilyMember,
  shared: SharedProbes,
  hintQps: number | null,
): Evaluation {
  const before = shared.simulations;
  const [lowest, highest] = context.rateRangeQps;
  const last = Math.max(0, Math.ceil(Math.log(highest / lowest) / Math.log(RATE_STEP)));
  const rateAt = (k: number) => (last === 0 ? lowest : lowest * (highest / lowest) ** (k / last));
  const tried = new Map<number, Probe>();
  const passes = (k: number): boolean => {
    const probe = shared.probe(member, rateAt(k), { complete: k === 0 });
    tried.set(k, probe);
    return probe.point.verdict === 'pass';
  };
  const finish = (found: Omit<Evaluation, 'configId' | 'loadCurve' | 'simulations'>): Evaluation => ({
    configId: member.configId,
    ...found,
    loadCurve: [...tried.entries()].sort(([a], [b]) => a - b).map(([, probe]) => probe.point),
    simulations: shared.simulations - before,
  });

  const saturation = shared.saturation(member);
  const saturationQps = saturation.qps * member.deployment.numReplicas;
  if (saturationQps < lowest) return finish(saturatedAtLowest(lowest, saturationQps));
  if (!passes(0)) return finish(infeasible(context, tried.get(0)!));
  // Rates above saturation fail whatever the run's length: the queue grows.
  let fails = last + 1;
  if (saturationQps < highest)
    fails = Math.floor((Math.log(saturationQps / lowest) / Math.log(highest / lowest)) * last) + 1;
  else if (passes(last)) return finish(capped(context, tried.get(last)!));
  else fails = last;
  const guess =
    hintQps === null ? null : Math.round((Math.log(hintQps / lowest) / Math.log(highest / lowest)) * last);
  const best = bisect({ fails, guess }, passes);
  // The interval needs the slope of the load curve just below the best rate.
  const below = Math.max(0, best - SLOPE_STEPS);
  if (!tried.has(below)) passes(below);
  return finish(
    feasible({ context, tried, best, rateAt, saturation, replicas: member.deployment.numReplicas }),
  );
}

/**
 * Largest k that passes, given that 0 does and `fails` does not. From the guess outwards in doubling steps, then by
 * halves. Without a guess from just below `fails`: a probe that fails is stopped early and costs little, one that
 * passes runs to its end.
 */
function bisect(known: { fails: number; guess: number | null }, passes: (k: number) => boolean): number {
  let low = 0;
  let high = known.fails;
  const start = Math.min(Math.max(known.guess ?? high - 1, low + 1), high - 1);
  let step = known.guess === null ? 4 : 1;
  let k = start;
  while (high - low > 1 && k > low && k < high) {
    const passed = passes(k);
    if (passed) low = k;
    else high = k;
    // The first answer sets the direction; the first one that differs ends the galloping.
    if (passed !== low >= start) break;
    k += passed ? step : -step;
    step *= 2;
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

type Found = Omit<Evaluation, 'configId' | 'loadCurve' | 'simulations'>;

function outcomesOf(context: PlanContext, { metrics }: Probe): TargetOutcome[] {
  return context.targets.map((target) => {
    const valueMs = quantileOf(metrics, target);
    // No value at all (one-token outputs have no gaps): nothing misses the target.
    if (Number.isNaN(valueMs)) return { target, valueMs, met: true, slack: 1 };
    return {
      target,
      valueMs,
      met: valueMs <= target.limitMs,
      slack: (target.limitMs - valueMs) / target.limitMs,
    };
  });
}

function infeasible(context: PlanContext, probe: Probe): Found {
  const { failedOn, rateQps } = probe.point;
  const targets = outcomesOf(context, probe);
  const missed = targets.find((t) => t.target === failedOn);
  const refused = probe.metrics.requests.rejected;
  const cause =
    missed === undefined
      ? 'requests pile up'
      : `${targetLabel(missed.target)} is ${describeMs(missed.valueMs)} against a target of ${describeMs(missed.target.limitMs)}`;
  const refusals =
    refused > 0
      ? `; ${refused} of ${probe.metrics.requests.arrived} requests are longer than it accepts`
      : '';
  return {
    status: 'INFEASIBLE',
    reason: `even at ${round(rateQps)} QPS, the lowest rate, ${cause}${refusals}`,
    maxQps: null,
    maxQpsInterval: null,
    binding: failedOn,
    targets,
    metrics: probe.metrics,
  };
}

function saturatedAtLowest(lowestQps: number, saturationQps: number): Found {
  const reason =
    saturationQps > 0
      ? `saturates at ${round(saturationQps)} QPS, below the lowest rate of ${round(lowestQps)} QPS: the queue grows without end`
      : 'can serve none of the requests: each is longer than it accepts';
  return {
    status: 'INFEASIBLE',
    reason,
    maxQps: null,
    maxQpsInterval: null,
    binding: 'queue',
    targets: [],
    metrics: null,
  };
}

function capped(context: PlanContext, probe: Probe): Found {
  const qps = probe.point.rateQps;
  return {
    status: 'CAPPED',
    reason: `still meets every target at ${round(qps)} QPS, the end of the range: its maximum is higher`,
    maxQps: qps,
    maxQpsInterval: [qps, qps],
    binding: null,
    targets: outcomesOf(context, probe),
    metrics: probe.metrics,
  };
}

function feasible(input: {
  context: PlanContext;
  tried: ReadonlyMap<number, Probe>;
  best: number;
  rateAt: (k: number) => number;
  saturation: Saturation;
  replicas: number;
}): Found {
  const { context, tried, best, rateAt } = input;
  const probe = tried.get(best)!;
  const binding = tried.get(best + 1)?.point.failedOn ?? 'queue';
  const maxQps = rateAt(best);
  // Service times vary from sample to sample as they do at saturation, whatever the binding target.
  const serviceError = input.saturation.standardError / input.saturation.qps;
  const targetError =
    binding === 'queue' ? 0 : rateErrorOf(context.targets.indexOf(binding), best, tried, rateAt);
  const half = Z90 * Math.max(serviceError, targetError);
  const spread = Math.min(half, MAX_HALF_WIDTH);
  return {
    status: 'FEASIBLE',
    reason: null,
    maxQps,
    maxQpsInterval: [maxQps * Math.exp(-spread), rateAt(best + 1) * Math.exp(spread)],
    binding,
    targets: outcomesOf(context, probe),
    metrics: probe.metrics,
  };
}

// Two-sided 90%. Half widths are relative; beyond this one the load curve is too flat to say more.
const Z90 = 1.645;
const MAX_HALF_WIDTH = 0.5;

/** Grid steps (of about 1%) between the two probes that give the slope of the load curve. */
const SLOPE_STEPS = 5;

/**
 * Relative standard error of the rate at which the binding target is just met. The share of values over the limit is
 * known at the best rate with the error that its spread over the window shows; dividing by how fast that share rises
 * with the rate, from a probe a little below, turns it into an error of the rate. 0 where the share does not rise: the
 * target gives way at once, as at saturation.
 */
function rateErrorOf(
  target: number,
  best: number,
  tried: ReadonlyMap<number, Probe>,
  rateAt: (k: number) => number,
): number {
  if (best < SLOPE_STEPS) return MAX_HALF_WIDTH;
  const here = tried.get(best)!.exceedance[target]!;
  const below = tried.get(best - SLOPE_STEPS)!.exceedance[target]!;
  const slope = (here.share - below.share) / Math.log(rateAt(best) / rateAt(best - SLOPE_STEPS));
  return slope > 0 ? here.standardError / slope : 0;
}

const round = (qps: number): string => String(Number(qps.toPrecision(3)));

const describeMs = (ms: number): string =>
  !Number.isFinite(ms)
    ? 'never reached'
    : ms >= 1000
      ? `${Number((ms / 1000).toPrecision(3))} s`
      : `${Number(ms.toPrecision(3))} ms`;
