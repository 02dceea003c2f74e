import { loadCatalog } from '../../src/app/load-catalog';
import { openPlan } from '../../src/app/open-plan';
import { planCapacity } from '../../src/app/plan-capacity';
import type { Catalog } from '../../src/core/catalog/catalog';
import { evaluateFamily } from '../../src/core/search/evaluate-family';
import { createSampleSource } from '../../src/core/search/probe';
import type { PlanResult } from '../../src/core/search/result';

/** The sections of a request file. */
type Sections = Record<string, Record<string, unknown> | string>;

/** A request whose plan takes a second or two. */
const SMALL: Sections = {
  model: 'llama-2-7b',
  workload: {
    arrival_rate_range: [1, 60],
    prompt_length: { distribution: 'uniform', min: 100, max: 400 },
    output_length: { distribution: 'uniform', min: 2, max: 40 },
  },
  constraints: { max_ttft_p95_ms: 400, max_latency_p99_ms: 1500, max_cost_per_hour: 20 },
  config_space: {
    gpu_types: ['A100', 'H100'],
    num_gpus: [1],
    tensor_parallel: [1],
    pipeline_parallel: [1],
    num_replicas: [1, 2],
    schedulers: ['vllm', 'sarathi'],
    max_batch_sizes: [8, 32],
  },
  simulation: { duration: 20, warmup_duration: 2 },
};

/** A real plan of the small request; sections given replace keys of its sections. */
export async function smallPlan(
  changes: Sections = {},
  catalog: Catalog = loadCatalog(),
): Promise<PlanResult> {
  const value: Sections = { ...SMALL };
  for (const [key, section] of Object.entries(changes)) {
    const base = value[key];
    value[key] = typeof section === 'string' || typeof base !== 'object' ? section : { ...base, ...section };
  }
  const opened = openPlan({
    documents: [{ source: 'test', value }],
    profiles: [],
    model: null,
    catalog,
    acceptProfileErrors: false,
  });
  return planCapacity({
    ...opened,
    catalog,
    createRunner: (context) => ({
      async run(families, onEvaluation) {
        const samples = createSampleSource(context);
        return families.flatMap((family) =>
          evaluateFamily(context, family, samples, { onDone: onEvaluation, stop: () => false }),
        );
      },
      close: async () => {},
    }),
  });
}
