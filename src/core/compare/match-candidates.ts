import type { Deployment } from '../engine/deployment';
import type { CandidateResult } from '../search/result';

export type MatchKind =
  /** The same deployment, to the last setting. */
  | 'deployment'
  /** The same GPUs, arrangement, scheduler and batch size; other engine settings, e.g. a longer `max_model_len`. */
  | 'settings'
  /** The same arrangement on another GPU type. */
  | 'gpu';

export interface Match {
  readonly kind: MatchKind;
  readonly from: CandidateResult;
  readonly to: CandidateResult;
}

export interface Matching {
  /** In the order of the first plan. */
  readonly matches: readonly Match[];
  readonly onlyFrom: readonly CandidateResult[];
  readonly onlyTo: readonly CandidateResult[];
}

/**
 * Pairs the candidates of two plans: those of the same deployment, then, of what is left, those that are each the only one
 * of their kind in both plans when less is asked for.
 */
export function matchCandidates(from: readonly CandidateResult[], to: readonly CandidateResult[]): Matching {
  let [leftFrom, leftTo] = [from, to];
  const matches: Match[] = [];
  for (const [kind, keyOf] of KEYS) {
    const [those, others] = [onlyOnes(leftFrom, keyOf), onlyOnes(leftTo, keyOf)];
    const matched = new Set<CandidateResult>();
    for (const [key, candidate] of those) {
      const other = others.get(key);
      if (candidate === null || other === undefined || other === null) continue;
      matches.push({ kind, from: candidate, to: other });
      matched.add(candidate).add(other);
    }
    leftFrom = leftFrom.filter((c) => !matched.has(c));
    leftTo = leftTo.filter((c) => !matched.has(c));
  }
  return {
    matches: matches.sort((a, b) => a.from.configId - b.from.configId),
    onlyFrom: leftFrom,
    onlyTo: leftTo,
  };
}

const arrangement = (d: Deployment) =>
  `${d.tensorParallel} ${d.pipelineParallel} ${d.numReplicas} ${d.scheduler} ${d.maxBatchSize}`;
const settings = (d: Deployment) =>
  `${d.maxBatchedTokens} ${d.chunkTokens} ${d.blockTokens} ${d.watermark} ${d.gpuMemoryUtilization} ${d.maxModelTokens} ${d.routing} ${d.numGpuBlocks}`;

const KEYS: readonly (readonly [MatchKind, (d: Deployment) => string])[] = [
  ['deployment', (d) => `${d.gpuId} ${arrangement(d)} ${settings(d)}`],
  ['settings', (d) => `${d.gpuId} ${arrangement(d)}`],
  ['gpu', (d) => `${arrangement(d)} ${settings(d)}`],
  ['gpu', arrangement],
];

/** Candidates by key; null where several have it. */
function onlyOnes(
  candidates: readonly CandidateResult[],
  keyOf: (d: Deployment) => string,
): Map<string, CandidateResult | null> {
  const found = new Map<string, CandidateResult | null>();
  for (const c of candidates) {
    const key = keyOf(c.deployment);
    found.set(key, found.has(key) ? null : c);
  }
  return found;
}
