import type { Deployment } from '../engine/deployment';
import type { Enumerated } from './enumerate';
import type { PlanRequest } from './request';
import type { CandidateResult } from './result';

/**
 * For `min_cost`, the number of replicas is solved: of each deployment the smallest number that sustains the target.
 * Given what is known so far, the deployments to evaluate next; none when every one is solved (or cannot be).
 *
 * Replicas share the load evenly, so QPS is nearly proportional to their number, and from one evaluated number the
 * solution is a step or two away.
 */
export function solveReplicas(request: PlanRequest, candidates: readonly CandidateResult[]): Enumerated[] {
  const { kind, targetQps } = request.objective;
  if (kind !== 'min_cost' || targetQps === null) return [];
  const groups = new Map<string, CandidateResult[]>();
  for (const c of candidates) {
    const key = JSON.stringify({ ...c.deployment, numReplicas: 0 } satisfies Deployment);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [c]);
    else group.push(c);
  }
  let configId = candidates.reduce((most, c) => Math.max(most, c.configId), 0);
  const next: Enumerated[] = [];
  for (const group of groups.values()) {
    const numReplicas = nextReplicas(group, targetQps);
    if (numReplicas === null) continue;
    next.push({ configId: ++configId, deployment: { ...group[0]!.deployment, numReplicas }, invalid: null });
  }
  return next;
}

/** Replicas to try next, or null: the smallest sufficient number is known, or nothing can be said. */
function nextReplicas(group: readonly CandidateResult[], targetQps: number): number | null {
  const tried = new Set(group.map((c) => c.deployment.numReplicas));
  const enough = group
    .filter((c) => c.maxQps !== null && c.maxQps >= targetQps)
    .map((c) => c.deployment.numReplicas);
  const short = group.filter((c) => isShort(c, targetQps)).map((c) => c.deployment.numReplicas);
  const least = Math.min(...enough);
  const most = Math.max(0, ...short);
  if (least - most <= 1) return null;
  const guess = guessReplicas(group, targetQps);
  if (least === Number.POSITIVE_INFINITY) {
    if (guess === null) return null;
    const next = Math.max(guess, most + 1);
    // Neither enough nor short: over the budget, for one. More replicas would be too.
    return tried.has(next) ? null : next;
  }
  return guess !== null && guess > most && guess < least ? guess : Math.floor((least + most) / 2);
}

/** Fewer replicas than this certainly do not do. */
const isShort = (c: CandidateResult, targetQps: number): boolean =>
  (c.maxQps !== null && c.maxQps < targetQps) || c.status === 'INFEASIBLE';

function guessReplicas(group: readonly CandidateResult[], targetQps: number): number | null {
  const known = group.filter((c) => c.status === 'FEASIBLE' || c.status === 'BELOW_MIN_QPS');
  const perReplica = Math.max(0, ...known.map((c) => c.maxQps! / c.deployment.numReplicas));
  return perReplica > 0 ? Math.ceil(targetQps / perReplica) : null;
}
