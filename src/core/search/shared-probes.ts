import type { FamilyMember, PlanContext } from './family';
import { type Probe, type Prober, type Saturation, shareOf } from './probe';
import type { SimulationMetrics } from './result';

export interface SharedProbes {
  /** Simulations run so far. */
  readonly simulations: number;
  probe(member: FamilyMember, rateQps: number, options: { complete: boolean }): Probe;
  saturation(member: FamilyMember): Saturation;
}

/**
 * Results by (share of the traffic, KV blocks, rate). One holds for every batch limit that its run never reached, if
 * that run had at least that limit.
 */
export function createSharedProbes(context: PlanContext, prober: Prober): SharedProbes {
  const probes = new Map<string, KnownProbe[]>();
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
      const same = known.find(
        (k) =>
          answers(k, options.complete) && (k.cap === cap || (k.cap > cap && k.peak < neverReached(member))),
      );
      if (same !== undefined) return atRate(same.probe, rateQps);
      simulations++;
      const probe = prober.probe(member, rateQps, options);
      known.push({ cap, peak: probe.metrics.peakBatchSize, complete: options.complete, probe });
      probes.set(key, known);
      return probe;
    },
    saturation(member: FamilyMember): Saturation {
      const key = engineKey(member);
      const known = saturations.get(key) ?? [];
      const cap = member.deployment.maxBatchSize;
      const same = known.find(
        (k) => k.cap === cap || (k.cap > cap && k.saturation.peakRunning < neverReached(member)),
      );
      if (same !== undefined) return same.saturation;
      simulations++;
      const saturation = prober.saturation(member);
      known.push({ cap, saturation });
      saturations.set(key, known);
      return saturation;
    },
  };
}

interface KnownProbe {
  readonly cap: number;
  readonly peak: number;
  /** It was asked for to its end. */
  readonly complete: boolean;
  readonly probe: Probe;
}

/**
 * One that passed ran to its end anyhow. Of a failure, the target first lost and the one missed most in the end may
 * differ, so each way of asking gets its own answer, whatever was asked before.
 */
function answers({ probe: { point }, ...known }: KnownProbe, complete: boolean): boolean {
  if (point.verdict === 'pass') return true;
  return complete ? !point.stoppedEarly : !known.complete;
}

/** With fewer requests running than this, no batch limit is felt: batches in a pipeline share `maxBatchSize`. */
const neverReached = ({ deployment: d }: FamilyMember): number =>
  Math.ceil(d.maxBatchSize / d.pipelineParallel);

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
