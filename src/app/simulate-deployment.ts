import type { Gpu } from '../core/catalog/gpu';
import type { ModelSpec } from '../core/catalog/model';
import type { Deployment, Overhead } from '../core/engine/deployment';
import { longestRequestTokens } from '../core/engine/engine-defaults';
import { metricsOf } from '../core/engine/metrics';
import { createReplicaConfig } from '../core/engine/replica-config';
import type { SimulateRequest } from '../core/engine/request';
import type { RequestLog } from '../core/engine/request-log';
import { simulate } from '../core/engine/simulate';
import { ENGINE_VERSION } from '../core/engine/version';
import { peakFlopsPerS } from '../core/profile/fit-profile';
import type { MemoryPlan, SimulationMetrics } from '../core/search/result';
import { prepareServing, type ServingInput } from './serving';
import { loadOf } from './simulated-load';

export interface SimulateDeploymentInput extends Omit<ServingInput, 'longestRequestTokens' | 'request'> {
  readonly request: SimulateRequest;
  /** Keep what happened to every request: 44 bytes each. Without it, memory does not grow with the requests. */
  readonly keepRequests: boolean;
}

export interface DeploymentRun {
  readonly metrics: SimulationMetrics;
  /** CPU time of the simulation, s. */
  readonly cpuS: number;
  readonly engineVersion: string;
  readonly deployment: Deployment;
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  readonly memory: MemoryPlan;
  readonly overhead: Overhead;
  /** Every measured request, in order of arrival; null unless asked for. */
  readonly requests: RequestLog | null;
  /** What a reader must know of the profile, one sentence each. */
  readonly notes: readonly string[];
}

/** Simulates one deployment under one load, every replica in full. Throws an InputError for what no engine would start. */
export function simulateDeployment(input: SimulateDeploymentInput): DeploymentRun {
  const { request } = input;
  const { load: requested } = request;
  const lengths =
    requested.kind === 'trace'
      ? ({ kind: 'trace', trace: requested.trace } as const)
      : requested.workload.lengths;
  const serving = prepareServing({
    ...input,
    longestRequestTokens: longestRequestTokens({ arrival: { kind: 'poisson' }, lengths }),
  });
  const { deployment, gpu, model, memory, overhead, named } = serving;
  const replica = createReplicaConfig({ ...serving, numBlocks: memory.numGpuBlocks });
  const load = loadOf(request, input.keepRequests);
  const before = process.cpuUsage();
  const run = simulate({
    replica,
    numReplicas: deployment.numReplicas,
    routing: deployment.routing,
    arrivals: load.arrivals,
    targets: [],
    window: load.window,
    stopWhenLost: null,
    log: load.log,
  });
  const cpu = process.cpuUsage(before);
  const hardware = {
    gpu,
    model,
    gpus: deployment.tensorParallel * deployment.pipelineParallel,
    memory,
    blockTokens: deployment.blockTokens,
    peakFlopsPerS: peakFlopsPerS(gpu, named.weightBytesPerParam),
  };
  return {
    metrics: metricsOf(run, hardware, { simulated: deployment.numReplicas, standFor: 1 }),
    cpuS: (cpu.user + cpu.system) / 1e6,
    engineVersion: ENGINE_VERSION,
    deployment,
    gpu,
    model,
    memory,
    overhead,
    requests: load.measured,
    notes: serving.notes,
  };
}
