import { SHARED_WORKSPACE_ID } from '../../../app/ports/records';
import type { EvaluatedTask, Round, RunStore } from '../../../app/ports/run-store';
import type { TaskQueue } from '../../../app/ports/task-queue';
import type { UsedProfile } from '../../../app/prepare-candidates';
import type { CandidateResult } from '../../../core/search/result';
import { writeCandidates } from '../write-candidates';
import { addTasks, finishTask } from './tasks';
import { executeIn, notify, type Sql, type Tx, transact } from './transact';

/** Saving what tasks find. Each save locks its run's row first: saves of one run go one after the other, and none comes after its end. */
export function worker(
  sql: Sql,
  queue: TaskQueue,
): Pick<RunStore, 'savePrepared' | 'saveEvaluated' | 'addRound' | 'finish' | 'fail'> {
  return {
    savePrepared: (task, { round, profiles, calibrationIds, notes, warnings }) =>
      transact(sql, async (tx) => {
        const run = await lockRun(tx, task.runId);
        if (run?.status !== 'queued' || !(await finishTask(tx, queue, task))) return;
        await tx`
          UPDATE plan_runs SET status = 'running', started_at = now(), done_task_count = done_task_count + 1,
            notes = ${notes as string[]}, warnings = ${warnings as string[]} WHERE id = ${run.id}`;
        await addRunProfiles(tx, run, profiles);
        await tx`
          DELETE FROM plan_run_calibrations
          WHERE run_id = ${run.id} AND calibration_id <> ALL(${calibrationIds as string[]}::uuid[])`;
        await addRoundTo(tx, queue, run, round);
      }),

    saveEvaluated: (task, evaluated) =>
      transact(sql, async (tx) => {
        const run = await lockRun(tx, task.runId);
        if (run?.status !== 'running' || !(await finishTask(tx, queue, task))) return false;
        await saveEvaluatedIn(tx, queue, run, evaluated);
        return true;
      }),

    addRound: (task, round) =>
      transact(sql, async (tx) => {
        const run = await lockRun(tx, task.runId);
        if (run?.status !== 'running' || !(await finishTask(tx, queue, task))) return;
        await tx`UPDATE plan_runs SET done_task_count = done_task_count + 1 WHERE id = ${run.id}`;
        await addRoundTo(tx, queue, run, round);
      }),

    finish: (runId, { choice, left }) =>
      transact(sql, async (tx) => {
        const run = await lockRun(tx, runId);
        if (run === null || run.finished) return;
        await writeCandidates(tx, left, idsOf(run));
        await tx`
          INSERT INTO frontier_points (run_id, position, config_id)
          SELECT ${runId}, f.position, f.config_id
          FROM unnest(${choice.frontier as number[]}::int[]) WITH ORDINALITY AS f(config_id, position)`;
        await closeTasks(tx, queue, runId);
        await tx`
          UPDATE plan_runs SET
            status = CASE WHEN stop_reason IS NULL THEN 'completed' WHEN stop_reason = 'cancelled' THEN 'cancelled' ELSE 'stopped' END::run_status,
            finished_at = now(), done_task_count = task_count,
            best_config_id = ${choice.best}, budget_config_id = ${choice.budget}, premium_config_id = ${choice.premium},
            tied_config_ids = ${choice.tied as number[]}
          WHERE id = ${runId}`;
        await notify(tx, { kind: 'progress', runId });
      }),

    fail: (runId, error) =>
      transact(sql, async (tx) => {
        const run = await lockRun(tx, runId);
        if (run === null || run.finished) return;
        await closeTasks(tx, queue, runId);
        await tx`
          UPDATE plan_runs SET status = 'failed', error = ${error}, finished_at = now(), done_task_count = task_count
          WHERE id = ${runId}`;
        await notify(tx, { kind: 'progress', runId });
        await notify(tx, { kind: 'stop', runId });
      }),
  };
}

interface LockedRun {
  readonly id: string;
  readonly workspace_id: string;
  readonly status: string;
  readonly finished: boolean;
  readonly priority: 'low' | 'normal' | 'high';
  readonly simulations_max: number | null;
}

const idsOf = (run: LockedRun) => ({ runId: run.id, workspaceId: run.workspace_id });

async function lockRun(tx: Tx, runId: string): Promise<LockedRun | null> {
  const [run] = await tx<LockedRun[]>`
    SELECT r.id, r.workspace_id, r.status, r.finished_at IS NOT NULL AS finished, p.priority, p.simulations_max
    FROM plan_runs r JOIN plans p ON p.id = r.plan_id WHERE r.id = ${runId} FOR UPDATE OF r`;
  return run ?? null;
}

