import type { ModelSpec } from '../catalog/model';
import type { Profile } from '../profile/profile';
import type { LengthDistribution, Workload } from '../workload/workload';
import type { Deployment, Overhead } from './deployment';
import type { DeploymentDraft } from './request';

/** Settings that a person who did not give them would have in production; every one is shown in the report. */
export function resolveDeployment(
  draft: DeploymentDraft,
  context: { model: ModelSpec; longestRequestTokens: number },
): Deployment {
  const { scheduler, maxBatchSize } = draft;
  const maxModelTokens =
    draft.maxModelTokens ??
    Math.min(context.model.maxContextTokens, powerOfTwoAtLeast(context.longestRequestTokens));
  return {
    gpuId: draft.gpuId,
    tensorParallel: draft.tensorParallel,
    pipelineParallel: draft.pipelineParallel,
    numReplicas: draft.numReplicas,
    scheduler,
    maxBatchSize,
    maxModelTokens,
    maxBatchedTokens: draft.maxBatchedTokens ?? defaultBatchedTokens(scheduler, maxBatchSize, maxModelTokens),
    chunkTokens: draft.chunkTokens ?? Math.max(512, maxBatchSize),
    blockTokens: draft.blockTokens ?? 16,
    watermark: draft.watermark ?? 0.01,
    gpuMemoryUtilization: draft.gpuMemoryUtilization ?? 0.9,
    routing: draft.routing ?? 'round_robin',
    numGpuBlocks: draft.numGpuBlocks,
  };
}

/**
 * vLLM serves with 2,048 tokens a batch by default; its first engine needed at least the longest prompt; Orca and
 * FasterTransformer have no such limit, so theirs is one that never binds. Sarathi's batch is its chunk.
 */
function defaultBatchedTokens(
  scheduler: Deployment['scheduler'],
  maxBatchSize: number,
  maxModelTokens: number,
): number {
  switch (scheduler) {
    case 'vllm':
    case 'sarathi':
      return Math.max(2048, maxBatchSize);
    case 'vllm-v0':
      return Math.max(2048, maxModelTokens, maxBatchSize);
    case 'orca':
    case 'faster-transformer':
      return UNLIMITED_TOKENS;
  }
}

/** A token budget that no batch reaches. */
const UNLIMITED_TOKENS = 2 ** 30;

/** Most new tokens of one batch; null where the engine has no such limit. */
export function tokenBudget(d: Deployment): number | null {
  if (d.scheduler === 'sarathi') return d.chunkTokens;
  return d.maxBatchedTokens === UNLIMITED_TOKENS ? null : d.maxBatchedTokens;
}

/** Tokens for which activation memory must be there: the largest batch the engine profiles itself with. */
export function activationTokens(d: Deployment): number {
  if (d.scheduler === 'sarathi') return d.chunkTokens;
  return Math.min(d.maxBatchedTokens, Math.max(2048, d.maxModelTokens));
}

/** CPU, sampler, norms, rotary embedding and activation of one step that kernel sums leave out, ms: once, and per layer. */
const STEP_MS = { base: 0.2, denseLayer: 0.025, expertLayer: 0.005 };

/**
 * Overhead where nothing was given: of each engine step where the profile does not contain it (a profile timed at the
 * engine does), 6 ms per request at the API server, and the first token seen 1.2 steps late.
 *
 * Medians over 20 stages of vLLM 0.15 on H100 (docs/accuracy.md): four models, tensor-parallel 1 to 4. A
 * mixture-of-experts layer is measured as one fused kernel that has routing and activation in it, so less is missing.
 */
export function resolveOverhead(
  given: { readonly [K in keyof Overhead]: Overhead[K] | null },
  profile: Pick<Profile, 'kind'>,
  model: ModelSpec,
): Overhead {
  const layerMs = model.paramsActive < model.paramsTotal ? STEP_MS.expertLayer : STEP_MS.denseLayer;
  return {
    stepMs: given.stepMs ?? (profile.kind === 'measured' ? 0 : layerMs * model.layers + STEP_MS.base),
    requestMs: given.requestMs ?? 6,
    firstTokenExtraSteps: given.firstTokenExtraSteps ?? 1.2,
  };
}

/** Prompt + output tokens that practically no request exceeds: the largest possible, or six standard deviations over the mean. */
export function longestRequestTokens({ lengths }: Workload): number {
  if (lengths.kind === 'trace') {
    const { promptTokens, outputTokens } = lengths.trace;
    return promptTokens.reduce((most, prompt, i) => Math.max(most, prompt + outputTokens[i]!), 0);
  }
  return longest(lengths.prompt) + longest(lengths.output);
}

function longest(d: LengthDistribution): number {
  switch (d.kind) {
    case 'fixed':
      return d.value;
    case 'uniform':
      return d.max;
    case 'empirical':
      return d.values.reduce((most, value) => Math.max(most, value), 0);
    default:
      return Math.ceil(d.mean + 6 * d.std);
  }
}

const powerOfTwoAtLeast = (tokens: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, tokens)));

/** Mean prompt and output tokens: what prices per token are computed with. */
export function meanLengths({ lengths }: Workload): { promptTokens: number; outputTokens: number } {
  if (lengths.kind === 'trace') {
    const { promptTokens, outputTokens } = lengths.trace;
    const mean = (tokens: Int32Array) => tokens.reduce((sum, t) => sum + t, 0) / tokens.length;
    return { promptTokens: mean(promptTokens), outputTokens: mean(outputTokens) };
  }
  return { promptTokens: meanOf(lengths.prompt), outputTokens: meanOf(lengths.output) };
}

function meanOf(d: LengthDistribution): number {
  switch (d.kind) {
    case 'fixed':
      return d.value;
    case 'uniform':
      return (d.min + d.max) / 2;
    case 'empirical': {
      const total = d.weights.reduce((sum, w) => sum + w, 0);
      return d.values.reduce((sum, value, i) => sum + value * d.weights[i]!, 0) / total;
    }
    default:
      return d.mean;
  }
}
