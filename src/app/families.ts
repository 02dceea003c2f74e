import type { Deployment } from '../core/engine/deployment';
import { inSearchOrder } from '../core/search/evaluate-family';
import type { Family, FamilyMember } from '../core/search/family';
import type { PreparedCandidate } from './prepare-candidates';

/**
 * Most members of one family. A family is evaluated in one go and, by the service, saved in one transaction: what is
 * lost with a machine is at most that much work, a few seconds of it for common plans.
 */
const FAMILY_SIZE_MAX = 16;

/**
 * The units of work of a plan: candidates that share GPU type, parallelism and scheduler, cut where there are many.
 * The cut depends on the candidates alone, so that every way of running a plan gives the same results.
 */
export function familiesOf(prepared: readonly PreparedCandidate[]): Family[] {
  const families = new Map<string, Omit<Family, 'members'> & { members: FamilyMember[] }>();
  for (const p of prepared) {
    if (p.settled !== null) continue;
    const key = keyOf(p.deployment);
    const member = { configId: p.configId, deployment: p.deployment, memory: p.memory };
    const family = families.get(key);
    if (family === undefined) families.set(key, { ...p.family, members: [member] });
    else family.members.push(member);
  }
  return [...families.values()].flatMap(cut);
}

const keyOf = ({ gpuId, tensorParallel, pipelineParallel, scheduler }: Deployment): string =>
  `${gpuId} ${tensorParallel} ${pipelineParallel} ${scheduler}`;

function cut({ members, ...shared }: Family): Family[] {
  const ordered = inSearchOrder(members);
  const pieces: Family[] = [];
  for (let start = 0; start < ordered.length; start += FAMILY_SIZE_MAX)
    pieces.push({ ...shared, members: ordered.slice(start, start + FAMILY_SIZE_MAX) });
  return pieces;
}
