import { enumOf } from './described';

export const ProfileKind = enumOf('ProfileKind', 'What the times of a profile contain.', {
  MEASURED: ['measured', 'Timed at the engine: the per-step CPU work is inside.'],
  COMPOSED: ['composed', 'A sum of kernel or layer times: the per-step CPU work is missing and is added.'],
});

export const ProfileOrigin = enumOf('ProfileOrigin', 'Where a profile comes from.', {
  OWN: ['own', 'Uploaded to the workspace.'],
  LIBRARY: ['library', 'Shipped with the planner.'],
});

export const LintSeverity = enumOf('LintSeverity', 'How much a finding matters.', {
  ERROR: ['error', 'The profile contradicts physics or itself: plans on it are refused unless accepted.'],
  WARNING: ['warning', 'A plan may be off.'],
  INFO: ['info', 'Good to know.'],
});

export const LintCode = enumOf('LintCode', 'What a finding is about.', {
  UNITS: ['units', 'Times look like seconds instead of milliseconds, or the like.'],
  FLOPS_ABOVE_PEAK: ['flops-above-peak', "The implied FLOP/s exceed the GPU's peak."],
  BYTES_ABOVE_BANDWIDTH: ['bytes-above-bandwidth', "The implied bytes/s exceed the GPU's bandwidth."],
  BEYOND_MEMORY: ['beyond-memory', 'A row needs more memory than the GPU has.'],
  DECODE_WITHOUT_KV_CACHE: [
    'decode-without-kv-cache',
    'Decodes take as long as prefills of the same length.',
  ],
  IMPLAUSIBLY_SLOW: ['implausibly-slow', 'Far slower than the hardware should be.'],
  NON_MONOTONE: ['non-monotone', 'Times fall where batch or length grows.'],
  PARAMETER_COUNT: ['parameter-count', 'The stated parameter count is not the architecture’s.'],
  WEIGHT_BYTES: ['weight-bytes', 'The stated weight bytes are not the architecture’s.'],
  KV_BYTES: ['kv-bytes', 'The stated KV bytes per token are not the architecture’s.'],
  FLOAT32_WEIGHTS: ['float32-weights', 'Weights look like 32-bit floats.'],
  COVERAGE: ['coverage', 'The measured range is smaller than plans usually need.'],
  STD_ABOVE_MEAN: ['std-above-mean', 'A standard deviation is larger than its mean.'],
  TOO_FEW_POINTS: ['too-few-points', 'Too few rows for a fit.'],
  DUPLICATE_ROWS: ['duplicate-rows', 'The same batch and length more than once.'],
});

export const AttentionKind = enumOf('AttentionKind', 'How attention heads share keys and values.', {
  MHA: ['MHA', 'Multi-head: each head has its own.'],
  GQA: ['GQA', 'Grouped-query: groups of heads share.'],
  MQA: ['MQA', 'Multi-query: all heads share one.'],
  MLA: ['MLA', 'Multi-head latent: one compressed latent, copied to every tensor-parallel rank.'],
});

export const TelemetryKind = enumOf('TelemetryKind', 'What production telemetry holds.', {
  REQUESTS: ['requests', 'One row per served request.'],
  ITERATIONS: ['iterations', 'One row per engine step.'],
  BENCH: ['bench', 'Results of a serving benchmark.'],
  SCRAPE: ['scrape', "Scrapes of the engine's metrics."],
});

export const MemorySource = enumOf('MemorySource', 'Where the number of KV blocks comes from.', {
  COMPUTED: ['computed', 'From the memory of the GPU.'],
  PROFILE: ['profile', "The profile's own figure."],
  REQUEST: ['request', 'Given in the request.'],
});

export const PriceUpdateMode = enumOf('PriceUpdateMode', 'What happens to the quotes of the current book.', {
  MERGE: ['merge', 'They stay, where no new one has their GPU, provider, region, kind and product.'],
  REPLACE: ['replace', 'The new book holds the given quotes only.'],
});
