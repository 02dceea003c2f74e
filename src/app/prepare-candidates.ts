import {
  type ActiveCalibration,
  calibratedTimes,
  calibrationFor,
} from '../core/calibration/active-calibration';
import type { Catalog } from '../core/catalog/catalog';
import type { ModelSpec } from '../core/catalog/model';
import { costOf } from '../core/cost/cost-of';
import { priceOf } from '../core/cost/price-of';
import { type Deployment, totalGpus } from '../core/engine/deployment';
import { activationTokens, meanLengths, resolveOverhead } from '../core/engine/engine-defaults';
import { planMemory } from '../core/engine/memory';
import { peakFlopsPerS } from '../core/profile/fit-profile';
import { lintProfile } from '../core/profile/lint';
import type { Profile } from '../core/profile/profile';
import type { Enumerated } from '../core/search/enumerate';
import type { Evaluation, Family, FamilyMember } from '../core/search/family';
import type { PlanRequest } from '../core/search/request';
import type { CandidateResult, TimeBasis } from '../core/search/result';
import { qpsInterval } from '../core/uncertainty/with-time-error';
import { createProfileSource, type PreparedProfile } from './prepare-profiles';

/** A candidate that is either settled without simulation, or ready to be simulated. */
export type PreparedCandidate =
  | { readonly settled: CandidateResult; readonly configId: number; readonly deployment: Deployment }
  | (FamilyMember & {
      readonly settled: null;
      readonly family: Omit<Family, 'members'>;
      readonly profile: PreparedProfile;
      readonly calibration: ActiveCalibration | null;
      readonly price: Price;
      readonly means: { readonly promptTokens: number; readonly outputTokens: number };
    });

interface Price {
  readonly costPerHourUsd: number;
  readonly source: string;
}

/** Which profile gave the iteration times of a GPU type and degree. */
export interface UsedProfile {
  readonly gpuId: string;
  readonly tensorParallel: number;
  readonly profileId: string;
  /** From another GPU or degree. */
  readonly scaled: boolean;
}

interface PrepareInput {
  readonly request: PlanRequest;
  readonly model: ModelSpec;
  readonly catalog: Catalog;
  readonly userProfiles: readonly Profile[];
  readonly calibrations: readonly ActiveCalibration[];
}

/** Turns enumerated deployments into prepared candidates, and gathers what a reader must know about the profiles used. */
export function prepareCandidates(input: PrepareInput) {
  const { request, model, catalog } = input;
  const profileFor = createProfileSource(input);
  const means = meanLengths(request.workload);
  const used = new Map<string, PreparedProfile>();
  const usedBy = new Map<string, UsedProfile>();
  const usedCalibrations = new Set<string>();

  function candidate({ configId, deployment, invalid }: Enumerated): PreparedCandidate {
    const gpu = catalog.gpus.find((g) => g.id === deployment.gpuId)!;
    const base = { ...NOTHING, configId, deployment };
    const settle = (result: Partial<CandidateResult>): PreparedCandidate => ({
      configId,
      deployment,
      settled: { ...base, ...result },
    });
    if (invalid !== null) return settle({ status: 'INVALID', reason: invalid });
    if (deployment.tensorParallel > gpu.maxGpusPerNode) {
      const reason = `tensor_parallel ${deployment.tensorParallel} exceeds the ${gpu.maxGpusPerNode} GPUs of a ${gpu.id} node; all-reduces across nodes are not modelled`;
      return settle({ status: 'INVALID', reason });
    }
    const profile = profileFor(gpu, deployment.tensorParallel);
    if (profile === null) {
      return settle({
        status: 'INVALID',
        reason: `no profile of ${model.id} is known, for this or any other GPU`,
      });
    }
    used.set(profile.source.id, profile);
    const { tensorParallel } = deployment;
    const by = { gpuId: gpu.id, tensorParallel, profileId: profile.source.id, scaled: profile.scaled };
    usedBy.set(`${gpu.id} ${tensorParallel}`, by);
    const price = priceOf({
      gpuId: gpu.id,
      totalGpus: totalGpus(deployment),
      gpusPerReplica: deployment.tensorParallel * deployment.pipelineParallel,
      selection: request.prices,
      book: catalog.prices,
    });
    if (price === null) return settle({ status: 'INVALID', reason: noPrice(gpu.id, request) });
    const cost = costOf({ ...costBasis(price, means), qps: null });
    const plain = {
      fit: profile.fit,
      overhead: resolveOverhead(request.overhead, profile.source, model),
    };
    const calibration = calibrationFor(input.calibrations, {
      gpuId: gpu.id,
      tensorParallel,
      profileId: profile.source.id,
      scaled: profile.scaled,
    });
    const { fit, overhead } = calibratedTimes(plain, calibration);
    const known = {
      profile: profile.label,
      overhead,
      cost,
      basis: profile.scaled ? ('scaled' as const) : null,
    };
    const memory = planMemory({
      gpu,
      model,
      tensorParallel: deployment.tensorParallel,
      pipelineParallel: deployment.pipelineParallel,
      settings: { ...deployment, maxBatchedTokens: activationTokens(deployment) },
      profileMemory: profile.scaled || deployment.pipelineParallel > 1 ? null : profile.source.memory,
      weightBytesPerParam: profile.source.weightBytesPerParam,
    });
    if (!memory.ok)
      return settle({ ...known, memory: memory.plan, status: 'DOES_NOT_FIT', reason: memory.reason });
    const { maxCostPerHourUsd } = request.constraints;
    if (maxCostPerHourUsd !== null && price.costPerHourUsd > maxCostPerHourUsd) {
      const reason = `costs $${price.costPerHourUsd.toFixed(2)} per hour, over the budget of $${maxCostPerHourUsd.toFixed(2)}`;
      return settle({ ...known, memory: memory.plan, status: 'OVER_BUDGET', reason });
    }
    if (calibration !== null) usedCalibrations.add(calibration.name);
    return {
      settled: null,
      configId,
      deployment,
      memory: memory.plan,
      profile,
      calibration,
      price,
      means,
      family: {
        gpu,
        fit,
        overhead,
        uncalibrated: calibration === null ? null : plain,
        peakFlopsPerS: peakFlopsPerS(gpu, profile.source.weightBytesPerParam),
      },
    };
  }

  return {
    candidate,
    /** What the user's profiles say about themselves. */
    notes: (): string[] =>
      input.userProfiles.flatMap((profile) => profile.notes.map((note) => `${profile.id}: ${note}`)),
    /** The profile behind each GPU type and degree. */
    usedProfiles: (): UsedProfile[] => [...usedBy.values()],
    /** Names of the calibrations that candidates to be simulated use. */
    usedCalibrations: (): string[] => [...usedCalibrations],
    /** What the lint finds in the profiles used. */
    warnings: (): string[] =>
      [...used.values()].flatMap(({ source }) => {
        const gpu = catalog.gpus.find((g) => g.id === source.gpuId)!;
        const findings = lintProfile(source, { gpu, model }).filter((f) => f.severity !== 'info');
        return findings.map((f) => `${source.id}: ${f.message}; ${f.fix}.`);
      }),
  };
}

