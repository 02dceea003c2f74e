import type { Catalog } from '../core/catalog/catalog';
import type { Gpu } from '../core/catalog/gpu';
import type { ModelSpec } from '../core/catalog/model';
import type { Deployment, Overhead } from '../core/engine/deployment';
import { activationTokens, resolveDeployment, resolveOverhead } from '../core/engine/engine-defaults';
import { planMemory } from '../core/engine/memory';
import type { SimulateRequest } from '../core/engine/request';
import { InputError } from '../core/errors';
import { type FittedProfile, fitProfile } from '../core/profile/fit-profile';
import type { Profile } from '../core/profile/profile';
import { scaleProfile } from '../core/profile/scale-profile';
import { type ProfileChoice, selectProfile } from '../core/profile/select';
import { whyInvalid } from '../core/search/enumerate';
import type { MemoryPlan } from '../core/search/result';
import { lintOf, refuseFlawed, subjectOf } from './check-profile';
import { listLibrary, loadLibraryProfile, resolveProfileRef } from './library';

export interface ServingInput {
  readonly request: Pick<SimulateRequest, 'profile' | 'modelId' | 'deployment' | 'overhead'>;
  /** Null: the one that the request names, from the library or a file; or the library's for its model. */
  readonly profile?: Profile | null;
  /** Prompt and output of the longest request to be served, tokens. */
  readonly longestRequestTokens: number;
  /** The file, or whatever names the request in errors. */
  readonly source: string;
  readonly catalog: Catalog;
  /** Simulate on a profile in which the lint finds errors. */
  readonly acceptProfileErrors: boolean;
  /** How the caller says so, for the error about such a profile. */
  readonly acceptOption: string;
}

/** One deployment, ready to be simulated: every setting resolved. */
export interface Serving {
  readonly deployment: Deployment;
  readonly gpu: Gpu;
  readonly model: ModelSpec;
  readonly memory: MemoryPlan;
  readonly overhead: Overhead;
  /** The profile as named; and scaled to the deployment where they differ, with its fit. */
  readonly named: Profile;
  readonly profile: Profile;
  readonly fit: FittedProfile;
  /** What a reader must know of the profile, one sentence each. */
  readonly notes: readonly string[];
}

/** Resolves one deployment. Throws an InputError for what no engine would start. */
export function prepareServing(input: ServingInput): Serving {
  const { request, source, catalog } = input;
  const { profile: named, chosen } = namedProfile(input);
  if (!input.acceptProfileErrors) refuseFlawed(named, catalog, input.acceptOption);
  const gpu = catalog.gpus.find((g) => g.id === request.deployment.gpuId)!;
  const { model } = subjectOf(named, catalog);
  const deployment = deploymentOf(input, model);
  const { profile, notes } = profileFor(named, { gpu, model, deployment, catalog });
  return {
    deployment,
    gpu,
    model,
    memory: memoryOf({ source, gpu, model, deployment, named, scaled: profile !== named }),
    overhead: resolveOverhead(request.overhead, named, model),
    named,
    profile,
    fit: fitProfile(profile, { gpu, model }),
    notes: [...chosen, ...notes],
  };
}

/** The profile to simulate on; `chosen` says which, where nobody named one. */
function namedProfile({ request, profile, source, catalog }: ServingInput): {
  readonly profile: Profile;
  readonly chosen: readonly string[];
} {
  const { modelId } = request;
  const resolved = (ref: string) =>
    resolveProfileRef({ ref, folder: process.cwd(), where: { source, path: 'profile' } }, catalog);
  const named = profile ?? (request.profile === null ? null : resolved(request.profile));
  if (named === null) return libraryProfile(request, source, catalog);
  if (modelId === null || modelId === named.modelId) return { profile: named, chosen: [] };
  throw new InputError({
    source,
    path: 'model',
    found: modelId,
    allowed: `${named.modelId}, the model of the profile`,
    hint: 'leave one of the two out',
  });
}

/** The library's profile for a deployment, as a plan chooses it. */
export const libraryChoice = (
  { modelId, deployment }: Pick<SimulateRequest, 'modelId' | 'deployment'>,
  catalog: Catalog,
): ProfileChoice | null =>
  selectProfile({
    gpu: catalog.gpus.find(({ id }) => id === deployment.gpuId)!,
    model: catalog.models.find(({ id }) => id === modelId)!,
    tensorParallel: deployment.tensorParallel,
    userProfiles: [],
    library: listLibrary(),
    gpus: catalog.gpus,
  });

function libraryProfile(
  request: ServingInput['request'],
  source: string,
  catalog: Catalog,
): ReturnType<typeof namedProfile> {
  const { modelId } = request;
  const choice = libraryChoice(request, catalog);
  if (choice === null) {
    throw new InputError({
      source,
      path: 'model',
      found: `${modelId}, of which the library has no profile`,
      allowed: 'a model with a profile',
      hint: 'name a profile of it',
    });
  }
  const profile = loadLibraryProfile(choice.profileId, catalog);
  return { profile, chosen: [`profile: not given, taken as ${choice.why}.`] };
}

function deploymentOf({ request, source, longestRequestTokens }: ServingInput, model: ModelSpec): Deployment {
  const deployment = resolveDeployment(request.deployment, { model, longestRequestTokens });
  const invalid = whyInvalid(deployment, model);
  if (invalid === null) return deployment;
  throw new InputError({
    source,
    path: 'deployment',
    found: invalid,
    allowed: 'settings an engine starts with',
  });
}

/** The profile itself, or scaled to the deployment's GPU and degree, with what to say about it. */
function profileFor(
  named: Profile,
  to: { gpu: Gpu; model: ModelSpec; deployment: Deployment; catalog: Catalog },
): { profile: Profile; notes: string[] } {
  const { gpu, model, deployment, catalog } = to;
  const { tensorParallel } = deployment;
  const findings = lintOf(named, catalog).filter((finding) => finding.severity !== 'info');
  const notes = [
    ...(named.origin === 'user' ? named.notes : []),
    ...findings.map((f) => `${named.id}: ${f.severity}: ${f.message}; ${f.fix}`),
  ];
  if (named.gpuId === gpu.id && named.tensorParallel === tensorParallel) return { profile: named, notes };
  const from = subjectOf(named, catalog).gpu;
  const scaled =
    `the profile is of ${named.gpuId} at tensor-parallel ${named.tensorParallel}: its times are scaled to ` +
    `${gpu.id} at tensor-parallel ${tensorParallel}, an estimate`;
  return { profile: scaleProfile(named, model, from, { gpu, tensorParallel }), notes: [scaled, ...notes] };
}

function memoryOf(of: {
  source: string;
  gpu: Gpu;
  model: ModelSpec;
  deployment: Deployment;
  named: Profile;
  scaled: boolean;
}): MemoryPlan {
  const { deployment, named } = of;
  const answer = planMemory({
    gpu: of.gpu,
    model: of.model,
    tensorParallel: deployment.tensorParallel,
    pipelineParallel: deployment.pipelineParallel,
    settings: { ...deployment, maxBatchedTokens: activationTokens(deployment) },
    profileMemory: of.scaled || deployment.pipelineParallel > 1 ? null : named.memory,
    weightBytesPerParam: named.weightBytesPerParam,
  });
  if (answer.ok) return answer.plan;
  throw new InputError({
    source: of.source,
    path: 'deployment',
    found: answer.reason,
    allowed: 'a deployment whose weights and KV cache fit its GPUs',
    hint: 'raise tensor_parallel or take a larger GPU',
  });
}
