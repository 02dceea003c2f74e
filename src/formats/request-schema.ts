import { z } from 'zod';
import { SCHEDULERS } from '../core/engine/deployment';
import {
  OBJECTIVES,
  PRICE_KINDS,
  TARGET_METRICS,
  TARGET_QUANTILES,
  type Target,
} from '../core/search/request';
import { deploymentItems, engineItems, overheadSchema, simulationSchema } from './engine-schema';
import { LIMITS } from './limits';
import { flag, mapping, number, oneOf, oneOrMany, text, whole } from './schema-kit';
import { planWorkloadShape } from './workload-schema';

const WIRE_METRIC = { ttft: 'ttft', tbt: 'tbt', tpot: 'tpot', e2e: 'latency' } as const;

/** Each wire key of a latency target, e.g. `max_ttft_p95_ms`, with what it limits. */
export const TARGET_KEYS: readonly (Omit<Target, 'limitMs'> & { readonly key: string })[] =
  TARGET_METRICS.flatMap((metric) =>
    TARGET_QUANTILES.map((quantile) => ({
      key: `max_${WIRE_METRIC[metric]}_p${quantile * 100}_ms`,
      metric,
      quantile,
    })),
  );

const limitMs = number({ above: 0, max: LIMITS.targetMs }).optional();
const targetShape: Readonly<Record<string, typeof limitMs>> = Object.fromEntries(
  TARGET_KEYS.map(({ key }) => [key, limitMs]),
);

const constraints = mapping({
  ...targetShape,
  max_cost_per_hour: number({ above: 0, max: LIMITS.usdPerHour }).optional(),
  min_qps: number({ min: 0, max: LIMITS.rateQps }).optional(),
});

const configSpace = mapping({
  gpu_types: oneOrMany(text('the name of a GPU, e.g. A100')).optional(),
  num_gpus: oneOrMany(whole({ min: 1, max: LIMITS.gpusPerReplica })).optional(),
  tensor_parallel: oneOrMany(deploymentItems.tensor_parallel).optional(),
  pipeline_parallel: oneOrMany(deploymentItems.pipeline_parallel).optional(),
  num_replicas: oneOrMany(deploymentItems.num_replicas).optional(),
  schedulers: oneOrMany(oneOf(SCHEDULERS)).optional(),
  max_batch_sizes: oneOrMany(deploymentItems.batch_size).optional(),
  max_batched_tokens: oneOrMany(engineItems.max_batched_tokens).optional(),
  chunk_size: oneOrMany(engineItems.chunk_size).optional(),
  block_size: oneOrMany(engineItems.block_size).optional(),
  num_gpu_blocks: oneOrMany(engineItems.num_gpu_blocks).optional(),
  gpu_memory_utilization: oneOrMany(engineItems.gpu_memory_utilization).optional(),
  watermark: oneOrMany(engineItems.watermark).optional(),
  max_model_len: oneOrMany(engineItems.max_model_len).optional(),
  routing: oneOrMany(engineItems.routing).optional(),
});
export type ConfigSpaceInput = z.infer<typeof configSpace>;

const rate = number({ above: 0, max: LIMITS.rateQps });
const objectiveKind = oneOf(OBJECTIVES);

const prices = mapping({
  provider: text('the name of a provider in the price book').optional(),
  kind: oneOf(PRICE_KINDS).optional(),
  whole_instances: flag().optional(),
  usd_per_gpu_hour: z
    .record(z.string(), number({ above: 0, max: LIMITS.usdPerGpuHour }), {
      error: 'a mapping of GPU names to dollars, e.g. {A100: 2.5}',
    })
    .optional(),
});

/** The sections, each of which may stand in a file of its own. */
export const SECTION_SHAPES = {
  workload: planWorkloadShape,
  constraints: constraints.shape,
  config_space: configSpace.shape,
  simulation: simulationSchema.shape,
  prices: prices.shape,
  overhead: overheadSchema.shape,
} as const;
export type Section = keyof typeof SECTION_SHAPES;

/** A plan request on the wire. */
export const requestSchema = mapping({
  model: text('the name of a model, e.g. llama-7b').optional(),
  profile: text('a profile: a path or a library id').optional(),
  profiles: oneOrMany(text('a profile: a path or a library id')).optional(),
  workload: mapping(planWorkloadShape).optional(),
  constraints: constraints.optional(),
  config_space: configSpace.optional(),
  simulation: simulationSchema.optional(),
  objective: z
    .preprocess(
      (value) => (typeof value === 'string' ? { kind: value } : value),
      mapping({ kind: objectiveKind, target_qps: rate.optional() }),
    )
    .optional(),
  target_qps: rate.optional(),
  prices: prices.optional(),
  overhead: overheadSchema.optional(),
});
export type RequestInput = z.infer<typeof requestSchema>;
