import type { z } from 'zod';
import type { Catalog } from '../core/catalog/catalog';
import { resolveGpu, resolveModel } from '../core/catalog/names';
import { SCHEDULERS } from '../core/engine/deployment';
import type { DeploymentDraft, SimulateRequest } from '../core/engine/request';
import { checkShape, within } from './check-shape';
import {
  deploymentItems,
  ENGINE_KEYS,
  engineItems,
  overheadSchema,
  simulationSchema,
  USED_BY,
} from './engine-schema';
import { refuse, show } from './fault';
import { readDocument } from './read-document';
import { toOverhead, toSimulation } from './read-settings';
import { toArrival, toLengths } from './read-workload';
import type { RequestContext, RequestFiles } from './request-context';
import { Assumptions, REQUEST_DEFAULTS } from './request-defaults';
import { filesBeside, NO_FILES } from './request-files';
import { mapping, oneOf, text } from './schema-kit';
import { simulateWorkload } from './workload-schema';

/** The section `deployment`, here and in a telemetry document. */
export const deploymentSchema = mapping({
  gpu_type: text('the name of a GPU, e.g. A100'),
  tensor_parallel: deploymentItems.tensor_parallel,
  scheduler: oneOf(SCHEDULERS),
  pipeline_parallel: deploymentItems.pipeline_parallel.optional(),
  num_replicas: deploymentItems.num_replicas.optional(),
  max_batch_size: deploymentItems.batch_size.optional(),
  max_batched_tokens: engineItems.max_batched_tokens.optional(),
  chunk_size: engineItems.chunk_size.optional(),
  block_size: engineItems.block_size.optional(),
  num_gpu_blocks: engineItems.num_gpu_blocks.optional(),
  gpu_memory_utilization: engineItems.gpu_memory_utilization.optional(),
  watermark: engineItems.watermark.optional(),
  max_model_len: engineItems.max_model_len.optional(),
  routing: engineItems.routing.optional(),
});

const simulateSchema = mapping({
  profile: text('a profile: a library id, a folder or a file').optional(),
  model: text('the name of a model, e.g. llama-7b').optional(),
  deployment: deploymentSchema,
  overhead: overheadSchema.optional(),
  workload: simulateWorkload,
  simulation: simulationSchema.optional(),
});
type SimulateInput = z.infer<typeof simulateSchema>;

export interface ParsedSimulation {
  readonly request: SimulateRequest;
  /** Every default used, one sentence each. */
  readonly assumptions: readonly string[];
}

/** Parses the deployment file of `simulate` from a value already read. */
export function parseDeployment(
  options: {
    readonly source: string;
    readonly value: unknown;
    readonly catalog: Catalog;
  } & Partial<RequestFiles>,
): ParsedSimulation {
  const { source, value, catalog, ...files } = options;
  const at = within(source);
  const input = checkShape(simulateSchema, value, at);
  const assumptions = new Assumptions();
  const context: RequestContext = { catalog, at, assumptions, files: { ...NO_FILES, ...files } };
  const deployment = toDeployment(input.deployment, context);
  const load = toLoad(input, context);
  // A trace takes its span from itself: defaults of duration and warm-up would only mislead.
  const spanContext = load.kind === 'trace' ? { ...context, assumptions: new Assumptions() } : context;
  const request: SimulateRequest = {
    ...toSubject(input, context),
    deployment,
    overhead: toOverhead(input.overhead ?? {}, context),
    load,
    simulation: toSimulation(input.simulation ?? {}, spanContext),
  };
  if (load.kind === 'trace') {
    assumptions.note(
      'A trace runs whole, until its last request is done: duration and warm-up are not used.',
    );
  }
  return { request, assumptions: assumptions.sentences };
}

export const loadDeployment = (path: string, catalog: Catalog): ParsedSimulation =>
  parseDeployment({ source: path, value: readDocument(path), catalog, ...filesBeside() });

/** What is served: the profile tells it, or else the model does. */
function toSubject(
  { profile, model }: SimulateInput,
  { catalog, files, at }: RequestContext,
): Pick<SimulateRequest, 'profile' | 'modelId'> {
  if (profile === undefined && model === undefined) {
    refuse(at(['profile']), {
      found: show(undefined),
      allowed: 'a profile, or model: the profile of the library is then taken',
    });
  }
  return {
    profile: profile === undefined ? null : files.resolveProfile(profile, at(['profile'])),
    modelId: model === undefined ? null : resolveModel(catalog, model, at(['model'])).id,
  };
}

export function toDeployment(
  input: z.infer<typeof deploymentSchema>,
  context: Pick<RequestContext, 'catalog' | 'at' | 'assumptions'>,
): DeploymentDraft {
  const { at, assumptions, catalog } = context;
  const defaults = REQUEST_DEFAULTS.deployment;
  const maxBatchSize =
    input.max_batch_size ?? assumptions.take('deployment.max_batch_size', defaults.maxBatchSize);
  const budget = input.max_batched_tokens ?? null;
  if (budget !== null && budget < maxBatchSize) {
    refuse(at(['deployment', 'max_batched_tokens']), {
      found: String(budget),
      allowed: `at least max_batch_size (${maxBatchSize}): each running request takes one token of it`,
    });
  }
  const absent = ENGINE_KEYS.filter((key) => input[key] === undefined);
  if (absent.length > 0)
    assumptions.note(
      `deployment: ${absent.join(', ')} not given, the defaults of ${input.scheduler} are used.`,
    );
  for (const [key, users] of Object.entries(USED_BY)) {
    if (input[key as keyof typeof USED_BY] === undefined || users.includes(input.scheduler)) continue;
    assumptions.note(`deployment.${key}: has no effect: used by ${users.join(' and ')} only.`);
  }
  return {
    gpuId: resolveGpu(catalog, input.gpu_type, at(['deployment', 'gpu_type'])).id,
    tensorParallel: input.tensor_parallel,
    pipelineParallel:
      input.pipeline_parallel ?? assumptions.take('deployment.pipeline_parallel', defaults.pipelineParallel),
    numReplicas: input.num_replicas ?? assumptions.take('deployment.num_replicas', defaults.numReplicas),
    scheduler: input.scheduler,
    maxBatchSize,
    maxBatchedTokens: budget,
    chunkTokens: input.chunk_size ?? null,
    blockTokens: input.block_size ?? null,
    watermark: input.watermark ?? null,
    gpuMemoryUtilization: input.gpu_memory_utilization ?? null,
    maxModelTokens: input.max_model_len ?? null,
    routing: input.routing ?? null,
    numGpuBlocks: input.num_gpu_blocks ?? null,
  };
}

/** A trace alone runs at its own times; with `arrival` it gives the lengths only. */
function toLoad({ workload }: SimulateInput, context: RequestContext): SimulateRequest['load'] {
  const lengths = toLengths(workload, context, (key) =>
    refuse(context.at(['workload', key]), { found: show(undefined), allowed: 'a length, or workload.trace' }),
  );
  const { arrival } = workload;
  if (arrival === undefined) {
    if (lengths.kind === 'trace') return { kind: 'trace', trace: lengths.trace };
    return refuse(context.at(['workload', 'arrival']), {
      found: show(undefined),
      allowed: 'process and rate, e.g. {process: poisson, rate: 10}, or workload.trace',
    });
  }
  const process = toArrival(arrival, lengths, context);
  if (process === null) throw new Error('an arrival given came out as none');
  return { kind: 'generated', workload: { arrival: process, lengths }, rateQps: arrival.rate };
}
