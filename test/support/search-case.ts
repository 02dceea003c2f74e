import type { Deployment } from '../../src/core/engine/deployment';
import { type FittedProfile, fitProfile } from '../../src/core/profile/fit-profile';
import type { Profile } from '../../src/core/profile/profile';
import { evaluateFamily } from '../../src/core/search/evaluate-family';
import type { Evaluation, Family, FamilyMember, PlanContext } from '../../src/core/search/family';
import { createSampleSource, type SampleSource } from '../../src/core/search/probe';
import type { Target } from '../../src/core/search/request';
import { deployment, MEMORY } from './plan-fixture';
import { gpuById, modelById } from './random-profile';

/** Evaluates the members of a family, to the end. */
export function evaluate(
  context: PlanContext,
  family: Family,
  samples: SampleSource = createSampleSource(context),
): Evaluation[] {
  return evaluateFamily(context, family, samples, { onDone: () => {}, stop: () => false });
}

export const E2E_P99: Target = { metric: 'e2e', quantile: 0.99, limitMs: 1500 };
export const TTFT_P95: Target = { metric: 'ttft', quantile: 0.95, limitMs: 300 };

/** Short outputs and windows, so that a search takes milliseconds. */
export function smallContext(parts: Partial<PlanContext> = {}): PlanContext {
  return {
    workload: {
      arrival: { kind: 'poisson' },
      lengths: {
        kind: 'drawn',
        prompt: { kind: 'lognormal', mean: 200, std: 100 },
        output: { kind: 'uniform', min: 1, max: 30 },
        cachedPrompt: null,
      },
    },
    model: modelById('llama-2-7b'),
    targets: [TTFT_P95, E2E_P99],
    rateRangeQps: [1, 200],
    durationS: 30,
    warmupS: 5,
    randomSeed: 7,
    ...parts,
  };
}

/** Round numbers of about an A100 with a 7B model. `speed` divides every time. */
function smallFit(speed: number): FittedProfile {
  const dense = (tokens: number) => (8 + 0.08 * tokens) / speed;
  const profile: Profile = {
    id: 'small',
    origin: 'user',
    gpuId: 'a100-80gb',
    modelId: 'llama-2-7b',
    tensorParallel: 1,
    kind: 'measured',
    engine: null,
    dtype: null,
    weightBytesPerParam: null,
    date: null,
    prefill: [64, 256, 1024, 4096].map((promptTokens) => ({
      promptTokens,
      batchSize: 1,
      meanMs: dense(promptTokens),
    })),
    decode: [1, 8, 64, 256].flatMap((batchSize) =>
      [128, 1024].map((contextTokens) => ({
        contextTokens,
        batchSize,
        meanMs: dense(batchSize) + (0.0003 * batchSize * contextTokens) / speed,
      })),
    ),
    memory: {},
    notes: [],
  };
  return fitProfile(profile, { gpu: gpuById('a100-80gb'), model: modelById('llama-2-7b') });
}

export function smallFamily(
  deployments: readonly Partial<Deployment>[],
  parts: { speed?: number; blocks?: number } = {},
): Family {
  const members = deployments.map(
    (d, i): FamilyMember => ({
      configId: i + 1,
      deployment: deployment({ watermark: 0.01, ...d }),
      memory: { ...MEMORY, numGpuBlocks: parts.blocks ?? 4000 },
    }),
  );
  const gpu = gpuById('a100-80gb');
  return {
    gpu,
    fit: smallFit(parts.speed ?? 1),
    overhead: { stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 },
    uncalibrated: null,
    peakFlopsPerS: gpu.flops16PerS,
    members,
  };
}
