import { choose } from '../../core/search/choose';
import type { CandidateResult } from '../../core/search/result';
import { solveReplicas } from '../../core/search/solve-replicas';
import type { ClaimedTask, RunStore, TaskMember } from '../ports/run-store';
import { finishCandidate } from '../prepare-candidates';
import { type OpenedRun, type OpenRuns, roundOf } from './open-run';

/**
 * Chooses among what a run has found, or lists a further round of candidates. A run told to stop is ended with what it
 * has. `task` is null when nobody was sent to do it: the run is stopping then.
 */
export async function concludeRun(
  { store, runs }: { readonly store: RunStore; readonly runs: OpenRuns },
  runId: string,
  task: ClaimedTask | null,
): Promise<void> {
  const run = await runs.open(runId);
  if (run === null) return;
  const { work, prepare } = run;
  const { candidates, undone, stopping } = await store.candidatesSoFar(runId, work.request);
  if (!stopping && (task === null || undone.length > 0)) return;
  const next = stopping || task === null ? [] : solveReplicas(work.request, candidates);
  if (task !== null && next.length > 0) {
    await store.addRound(task, roundOf(next.map(prepare.candidate)));
    return;
  }
  const left = undone.map((member) => notEvaluated(member, run));
  const choice = choose([...candidates, ...left], work.request.objective);
  await store.finish(runId, { choice, left });
  runs.close(runId);
}

function notEvaluated(member: TaskMember, { prepare, work }: OpenedRun): CandidateResult {
  const prepared = prepare.candidate({ ...member, invalid: null });
  return prepared.settled ?? finishCandidate(prepared, null, work.request);
}
