import type { LintFinding } from './lint-finding';
import { show } from './lint-physics';
import type { Subject } from './roofline';

/** What `model_memory.json` says against the architecture. The planner uses the architecture. */
export function lintMemory(subject: Subject): LintFinding[] {
  return [
    ...lintParameters(subject),
    ...lintWeights(subject),
    ...lintKvBytes(subject),
    ...lintFloat32(subject),
  ];
}

function lintParameters({ profile, model }: Subject): LintFinding[] {
  const stated = profile.memory.paramsTotal;
  if (stated === undefined) return [];
  const ratio = stated / model.paramsTotal;
  // Vision towers, draft heads and rounding to "7B" stay within a tenth.
  if (ratio > 0.9 && ratio < 1.1) return [];
  return [
    {
      code: 'parameter-count',
      severity: ratio < 0.5 || ratio > 2 ? 'error' : 'warning',
      message: `the profile states ${show(stated / 1e9)} billion parameters, ${model.id} has ${show(model.paramsTotal / 1e9)} billion`,
      fix: 'another model was profiled: name that one, or profile this one',
    },
  ];
}

function lintWeights({ profile, model }: Subject): LintFinding[] {
  const { totalWeightBytes, weightBytesPerGpu } = profile.memory;
  const expected = model.paramsTotal * (profile.weightBytesPerParam ?? model.weightBytesPerParam);
  const stated =
    totalWeightBytes ??
    (weightBytesPerGpu === undefined ? undefined : weightBytesPerGpu * profile.tensorParallel);
  if (stated === undefined) return [];
  const ratio = stated / expected;
  if (ratio > 0.75 && ratio < 1.34) return [];
  return [
    {
      code: 'weight-bytes',
      severity: 'warning',
      message: `the profile states ${show(stated / 1e9)} GB of weights, ${model.id} with ${profile.weightBytesPerParam ?? model.weightBytesPerParam}-byte weights has ${show(expected / 1e9)} GB`,
      fix: 'state the dtype that was served in metadata.json; the planner sizes memory by parameters × bytes of that dtype',
    },
  ];
}

function lintKvBytes({ profile, model }: Subject): LintFinding[] {
  const stated = profile.memory.kvBytesPerToken;
  if (stated === undefined) return [];
  const ratio = stated / model.kvBytesPerToken;
  if (Math.abs(ratio - 1) < 0.02) return [];
  if (Math.abs(ratio - 0.5) < 0.01) {
    return [
      {
        code: 'kv-bytes',
        severity: 'info',
        message: `${stated} KV bytes per token are half of the 16-bit ${model.kvBytesPerToken}: taken as an 8-bit KV cache`,
        fix: 'nothing, if kv_cache_dtype was fp8',
      },
    ];
  }
  return [
    {
      code: 'kv-bytes',
      severity: 'warning',
      message: `the profile states ${stated} KV bytes per token, the architecture of ${model.id} gives ${model.kvBytesPerToken}`,
      fix: 'leave kv_cache_per_token_bytes out: the planner computes it (all layers, K and V, all KV heads)',
    },
  ];
}

function lintFloat32({ profile }: Subject): LintFinding[] {
  if (profile.weightBytesPerParam === null || profile.weightBytesPerParam < 3) return [];
  return [
    {
      code: 'float32-weights',
      severity: 'warning',
      message: `the weights were ${profile.dtype ?? '32-bit'} (${profile.weightBytesPerParam} bytes each); servers run 16 bit or less`,
      fix: 'profile with the dtype that will be served',
    },
  ];
}
