import type { Catalog } from '../../src/core/catalog/catalog';
import type { Gpu } from '../../src/core/catalog/gpu';
import type { ModelSpec } from '../../src/core/catalog/model';
import { InputError, type InputFault } from '../../src/core/errors';

const gpu = (id: string, name: string): Gpu => ({
  id,
  name,
  memoryBytes: 80e9,
  memoryBandwidthBytesPerS: 2e12,
  flops16PerS: 3e14,
  flops8PerS: null,
  linkBytesPerS: 3e11,
  maxGpusPerNode: 8,
});

const model = (id: string, hfId: string): ModelSpec => ({
  id,
  hfId,
  attention: 'MHA',
  layers: 32,
  hiddenSize: 4096,
  heads: 32,
  kvHeads: 32,
  headDim: 128,
  maxContextTokens: 4096,
  paramsTotal: 6.7e9,
  paramsActive: 6.7e9,
  weightBytesPerParam: 2,
  weightBytes: 13.4e9,
  kvBytesPerToken: 524288,
  linearFlopsPerToken: 13e9,
});

/** A catalogue small enough to know by heart. */
export const CATALOG: Catalog = {
  version: 'test',
  gpus: [
    gpu('a100-80gb', 'NVIDIA A100 SXM4 80GB'),
    gpu('h100-sxm', 'NVIDIA H100 SXM5 80GB'),
    gpu('a10g', 'NVIDIA A10G'),
  ],
  models: [
    model('llama-2-7b', 'meta-llama/Llama-2-7b-hf'),
    model('codellama-34b', 'codellama/CodeLlama-34b-Instruct-hf'),
  ],
  prices: {
    version: 'test',
    quotes: [
      {
        gpuId: 'a100-80gb',
        provider: 'aws',
        region: null,
        kind: 'on-demand',
        usdPerGpuHour: 3.4,
        gpusPerInstance: 8,
        product: 'p4de',
        date: null,
        source: 'test',
      },
    ],
  },
};

/** The fault of the InputError that `run` throws; anything else thrown, or nothing, fails the test. */
export function faultOf(run: () => unknown): InputFault {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.fault;
    throw error;
  }
  throw new Error('no InputError was thrown');
}

/** `path: found … | allowed … | hint`, to compare in one line. */
export function oneLine({ path, found, allowed, hint }: InputFault): string {
  return `${path} | ${found} | ${allowed}${hint === undefined ? '' : ` | ${hint}`}`;
}

/** The request of the specification, word by word. */
export const SPEC_YAML = `
# capacity_planning_request.yaml

workload:
  # Workload characteristics
  arrival_rate_range: [1, 100]  # QPS range to explore
  prompt_length:
    distribution: "normal"
    mean: 512
    std: 128
  output_length:
    distribution: "normal"
    mean: 256
    std: 64

constraints:
  # Service Level Objectives (SLOs)
  max_ttft_p95_ms: 2000  # Time to First Token P95 < 2s
  max_tbt_p99_ms: 200    # Time Between Tokens P99 < 200ms
  max_latency_p99_ms: 10000  # Total latency P99 < 10s

  # Cost constraints
  max_cost_per_hour: 100.0  # Maximum hourly cost
  min_qps: 10.0             # Minimum required throughput

config_space:
  # Hardware options to explore
  gpu_types: ["A100", "H100", "A10G"]
  num_gpus: [1, 2, 4, 8]

  # Parallelism strategies
  tensor_parallel: [1, 2, 4, 8]
  pipeline_parallel: [1, 2]
  num_replicas: [1, 2, 4, 8]

  # Scheduler options
  schedulers: ["vllm", "orca", "sarathi"]
  max_batch_sizes: [32, 64, 128, 256]

simulation:
  # Simulation parameters
  duration: 600  # seconds
  warmup_duration: 60
  random_seed: 42
`;
