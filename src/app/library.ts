import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Catalog } from '../core/catalog/catalog';
import { nearestNames } from '../core/catalog/nearest';
import { InputError } from '../core/errors';
import type { Profile, ProfileKind } from '../core/profile/profile';
import type { ProfileMeta } from '../core/profile/select';
import { loadProfile } from '../formats/read-profile';
import { dataFolder } from './load-catalog';

/** One profile shipped with the package. */
export interface LibraryEntry extends ProfileMeta {
  /** Last part of the id: where its numbers come from, e.g. `kernel-sum-bf16`. */
  readonly variant: string;
  readonly engine: string;
  readonly dtype: string;
  readonly date: string | null;
  readonly license: string;
  readonly prefillRows: number;
  readonly decodeRows: number;
}

let entries: readonly LibraryEntry[] | null = null;

/** Every shipped profile, by id. */
export function listLibrary(): readonly LibraryEntry[] {
  entries ??= (
    JSON.parse(readFileSync(join(dataFolder(), 'profiles', 'index.json'), 'utf8')) as WireEntry[]
  ).map(toEntry);
  return entries;
}

export function loadLibraryProfile(id: string, catalog: Catalog): Profile {
  const entry = listLibrary().find((candidate) => candidate.id === id);
  if (entry === undefined) throw unknownProfile(id, { source: 'profile', path: '' });
  return loadProfile(join(dataFolder(), 'profiles', entry.id), catalog, { id, origin: 'library' });
}

export interface ProfileReference {
  /** Library id, directory or file, as written. */
  readonly ref: string;
  /** Folder that a relative path is relative to. */
  readonly folder: string;
  readonly where: { readonly source: string; readonly path: string };
}

/** The profile a person named: a path that exists wins over a library id of the same spelling. */
export function resolveProfileRef({ ref, folder, where }: ProfileReference, catalog: Catalog): Profile {
  const path = isAbsolute(ref) ? ref : resolve(folder, ref);
  if (existsSync(path)) return loadProfile(path, catalog);
  const id = ref.replace(/\/+$/, '');
  if (listLibrary().some((entry) => entry.id === id)) return loadLibraryProfile(id, catalog);
  throw unknownProfile(ref, where);
}

function unknownProfile(ref: string, where: { readonly source: string; readonly path: string }): InputError {
  const near = nearLibraryIds(ref);
  return new InputError({
    ...where,
    found: JSON.stringify(ref),
    allowed:
      'an existing profile folder or file, or the id of a library profile (see `simfaasinfer profiles list`)',
    ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
  });
}

/** Ids a few edits away; else those that agree in the most of GPU, model, degree and variant (at least two). */
function nearLibraryIds(ref: string): string[] {
  const ids = listLibrary().map((entry) => entry.id);
  const near = nearestNames(ref, ids, 3);
  if (near.length > 0) return near;
  const words = new Set(ref.toLowerCase().split('/'));
  const shared = (id: string) => id.split('/').filter((word) => words.has(word)).length;
  return ids
    .filter((id) => shared(id) >= 2)
    .sort((a, b) => shared(b) - shared(a) || (a < b ? -1 : 1))
    .slice(0, 3);
}

/** index.json as scripts/import-data.mjs writes it. */
interface WireEntry {
  readonly id: string;
  readonly gpu: string;
  readonly model: string;
  readonly tensor_parallel: number;
  readonly variant: string;
  readonly kind: ProfileKind;
  readonly engine: string;
  readonly dtype: string;
  readonly weight_bytes_per_param: number;
  readonly date: string | null;
  readonly license: string;
  readonly prefill_rows: number;
  readonly decode_rows: number;
}

const toEntry = (wire: WireEntry): LibraryEntry => ({
  id: wire.id,
  gpuId: wire.gpu,
  modelId: wire.model,
  tensorParallel: wire.tensor_parallel,
  variant: wire.variant,
  kind: wire.kind,
  engine: wire.engine,
  dtype: wire.dtype,
  weightBytesPerParam: wire.weight_bytes_per_param,
  date: wire.date,
  license: wire.license,
  rows: wire.prefill_rows + wire.decode_rows,
  prefillRows: wire.prefill_rows,
  decodeRows: wire.decode_rows,
});
