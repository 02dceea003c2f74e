import { basename, dirname, join } from 'node:path';
import type { Catalog } from '../core/catalog/catalog';
import { resolveGpu, resolveModel } from '../core/catalog/names';
import type { Profile } from '../core/profile/profile';
import { refuse } from './fault';
import { type MemoryFile, parseMemory } from './profile-memory';
import { parseMetadata } from './profile-metadata';
import { parseRows } from './profile-rows';
import { exists, isDirectory, readText } from './read-file';
import { parseJson } from './read-json';

const FITTED = 'fitted_profile.json';
const METADATA = 'metadata.json';
const MEMORY = 'model_memory.json';

/** The texts of a profile's files. `source` is the folder, or whatever names the upload in errors. */
export interface ProfileTexts {
  readonly source: string;
  readonly fittedProfile: string;
  readonly metadata: string;
  readonly modelMemory: string | null;
  /** Name of the first file in errors; default `fitted_profile.json`. */
  readonly fittedName?: string;
}

export interface ProfileIdentity {
  readonly id: string;
  readonly origin: Profile['origin'];
}

/** Parses a profile. Without an identity it is the user's, and `source` is its id. */
export function parseProfile(texts: ProfileTexts, catalog: Catalog, identity?: ProfileIdentity): Profile {
  const { source, fittedName = FITTED } = texts;
  const inFolder = (name: string) => join(source, name);
  const metadata = parseMetadata(inFolder(METADATA), parseJson(inFolder(METADATA), texts.metadata));
  const rows = parseRows(inFolder(fittedName), parseJson(inFolder(fittedName), texts.fittedProfile));
  const memory =
    texts.modelMemory === null
      ? NO_MEMORY
      : parseMemory(inFolder(MEMORY), parseJson(inFolder(MEMORY), texts.modelMemory));
  const model = resolveModel(catalog, metadata.modelName, { source: inFolder(METADATA), path: 'model_name' });
  const gpu = resolveGpu(catalog, metadata.gpuName, { source: inFolder(METADATA), path: 'hardware.gpu' });
  const dtype = metadata.dtype ?? memory.dtype;
  const weightBytesPerParam = memory.weightBytesPerParam ?? bytesOfDtype(dtype);
  const otherFile = metadata.fittedProfile !== null && basename(metadata.fittedProfile) !== fittedName;
  return {
    id: identity?.id ?? source,
    origin: identity?.origin ?? 'user',
    gpuId: gpu.id,
    modelId: model.id,
    tensorParallel: metadata.tensorParallel,
    kind: metadata.kind,
    engine: metadata.engine,
    dtype,
    weightBytesPerParam,
    date: metadata.date,
    prefill: rows.prefill,
    decode: rows.decode,
    memory: memory.memory,
    notes: [
      ...metadata.notes,
      ...(otherFile ? [`metadata.json is about ${metadata.fittedProfile}, read with ${fittedName}.`] : []),
      ...rows.notes,
      ...memory.notes,
      ...(memory.modelName !== null && memory.modelName !== metadata.modelName
        ? [`model_memory.json is about ${memory.modelName}, metadata.json about ${metadata.modelName}.`]
        : []),
      ...(dtype !== null && weightBytesPerParam === null
        ? [`The dtype ${dtype} is not known: weights sized as the catalogue says.`]
        : []),
      ...disagreement(dtype, memory.weightBytesPerParam),
    ],
  };
}

/** Loads a profile from its folder, or from its `fitted_profile.json` with the other files beside it. */
export function loadProfile(path: string, catalog: Catalog, identity?: ProfileIdentity): Profile {
  const folder = isDirectory(path) ? path : dirname(path);
  const fittedProfile =
    path === folder ? null : readText(path, `a profile: a folder with ${FITTED}, or that file`);
  const metadataPath = join(folder, METADATA);
  if (!exists(metadataPath)) {
    refuse(
      { source: path, path: '' },
      {
        found: `no ${METADATA} in ${folder}`,
        allowed: `a ${METADATA} beside the profile`,
        hint: 'it names the model and the GPU',
      },
    );
  }
  const metadata = readText(metadataPath, 'a JSON file');
  const fittedName = fittedProfile === null ? fittedNameIn(folder, metadata) : basename(path);
  const memoryPath = join(folder, MEMORY);
  const texts: ProfileTexts = {
    source: folder,
    fittedName,
    fittedProfile: fittedProfile ?? readText(join(folder, fittedName), `a ${FITTED}`),
    metadata,
    modelMemory: exists(memoryPath) ? readText(memoryPath, 'a JSON file') : null,
  };
  return parseProfile(texts, catalog, identity ?? { id: path, origin: 'user' });
}

/** A folder may call the file otherwise and say so in its metadata. */
function fittedNameIn(folder: string, metadata: string): string {
  const source = join(folder, METADATA);
  const named = parseMetadata(source, parseJson(source, metadata)).fittedProfile;
  return named !== null && exists(join(folder, basename(named))) ? basename(named) : FITTED;
}

const NO_MEMORY: MemoryFile = {
  memory: {},
  modelName: null,
  dtype: null,
  weightBytesPerParam: null,
  notes: [],
};

/** Bytes of one weight by the first dtype a text names: `fp8 gemm, bf16 kv` are 8-bit weights. */
function bytesOfDtype(dtype: string | null): number | null {
  const name =
    /fp8|float8|e4m3|e5m2|int8|w8a8|bf16|bfloat16|fp16|float16|half|fp32|float32|int4|fp4|nvfp4|mxfp4|awq|gptq/.exec(
      dtype?.toLowerCase() ?? '',
    )?.[0];
  if (name === undefined) return null;
  if (/8|e4m3|e5m2/.test(name)) return 1;
  if (/16|half/.test(name)) return 2;
  return /32/.test(name) ? 4 : 0.5;
}

function disagreement(dtype: string | null, stated: number | null): readonly string[] {
  const named = bytesOfDtype(dtype);
  if (stated === null || named === null || stated === named) return [];
  return [
    `model_memory.json says ${stated} bytes per weight, the dtype ${dtype} means ${named}: the former is used.`,
  ];
}
