import { z } from 'zod';
import type { ProfileKind } from '../core/profile/profile';
import { checkShape, within } from './check-shape';
import { refuse, show } from './fault';
import { LIMITS } from './limits';
import { text, whole } from './schema-kit';

const degree = whole({ min: 1, max: LIMITS.tensorParallel }).nullish();
const optionalText = z.string({ error: 'a text' }).nullish();

/** Keys the planner reads. Metadata is free-form in the wild: others end in a note. */
const hardware = z.looseObject(
  { gpu: text('the name of a GPU, e.g. "NVIDIA A100"'), tensor_parallel: degree },
  { error: 'a mapping with the key gpu' },
);
const readKeys = z.looseObject(
  {
    model_name: text('the name of a model, e.g. "llama-7b"'),
    fitted_profile: optionalText,
    hardware,
    tensor_parallel: degree,
    kind: optionalText,
    dtype: optionalText,
    engine: optionalText,
    profiling_date: optionalText,
  },
  { error: 'a mapping with the keys model_name and hardware' },
);

/** Where a profile comes from; nothing is computed from these. */
const PROVENANCE = ['raw_trace_location', 'raw_trace_sha256', 'license', 'notes', 'predictors'];

export interface MetadataFile {
  readonly modelName: string;
  readonly gpuName: string;
  readonly fittedProfile: string | null;
  readonly tensorParallel: number;
  readonly kind: ProfileKind;
  readonly dtype: string | null;
  readonly engine: string | null;
  readonly date: string | null;
  readonly notes: readonly string[];
}

export function parseMetadata(source: string, value: unknown): MetadataFile {
  const file = checkShape(readKeys, value, within(source));
  const unknown = [
    ...Object.keys(file).filter((key) => !Object.hasOwn(readKeys.shape, key) && !PROVENANCE.includes(key)),
    ...Object.keys(file.hardware)
      .filter((key) => !Object.hasOwn(hardware.shape, key))
      .map((key) => `hardware.${key}`),
  ];
  const inHardware = file.hardware.tensor_parallel ?? null;
  const outside = file.tensor_parallel ?? null;
  if (inHardware !== null && outside !== null && inHardware !== outside) {
    refuse(
      { source, path: 'tensor_parallel' },
      { found: String(outside), allowed: `${inHardware}, as hardware.tensor_parallel says` },
    );
  }
  const tensorParallel = inHardware ?? outside;
  return {
    modelName: file.model_name,
    gpuName: file.hardware.gpu,
    fittedProfile: file.fitted_profile ?? null,
    tensorParallel: tensorParallel ?? 1,
    kind: kindOf(source, file.kind ?? null),
    dtype: file.dtype ?? null,
    engine: file.engine ?? null,
    date: file.profiling_date ?? null,
    notes: [
      ...(tensorParallel === null ? ['metadata.json has no hardware.tensor_parallel: taken as 1.'] : []),
      ...(file.kind === null || file.kind === undefined
        ? ['metadata.json has no kind: taken as measured.']
        : []),
      ...(unknown.length > 0 ? [`metadata.json: unknown keys ignored: ${unknown.join(', ')}.`] : []),
    ],
  };
}

/** The library says `composed_from_measured_ops`, `composed_from_measured_layers`. */
function kindOf(source: string, kind: string | null): ProfileKind {
  if (kind === null || kind === 'measured') return 'measured';
  if (kind.startsWith('composed')) return 'composed';
  return refuse(
    { source, path: 'kind' },
    { found: show(kind), allowed: 'measured (timed at the engine) or composed (a sum of kernel times)' },
  );
}
