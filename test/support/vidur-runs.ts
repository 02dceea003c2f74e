import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadLibraryProfile } from '../../src/app/library';
import { loadCatalog } from '../../src/app/load-catalog';
import { traceArrivals } from '../../src/core/engine/arrivals';
import type { Deployment, SchedulerName } from '../../src/core/engine/deployment';
import { createReplicaConfig } from '../../src/core/engine/replica-config';
import { createRequestLog, type RequestLog } from '../../src/core/engine/request-log';
import { type SimulationRun, simulate } from '../../src/core/engine/simulate';
import { type FittedProfile, fitProfile } from '../../src/core/profile/fit-profile';
import type { Trace } from '../../src/core/workload/workload';
import { loadTrace } from '../../src/formats/read-trace';
import { gpuById, modelById } from './random-profile';
import { asVidurRounds } from './vidur-rounding';

const FOLDER = join(__dirname, '..', 'reference', 'vidur');
const SCHEDULERS: Record<string, SchedulerName> = { vllm: 'vllm-v0', sarathi: 'sarathi', orca: 'orca' };
const NO_OVERHEAD = { stepMs: 0, requestMs: 0, firstTokenExtraSteps: 0 };

/** What Vidur reported; latencies in seconds. */
export interface VidurSummary {
  readonly n_requests: number;
  readonly e2e_s: { readonly p50: number; readonly p99: number };
  readonly ttft_s: { readonly p50: number; readonly p99: number };
  readonly restarts: number;
  readonly num_blocks: number;
  readonly deployment: {
    readonly profile: string;
    readonly tensor_parallel: number;
    readonly pipeline_parallel: number;
    readonly num_replicas: number;
    readonly scheduler: {
      readonly name: string;
      readonly batch_size_cap: number;
      readonly block_size: number;
      readonly watermark_blocks_fraction: number;
      readonly max_tokens_in_batch?: number;
      readonly chunk_size?: number;
    };
  };
}

export const vidurRuns: readonly string[] = readdirSync(FOLDER).filter((name) => !name.endsWith('.md'));

export const readSummary = (name: string): VidurSummary =>
  JSON.parse(readFileSync(join(FOLDER, name, 'summary.json'), 'utf8')) as VidurSummary;

/** The same requests through the same deployment, in our engine; `rounds` says how contexts are rounded. */
export function rerun(name: string, rounds = asVidurRounds): { run: SimulationRun; log: RequestLog } {
  const summary = readSummary(name);
  const deployment = deploymentOf(summary);
  const { gpuId, modelId, fit } = fitOf(summary.deployment.profile, rounds);
  const trace: Trace = loadTrace(join(FOLDER, name, 'trace.csv'));
  const log = createRequestLog(trace.promptTokens.length);
  const run = simulate({
    replica: createReplicaConfig({
      deployment,
      numBlocks: summary.num_blocks,
      fit,
      overhead: NO_OVERHEAD,
      gpu: gpuById(gpuId),
      model: modelById(modelId),
    }),
    numReplicas: deployment.numReplicas,
    routing: deployment.routing,
    arrivals: traceArrivals(trace, () => 0),
    targets: [],
    window: null,
    stopWhenLost: null,
    log,
  });
  return { run, log };
}

function fitOf(
  profileId: string,
  rounds: typeof asVidurRounds,
): { gpuId: string; modelId: string; fit: FittedProfile } {
  const profile = loadLibraryProfile(profileId, loadCatalog());
  const { gpuId, modelId } = profile;
  const fit = fitProfile(profile, { gpu: gpuById(gpuId), model: modelById(modelId) });
  return { gpuId, modelId, fit: rounds(fit) };
}

function deploymentOf({ deployment: d, num_blocks }: VidurSummary): Deployment {
  const { scheduler } = d;
  return {
    gpuId: 'a100-80gb',
    tensorParallel: d.tensor_parallel,
    pipelineParallel: d.pipeline_parallel,
    numReplicas: d.num_replicas,
    scheduler: SCHEDULERS[scheduler.name]!,
    maxBatchSize: scheduler.batch_size_cap,
    // Orca of Vidur has no limit on the tokens of a batch.
    maxBatchedTokens: scheduler.max_tokens_in_batch ?? scheduler.batch_size_cap * 4096,
    chunkTokens: scheduler.chunk_size ?? 512,
    blockTokens: scheduler.block_size,
    watermark: scheduler.watermark_blocks_fraction,
    gpuMemoryUtilization: 0.9,
    maxModelTokens: 4096,
    routing: 'round_robin',
    numGpuBlocks: num_blocks,
  };
}