async function saveEvaluatedIn(
  tx: Tx,
  queue: TaskQueue,
  run: LockedRun,
  { candidates, simulations, simulationS }: EvaluatedTask,
): Promise<void> {
  await writeCandidates(tx, candidates, idsOf(run));
  const [after] = await tx<{ all_done: boolean; over_budget: boolean }[]>`
    UPDATE plan_runs SET
      done_task_count = done_task_count + 1,
      evaluated_count = evaluated_count + ${candidates.length},
      failed_count = failed_count + ${count(candidates, (c) => c.status === 'FAILED')},
      feasible_count = feasible_count + ${count(candidates, isFeasible)},
      simulations = simulations + ${simulations},
      simulation_s = simulation_s + ${simulationS}
    WHERE id = ${run.id}
    RETURNING done_task_count = task_count AS all_done, simulations >= ${run.simulations_max} AS over_budget`;
  if (after!.all_done) await addTasks(tx, queue, run, [{ kind: 'conclude', members: null }]);
  else if (after!.over_budget) await stopIn(tx, queue, run.id, 'simulations');
  await tell(tx, run.id, candidates);
}

/** Tells a run to stop; a worker concludes it. */
export async function stopIn(
  tx: Tx,
  queue: TaskQueue,
  runId: string,
  reason: 'cancelled' | 'deadline' | 'simulations',
): Promise<boolean> {
  const [run] = await tx<{ id: string; priority: 'low' | 'normal' | 'high' }[]>`
    UPDATE plan_runs r SET status = 'stopping', stop_reason = ${reason}
    FROM plans p WHERE r.id = ${runId} AND p.id = r.plan_id AND r.status IN ('queued', 'running')
    RETURNING r.id, p.priority`;
  if (run === undefined) return false;
  await addTasks(tx, queue, run, [{ kind: 'conclude', members: null }]);
  await notify(tx, { kind: 'stop', runId });
  await notify(tx, { kind: 'progress', runId });
  return true;
}

async function addRoundTo(
  tx: Tx,
  queue: TaskQueue,
  run: LockedRun,
  { settled, families }: Round,
): Promise<void> {
  const total = families.reduce((sum, family) => sum + family.length, settled.length);
  await tx`
    UPDATE plan_runs SET candidate_count = candidate_count + ${total}, evaluated_count = evaluated_count + ${settled.length}
    WHERE id = ${run.id}`;
  await writeCandidates(tx, settled, idsOf(run));
  const evaluations = families.map((members) => ({ kind: 'evaluate' as const, members }));
  const tasks = families.length > 0 ? evaluations : [{ kind: 'conclude' as const, members: null }];
  await addTasks(tx, queue, run, tasks);
  await tell(tx, run.id, settled);
}

/** A notification holds 8,000 bytes at most. */
const IDS_MAX = 500;

async function tell(tx: Tx, runId: string, candidates: readonly CandidateResult[]): Promise<void> {
  for (let start = 0; start < candidates.length; start += IDS_MAX) {
    const configIds = candidates.slice(start, start + IDS_MAX).map((c) => c.configId);
    await notify(tx, { kind: 'candidates', runId, configIds });
  }
  await notify(tx, { kind: 'progress', runId });
}

/** Tasks of a run that has ended are of no use to anybody. */
async function closeTasks(tx: Tx, queue: TaskQueue, runId: string): Promise<void> {
  const closed = await tx<{ job_id: string }[]>`
    UPDATE plan_tasks SET done = true, worker_id = NULL, finished_at = now()
    WHERE run_id = ${runId} AND NOT done RETURNING job_id`;
  await queue.complete(
    closed.map((task) => task.job_id),
    executeIn(tx),
  );
}

/** Library profiles are named by their library id, those of the user by their row's. */
async function addRunProfiles(tx: Tx, run: LockedRun, profiles: readonly UsedProfile[]): Promise<void> {
  if (profiles.length === 0) return;
  const rows = profiles.map((p) => ({
    gpu_id: p.gpuId,
    tensor_parallel: p.tensorParallel,
    profile: p.profileId,
    scaled: p.scaled,
  }));
  await tx`
    INSERT INTO plan_run_profiles (run_id, gpu_id, tensor_parallel, profile_id, scaled)
    SELECT ${run.id}, u.gpu_id, u.tensor_parallel,
      coalesce(
        (SELECT p.id FROM profiles p WHERE p.workspace_id = ${run.workspace_id} AND p.name || '@' || p.version = u.profile),
        (SELECT p.id FROM profiles p WHERE p.workspace_id = ${SHARED_WORKSPACE_ID} AND p.name = u.profile ORDER BY p.version DESC LIMIT 1)),
      u.scaled
    FROM jsonb_to_recordset(${tx.json(rows)}) AS u(gpu_id text, tensor_parallel int, profile text, scaled boolean)`;
}

const count = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length;

const isFeasible = (c: CandidateResult): boolean => c.status === 'FEASIBLE' || c.status === 'CAPPED';