/** Joins what the simulation found with cost and the request's limits. `evaluation` is null when the search stopped before it. */
export function finishCandidate(
  prepared: Extract<PreparedCandidate, { settled: null }>,
  evaluation: Evaluation | null,
  request: PlanRequest,
): CandidateResult {
  const { configId, deployment, memory, profile, calibration, price, means, family } = prepared;
  const known = {
    ...NOTHING,
    configId,
    deployment,
    memory,
    profile: profile.label,
    overhead: family.overhead,
    calibrationId: calibration?.id ?? null,
  };
  const cost = costOf({ ...costBasis(price, means), qps: evaluation?.maxQps ?? null });
  if (evaluation === null) {
    const basis = profile.scaled ? 'scaled' : null;
    return {
      ...known,
      cost,
      basis,
      status: 'NOT_EVALUATED',
      reason: 'the search was stopped before this candidate',
    };
  }
  const { status, reason, maxQps, samplingInterval, binding, targets, metrics, loadCurve } = evaluation;
  const timeError = profile.timeError(calibration);
  const meetsAllTargets = (status === 'FEASIBLE' || status === 'CAPPED') && targets.every((t) => t.met);
  const result: CandidateResult = {
    ...known,
    status,
    reason,
    basis: basisOf(profile, metrics),
    maxQps,
    maxQpsInterval:
      maxQps === null || samplingInterval === null
        ? null
        : qpsInterval({
            maxQps,
            sampling: samplingInterval,
            timeError,
            loadCurve,
            targets: request.constraints.targets,
            rangeEndQps: request.rateRangeQps[1],
            capped: status === 'CAPPED',
          }),
    samplingInterval,
    timeError,
    uncalibrated: evaluation.uncalibrated,
    binding,
    targets,
    meetsAllTargets,
    metrics,
    loadCurve,
    cost,
  };
  const { minQps } = request.constraints;
  if (minQps === null || maxQps === null || maxQps >= minQps) return result;
  return {
    ...result,
    status: 'BELOW_MIN_QPS',
    reason: `sustains ${Number(maxQps.toPrecision(3))} QPS, below min_qps ${minQps}`,
  };
}

/** Share of time outside the measured range from which on a candidate is called extrapolated. */
const EXTRAPOLATED_FROM = 0.01;

function basisOf(profile: PreparedProfile, metrics: CandidateResult['metrics']): TimeBasis {
  if (profile.scaled) return 'scaled';
  return metrics !== null && metrics.extrapolatedTimeFraction > EXTRAPOLATED_FROM
    ? 'extrapolated'
    : 'measured';
}

const costBasis = (price: Price, means: { promptTokens: number; outputTokens: number }) => ({
  costPerHourUsd: price.costPerHourUsd,
  priceSource: price.source,
  meanPromptTokens: means.promptTokens,
  meanOutputTokens: means.outputTokens,
});

function noPrice(gpuId: string, { prices }: PlanRequest): string {
  const of = prices.provider === null ? 'any provider' : prices.provider;
  return `the price book has no ${prices.kind} price of ${gpuId} from ${of}; give one under prices.usd_per_gpu_hour`;
}

const NOTHING: Omit<CandidateResult, 'configId' | 'deployment' | 'status'> & { status: 'INVALID' } = {
  status: 'INVALID',
  reason: null,
  basis: null,
  profile: null,
  overhead: null,
  memory: null,
  maxQps: null,
  maxQpsInterval: null,
  samplingInterval: null,
  timeError: null,
  calibrationId: null,
  uncalibrated: null,
  binding: null,
  targets: [],
  meetsAllTargets: false,
  metrics: null,
  loadCurve: [],
  cost: null,
};
