import { z } from 'zod';
import type { ProfileMemory } from '../core/profile/profile';
import { checkShape, within } from './check-shape';
import { refuse } from './fault';
import { number, whole } from './schema-kit';

const MOST_BYTES = 1e15;
const bytes = whole({ above: 0, max: MOST_BYTES }).nullish();

/** Keys the planner reads. Others are provenance and end in a note. */
const readKeys = z.looseObject(
  {
    model_name: z.string({ error: 'a model name' }).nullish(),
    model_params: whole({ above: 0, max: 1e14 }).nullish(),
    num_parameters: whole({ above: 0, max: 1e14 }).nullish(),
    weight_bytes_per_gpu: bytes,
    param_bytes: bytes,
    total_bytes: bytes,
    total_model_memory_gb: number({ above: 0, max: 1e6 }).nullish(),
    total_model_memory_gib: number({ above: 0, max: 1e6 }).nullish(),
    model_size_gb: number({ above: 0, max: 1e6 }).nullish(),
    activation_memory_mb: number({ min: 0, max: 1e7 }).nullish(),
    kv_cache_per_token_bytes: bytes,
    num_gpu_blocks: whole({ above: 0, max: 1e9 }).nullish(),
    measured_max_kv_tokens: whole({ above: 0, max: 1e12 }).nullish(),
    weight_bytes_per_param: number({ above: 0, max: 16 }).nullish(),
    dtype: z.string({ error: 'the name of a dtype' }).nullish(),
  },
  { error: 'a mapping of keys and values' },
);

/** What the planner takes from the catalogue, not from here: the architecture, and restatements of the keys above. */
const RESTATED = [
  'buffer_bytes',
  'head_dim',
  'hidden_size',
  'intermediate_size',
  'kv_cache_per_token_bytes_per_gpu',
  'kv_dtype_bytes',
  'note',
  'notes',
  'num_kv_heads',
  'num_layers',
  'num_q_heads',
  'vocab_size',
];

export interface MemoryFile {
  readonly memory: ProfileMemory;
  readonly modelName: string | null;
  readonly dtype: string | null;
  readonly weightBytesPerParam: number | null;
  readonly notes: readonly string[];
}

/** `model_memory.json`, in any of the forms in use: the specification's, the library's, the one of the original upload. */
export function parseMemory(source: string, value: unknown): MemoryFile {
  const file = checkShape(readKeys, value, within(source));
  const known = [...Object.keys(readKeys.shape), ...RESTATED];
  const unknown = Object.keys(file).filter((key) => !known.includes(key));
  const paramsTotal = agree(source, file, ['model_params', 'num_parameters']);
  const totalWeightBytes =
    file.param_bytes ??
    scaled(file.total_model_memory_gb, 1e9) ??
    scaled(file.total_model_memory_gib, 2 ** 30) ??
    file.total_bytes ??
    scaled(file.model_size_gb, 2 ** 30);
  const activationBytes = scaled(file.activation_memory_mb, 1e6);
  return {
    memory: {
      ...given('paramsTotal', paramsTotal),
      ...given('weightBytesPerGpu', file.weight_bytes_per_gpu),
      ...given('totalWeightBytes', totalWeightBytes),
      ...given('activationBytes', activationBytes),
      ...given('kvBytesPerToken', file.kv_cache_per_token_bytes),
      ...given('numGpuBlocks', file.num_gpu_blocks),
    },
    modelName: file.model_name ?? null,
    dtype: file.dtype ?? null,
    weightBytesPerParam: file.weight_bytes_per_param ?? null,
    notes: [
      ...(unknown.length > 0 ? [`model_memory.json: unknown keys ignored: ${unknown.join(', ')}.`] : []),
      ...(typeof file.measured_max_kv_tokens === 'number'
        ? [
            `model_memory.json: measured_max_kv_tokens ${file.measured_max_kv_tokens} is of the profiled server; KV memory is computed instead.`,
          ]
        : []),
    ],
  };
}

const scaled = (value: number | null | undefined, factor: number): number | null =>
  typeof value === 'number' ? Math.round(value * factor) : null;

const given = <K extends keyof ProfileMemory>(
  key: K,
  value: number | null | undefined,
): Partial<ProfileMemory> => (typeof value === 'number' ? { [key]: value } : {});

type NumberKey = 'model_params' | 'num_parameters';

/** Two spellings of one number: the one given, or an error where they differ. */
function agree(
  source: string,
  file: z.infer<typeof readKeys>,
  [a, b]: readonly [NumberKey, NumberKey],
): number | null {
  const [first, second] = [file[a] ?? null, file[b] ?? null];
  if (first !== null && second !== null && first !== second) {
    refuse(
      { source, path: b },
      { found: String(second), allowed: `${first}, as ${a} says`, hint: 'delete one of the two keys' },
    );
  }
  return first ?? second;
}
