import { loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import type { Served } from '../../src/core/calibration/evidence';
import type { CalibrationParameters } from '../../src/core/calibration/parameters';
import { replayRequests } from '../../src/core/calibration/replay';
import { resolveOverhead } from '../../src/core/engine/engine-defaults';
import { fitProfile } from '../../src/core/profile/fit-profile';
import type { RequestSamples, Telemetry } from '../../src/core/telemetry/telemetry';
import { createRandomStream } from '../../src/core/workload/random';
import { gpuById, modelById } from './random-profile';

/** Llama-3.1-8B on an H100 behind vLLM, as the library has it. */
export function servedDeployment(profileId = 'h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16'): Served {
  const profile = loadLibraryProfile(profileId, loadCatalog());
  const gpu = gpuById(profile.gpuId);
  const model = modelById(profile.modelId);
  return {
    deployment: {
      gpuId: gpu.id,
      tensorParallel: profile.tensorParallel,
      pipelineParallel: 1,
      numReplicas: 1,
      scheduler: 'vllm',
      maxBatchSize: 256,
      maxBatchedTokens: 2048,
      chunkTokens: 512,
      blockTokens: 16,
      watermark: 0.01,
      gpuMemoryUtilization: 0.9,
      maxModelTokens: 65_536,
      routing: 'round_robin',
      numGpuBlocks: 30_000,
    },
    numBlocks: 30_000,
    fit: fitProfile(profile, { gpu, model }),
    overhead: resolveOverhead({ stepMs: null, requestMs: null, firstTokenExtraSteps: null }, profile, model),
    gpu,
    model,
  };
}

/** Requests of widely different lengths, arriving at random; latencies unknown. */
export function randomRequests(count: number, seed: number, ratePerS = 0.5): RequestSamples {
  const { uniform } = createRandomStream(seed, 'telemetry');
  const nothing = () => new Float64Array(count).fill(Number.NaN);
  const arrivedAtS = new Float64Array(count);
  for (let i = 1; i < count; i++) arrivedAtS[i] = arrivedAtS[i - 1]! - Math.log(1 - uniform()) / ratePerS;
  const between = (low: number, high: number) => Math.round(low * (high / low) ** uniform());
  return {
    arrivedAtS,
    promptTokens: Int32Array.from({ length: count }, () => between(50, 24_000)),
    outputTokens: Int32Array.from({ length: count }, () => between(20, 600)),
    cachedPromptTokens: new Int32Array(count).fill(-1),
    ttftMs: nothing(),
    tpotMs: nothing(),
    e2eMs: nothing(),
  };
}

/** What the deployment would have shown, were these its parameters. */
export function telemetryOf(
  served: Served,
  samples: RequestSamples,
  truth: CalibrationParameters,
): Telemetry {
  const { ttftMs, tpotMs, e2eMs } = replayRequests(served, samples, truth);
  const { gpuId } = served.deployment;
  return {
    name: 'synthetic',
    deployment: {
      profile: null,
      modelId: served.model.id,
      deployment: { ...served.deployment, gpuId },
      engineVersion: 'vllm 0.15.1',
    },
    requests: { ...samples, ttftMs, tpotMs, e2eMs },
    iterations: null,
    summary: null,
  };
}
