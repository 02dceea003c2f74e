import { join } from 'node:path';
import { loadLibraryProfile } from '../../src/app/library';
import { dataFolder, loadCatalog } from '../../src/app/load-catalog';
import type { SchedulerName } from '../../src/core/engine/deployment';
import { fitProfile } from '../../src/core/profile/fit-profile';
import type { Evaluation, Family, PlanContext } from '../../src/core/search/family';
import type { Target } from '../../src/core/search/request';
import type { Lengths, Trace } from '../../src/core/workload/workload';
import { loadTrace } from '../../src/formats/read-trace';
import { MEMORY } from '../support/plan-fixture';
import { gpuById, modelById } from '../support/random-profile';
import { evaluate } from '../support/search-case';
import { asVidurRounds } from '../support/vidur-rounding';

// Vidur's own runs, bisected over the arrival rate by hand: CodeLlama-34B on two A100s.
const PROFILE = 'a100-80gb/codellama-34b/tp2/vidur-fp16';
const TTFT_P95: Target = { metric: 'ttft', quantile: 0.95, limitMs: 2000 };
const TBT_P99: Target = { metric: 'tbt', quantile: 0.99, limitMs: 200 };
const E2E_P99: Target = { metric: 'e2e', quantile: 0.99, limitMs: 10_000 };
const FIXED: Lengths = {
  kind: 'drawn',
  prompt: { kind: 'fixed', value: 512 },
  output: { kind: 'fixed', value: 128 },
  cachedPrompt: null,
};

const gpu = gpuById('a100-80gb');
const model = modelById('codellama-34b');
const fit = asVidurRounds(fitProfile(loadLibraryProfile(PROFILE, loadCatalog()), { gpu, model }));

function search(scheduler: SchedulerName, lengths: Lengths): Evaluation {
  const context: PlanContext = {
    workload: { arrival: { kind: 'poisson' }, lengths },
    model,
    targets: [TTFT_P95, TBT_P99, E2E_P99],
    rateRangeQps: [0.1, 100],
    durationS: 600,
    warmupS: 60,
    randomSeed: 42,
  };
  const deployment = {
    gpuId: gpu.id,
    tensorParallel: 2,
    pipelineParallel: 1,
    numReplicas: 1,
    scheduler,
    maxBatchSize: 128,
    maxBatchedTokens: 4096,
    chunkTokens: 512,
    blockTokens: 16,
    watermark: 0.01,
    gpuMemoryUtilization: 0.9,
    maxModelTokens: 4096,
    routing: 'round_robin',
    numGpuBlocks: 27_904,
  } as const;
  const family: Family = {
    gpu,
    fit,
    overhead: { stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 },
    uncalibrated: null,
    peakFlopsPerS: gpu.flops16PerS,
    members: [{ configId: 1, deployment, memory: { ...MEMORY, numGpuBlocks: 27_904 } }],
  };
  return evaluate(context, family)[0]!;
}

test.each([
  ['sarathi', 5.3, E2E_P99],
  ['vllm-v0', 1.76, TBT_P99],
] as const)('%s sustains %d QPS of 512/128 tokens', (scheduler, qps, binding) => {
  const found = search(scheduler, FIXED);
  expect(found.status).toBe('FEASIBLE');
  expect(found.binding).toEqual(binding);
  expect(Math.abs(found.maxQps! / qps - 1)).toBeLessThan(0.1);
});

test.each(['sarathi', 'vllm-v0'] as const)(
  '%s cannot serve the Azure conversations in time at any rate',
  (scheduler) => {
    const found = search(scheduler, {
      kind: 'trace',
      trace: cutTo(4096, loadTrace(join(dataFolder(), 'traces', 'azure2023_conv.csv'))),
    });
    expect(found.status).toBe('INFEASIBLE');
    expect(found.binding).toEqual(E2E_P99);
    // Vidur has an e2e p99 of 19.5 s.
    const e2e = found.targets.find(({ target }) => target.metric === 'e2e')!;
    expect(Math.abs(e2e.valueMs / 19_500 - 1)).toBeLessThan(0.1);
  },
);

/** Longer requests lose the head of their prompt. */
function cutTo(tokens: number, trace: Trace): Trace {
  return {
    ...trace,
    promptTokens: trace.promptTokens.map((prompt, i) => Math.min(prompt, tokens - trace.outputTokens[i]!)),
  };
}
