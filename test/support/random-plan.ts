import fc from 'fast-check';
import { SCHEDULERS } from '../../src/core/engine/deployment';
import {
  OBJECTIVES,
  type PlanRequest,
  TARGET_METRICS,
  TARGET_QUANTILES,
  type Target,
} from '../../src/core/search/request';
import {
  CANDIDATE_STATUSES,
  type CandidateResult,
  type LatencySummary,
  type PlanResult,
} from '../../src/core/search/result';
import { cost, deployment, MEMORY, metrics, plan, REQUEST } from './plan-fixture';

/** Any result the types allow, sensible or not: every number may be extreme, infinite or missing. */
export function randomPlan(): fc.Arbitrary<PlanResult> {
  return requests.chain((request) =>
    fc
      .record({
        candidates: fc.array(candidateFor(request), { minLength: 0, maxLength: 12 }),
        partial: fc.boolean(),
        simulationCpuS: anyNumber,
        picks: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        feasibleBest: fc.boolean(),
      })
      .map(({ candidates, partial, simulationCpuS, picks, feasibleBest }) => {
        const numbered = candidates.map((candidate, index) => ({ ...candidate, configId: index + 1 }));
        const feasible = numbered.filter(({ status }) => status === 'FEASIBLE' || status === 'CAPPED');
        const pick = (index: number) =>
          feasible.length === 0 || !feasibleBest
            ? null
            : (feasible[(picks[index] ?? 0) % feasible.length]?.configId ?? null);
        const picked = (from: number) => [pick(from), pick(from + 1)].filter((id) => id !== null);
        return plan(numbered, {
          request,
          partial,
          simulationCpuS,
          best: pick(0),
          budget: pick(1),
          premium: pick(2),
          tied: picked(3),
          frontier: picked(5),
        });
      }),
  );
}

const anyNumber = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 1e5, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1e-9, 1e21, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN),
  },
);

const targets: fc.Arbitrary<Target[]> = fc.uniqueArray(
  fc.record({
    metric: fc.constantFrom(...TARGET_METRICS),
    quantile: fc.constantFrom(...TARGET_QUANTILES),
    limitMs: fc.double({ min: 1, max: 1e5, noNaN: true }),
  }),
  { maxLength: 5, selector: (target) => `${target.metric} ${target.quantile}` },
);

const requests: fc.Arbitrary<PlanRequest> = fc
  .record({
    targets,
    maxCostPerHourUsd: fc.option(fc.double({ min: 0.1, max: 500, noNaN: true })),
    minQps: fc.option(fc.double({ min: 0.1, max: 500, noNaN: true })),
    kind: fc.constantFrom(...OBJECTIVES),
    targetQps: fc.option(fc.double({ min: 0.1, max: 500, noNaN: true })),
  })
  .map(({ kind, targetQps, ...constraints }) => ({
    ...REQUEST,
    constraints,
    objective: { kind, targetQps },
  }));

const latencies: fc.Arbitrary<LatencySummary> = fc.record({
  mean: anyNumber,
  p50: anyNumber,
  p90: anyNumber,
  p95: anyNumber,
  p99: anyNumber,
  max: anyNumber,
});

function candidateFor({ constraints }: PlanRequest): fc.Arbitrary<CandidateResult> {
  const target =
    constraints.targets.length === 0
      ? fc.constant('queue' as const)
      : fc.constantFrom('queue' as const, ...constraints.targets);
  const outcome = (of: Target) =>
    fc.record({ target: fc.constant(of), valueMs: anyNumber, met: fc.boolean(), slack: anyNumber });
  const deployments = fc
    .record({
      gpuId: fc.constantFrom('t4', 'a10g', 'a100-80gb', 'not-in-the-catalogue'),
      tensorParallel: fc.constantFrom(1, 2, 4),
      numReplicas: fc.constantFrom(1, 8),
      scheduler: fc.constantFrom(...SCHEDULERS),
    })
    .map(deployment);
  const latencyPoint = { ttftMs: latencies, tbtMs: latencies, tpotMs: latencies, e2eMs: latencies };
  const loadPoints = fc.record({
    rateQps: anyNumber,
    verdict: fc.constantFrom('pass' as const, 'fail' as const),
    failedOn: fc.option(target),
    stoppedEarly: fc.boolean(),
    ...latencyPoint,
  });
  const measured = fc
    .record({
      ...latencyPoint,
      mfu: anyNumber,
      memoryUtilization: anyNumber,
      meanBatchSize: anyNumber,
      requestsPerS: anyNumber,
      extrapolatedTimeFraction: anyNumber,
      preemptions: fc.nat(),
    })
    .map(({ requestsPerS, ...parts }) =>
      metrics({
        ...parts,
        throughput: { requestsPerS, outputTokensPerS: requestsPerS * 9, promptTokensPerS: requestsPerS },
      }),
    );
  return fc
    .record({
      deployment: deployments,
      status: fc.constantFrom(...CANDIDATE_STATUSES),
      reason: fc.option(fc.constantFrom('misses it by 12 ms', 'misses it by 13 ms', 'needs 3 GB more')),
      basis: fc.option(fc.constantFrom('measured' as const, 'extrapolated' as const, 'scaled' as const)),
      profile: fc.option(fc.constant('a100-80gb/llama-2-7b/tp1/vidur-fp16')),
      overhead: fc.option(
        fc.record({ stepMs: anyNumber, requestMs: anyNumber, firstTokenExtraSteps: fc.nat(3) }),
      ),
      memory: fc.option(
        fc
          .record({ weightBytes: anyNumber, kvBytesPerToken: anyNumber })
          .map((parts) => ({ ...MEMORY, ...parts })),
      ),
      maxQps: fc.option(anyNumber),
      maxQpsInterval: fc.option(fc.tuple(anyNumber, anyNumber)),
      samplingInterval: fc.option(fc.tuple(anyNumber, anyNumber)),
      timeError: fc.option(fc.record({ lowRatio: anyNumber, highRatio: anyNumber })),
      calibrationId: fc.option(fc.constant('calibration.json')),
      uncalibrated: fc.option(
        fc.record({
          status: fc.constantFrom('FEASIBLE' as const, 'INFEASIBLE' as const),
          maxQps: fc.option(anyNumber),
          targets: fc.oneof(fc.constant([]), fc.tuple(...constraints.targets.map(outcome))),
        }),
      ),
      binding: fc.option(target),
      targets: fc.oneof(fc.constant([]), fc.tuple(...constraints.targets.map(outcome))),
      meetsAllTargets: fc.boolean(),
      metrics: fc.option(measured),
      loadCurve: fc.array(loadPoints, { maxLength: 20 }),
      hasPrice: fc.boolean(),
    })
    .map(({ hasPrice, ...parts }) => ({
      configId: 0,
      ...parts,
      cost: hasPrice ? cost(parts.deployment, parts.maxQps) : null,
    }));
}
