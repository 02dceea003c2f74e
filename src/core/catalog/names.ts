import { InputError } from '../errors';
import type { Catalog } from './catalog';
import type { Gpu } from './gpu';
import type { ModelSpec } from './model';
import { nearestNames } from './nearest';

/** Where a name was written, for the error when it is unknown. */
export interface NameLocation {
  readonly source: string;
  readonly path: string;
}

/** A catalogue GPU from its id, its full name, a name nvidia-smi prints, or a usual short name. */
export function resolveGpu(catalog: Pick<Catalog, 'gpus'>, name: string, where: NameLocation): Gpu {
  const wanted = normalGpuName(name);
  const id = GPU_ALIASES.get(wanted) ?? wanted;
  const found = catalog.gpus.filter((gpu) => gpu.id === id || normalGpuName(gpu.name) === id);
  return theOne(found, {
    name,
    wanted,
    where,
    noun: 'GPU',
    known: catalog.gpus.map((gpu) => gpu.id),
    aliases: GPU_ALIASES,
  });
}

/** A catalogue model from its id, its Hugging Face id (also of the instruct or chat version), or a short name. */
export function resolveModel(catalog: Pick<Catalog, 'models'>, name: string, where: NameLocation): ModelSpec {
  const wanted = normalModelName(name);
  const id = MODEL_ALIASES.get(wanted) ?? wanted;
  const found = catalog.models.filter(
    (model) => normalModelName(model.id) === id || namesSameWeights(model.hfId, name),
  );
  return theOne(found, {
    name,
    wanted,
    where,
    noun: 'model',
    known: catalog.models.map((model) => model.id),
    aliases: MODEL_ALIASES,
  });
}

/** Short names and the names drivers print. `A100` and `H100` without more mean the 80 GB SXM cards. */
const GPU_ALIASES: ReadonlyMap<string, string> = new Map([
  ['a100', 'a100-80gb'],
  ['a100-sxm', 'a100-80gb'],
  ['a100-sxm-80gb', 'a100-80gb'],
  ['a100-sxm4', 'a100-80gb'],
  ['a100-sxm4-80gb', 'a100-80gb'],
  ['a100-80gb-sxm', 'a100-80gb'],
  ['a100-80g', 'a100-80gb'],
  ['a100-40g', 'a100-40gb'],
  ['a100-sxm4-40gb', 'a100-40gb'],
  ['a100-sxm-40gb', 'a100-40gb'],
  ['a100-40gb-sxm', 'a100-40gb'],
  ['h100', 'h100-sxm'],
  ['h100-80gb', 'h100-sxm'],
  ['h100-sxm5', 'h100-sxm'],
  ['h100-80gb-hbm3', 'h100-sxm'],
  ['h100-sxm5-80gb', 'h100-sxm'],
  ['h100-sxm-80gb', 'h100-sxm'],
  ['h100-pcie-80gb', 'h100-pcie'],
  ['h200-sxm', 'h200'],
  ['h200-141gb', 'h200'],
  ['b200-sxm', 'b200'],
  ['b300-sxm6-ac', 'b300'],
  ['v100', 'v100-16gb'],
  ['v100-sxm2', 'v100-16gb'],
  ['v100-sxm2-16gb', 'v100-16gb'],
  ['rtx4090', 'rtx-4090'],
  ['4090', 'rtx-4090'],
  ['rtx-pro-6000-blackwell', 'rtx-pro-6000'],
  ['rtx-pro-6000-blackwell-server-edition', 'rtx-pro-6000'],
]);

/** Llama without a version means Llama 2: the sizes 7B, 13B and 70B together exist there only. */
const MODEL_ALIASES: ReadonlyMap<string, string> = new Map([
  ['llama-7b', 'llama-2-7b'],
  ['llama-13b', 'llama-2-13b'],
  ['llama-70b', 'llama-2-70b'],
]);

const dashed = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');

const normalGpuName = (name: string): string =>
  dashed(name).replace(/^(nvidia-|amd-)?(geforce-|tesla-|instinct-)?/, '');

/** `Llama2_7B-chat-hf` and `llama-2-7b` are one architecture: tuning and packaging words are left out. */
function normalModelName(name: string): string {
  const words = dashed(name)
    .replace(/^([a-z]+)(?=\d)/, '$1-')
    .split('-');
  const kept = words.filter((word) => !PACKAGING_WORDS.has(word));
  if (kept[0] === 'meta' && kept.length > 1) kept.shift();
  return kept.join('-');
}

const PACKAGING_WORDS: ReadonlySet<string> = new Set(['hf', 'instruct', 'chat', 'it', 'base']);

/** The publisher must be the same; without one, the rest must be. */
function namesSameWeights(hfId: string, name: string): boolean {
  const [ownPublisher = '', ownName = ''] = splitHfId(hfId);
  const [publisher, bare] = splitHfId(name);
  return (
    (publisher === null || publisher === ownPublisher) && normalModelName(bare) === normalModelName(ownName)
  );
}

function splitHfId(name: string): [string | null, string] {
  const parts = name.trim().toLowerCase().split('/');
  return parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [null, name];
}

interface Lookup {
  readonly name: string;
  readonly wanted: string;
  readonly where: NameLocation;
  readonly noun: string;
  readonly known: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
}

function theOne<T extends { readonly id: string }>(found: readonly T[], lookup: Lookup): T {
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const { name, wanted, where, noun, known, aliases } = lookup;
  if (only !== undefined) {
    const ids = found.map((entry) => entry.id).join(', ');
    throw new InputError({
      ...where,
      found: JSON.stringify(name),
      allowed: `one ${noun} of the catalogue`,
      hint: `it could mean ${ids}: write one of them`,
    });
  }
  const bare = wanted.split('/').at(-1) ?? wanted;
  const near = nearestNames(bare, [...known, ...aliases.keys()], 8).map(
    (match) => aliases.get(match) ?? match,
  );
  const ids = [...new Set([...sameSize(bare, known), ...near])].slice(0, 4);
  throw new InputError({
    ...where,
    found: JSON.stringify(name),
    allowed: `a ${noun} of the catalogue (${known.join(', ')})`,
    ...(ids.length === 0 ? {} : { hint: `did you mean ${ids.join(' or ')}?` }),
  });
}

/** `llama-8b` is far from `llama-3.1-8b` in letters, but names its family and size. */
function sameSize(name: string, known: readonly string[]): string[] {
  const words = name.split('-');
  if (words.length < 2) return [];
  return known.filter((id) => id.startsWith(`${words[0]}-`) && id.endsWith(`-${words.at(-1)}`));
}
