import type { PlanPriority } from '../../../app/ports/records';
import type { NewPlan, RunStore, RunVersions } from '../../../app/ports/run-store';
import type { TaskQueue } from '../../../app/ports/task-queue';
import { fromPlanRow, fromRunRow, type PlanRow, type RunRow } from '../plan-rows';
import { addTasks } from './tasks';
import { type Sql, type Tx, transact } from './transact';

export function launcher(sql: Sql, queue: TaskQueue): Pick<RunStore, 'launch' | 'rerun'> {
  return {
    launch: (plan, versions) =>
      transact(sql, async (tx) => {
        const before = await launchedBefore(tx, plan);
        if (before !== null) return before;
        const [row] = await tx<PlanRow[]>`
          INSERT INTO plans ${tx({
            workspace_id: plan.workspaceId,
            plan_request_id: await requestId(tx, plan),
            model_id: plan.modelId,
            name: plan.name,
            idempotency_key: plan.idempotencyKey,
            launch_hash: plan.launchHash,
            priority: plan.priority,
            deadline_s: plan.deadlineS,
            simulations_max: plan.simulationsMax,
            use_calibrations: plan.useCalibrations,
            accept_profile_errors: plan.acceptProfileErrors,
            created_by_id: plan.createdById,
          })} ON CONFLICT (workspace_id, idempotency_key) DO NOTHING RETURNING *`;
        // Two launches with one key at once: the other one's row is there now.
        if (row === undefined) return (await launchedBefore(tx, plan))!;
        if (plan.profileIds.length > 0) {
          await tx`INSERT INTO plan_profiles (plan_id, position, profile_id)
            SELECT ${row.id}, p.position, p.id FROM unnest(${plan.profileIds as string[]}::uuid[]) WITH ORDINALITY AS p(id, position)`;
        }
        const run = await addRun(tx, queue, row, versions);
        return { plan: fromPlanRow(row), run, created: true, sameLaunch: true };
      }),

    rerun: (workspaceId, planId, versions) =>
      transact(sql, async (tx) => {
        // The lock gives two reruns at once different numbers.
        const [plan] = await tx<PlanRow[]>`
          SELECT * FROM plans WHERE id = ${planId} AND workspace_id = ${workspaceId} FOR UPDATE`;
        if (plan === undefined) return null;
        const [unfinished] = await tx<{ number: number }[]>`
          SELECT number FROM plan_runs WHERE plan_id = ${planId} AND finished_at IS NULL`;
        return unfinished === undefined
          ? addRun(tx, queue, plan, versions)
          : { unfinished: unfinished.number };
      }),
  };
}

async function launchedBefore(tx: Tx, { workspaceId, idempotencyKey, launchHash }: NewPlan) {
  if (idempotencyKey === null) return null;
  const [plan] = await tx<(PlanRow & { launch_hash: string })[]>`
    SELECT * FROM plans WHERE workspace_id = ${workspaceId} AND idempotency_key = ${idempotencyKey}`;
  if (plan === undefined) return null;
  const [run] = await tx<RunRow[]>`
    SELECT * FROM plan_runs WHERE plan_id = ${plan.id} ORDER BY number DESC LIMIT 1`;
  return {
    plan: fromPlanRow(plan),
    run: fromRunRow(run!),
    created: false,
    sameLaunch: plan.launch_hash === launchHash,
  };
}

/** The same question is stored once. */
async function requestId(tx: Tx, plan: NewPlan): Promise<string> {
  const { workspaceId, requestHash } = plan;
  const [added] = await tx<{ id: string }[]>`
    INSERT INTO plan_requests ${tx({
      workspace_id: workspaceId,
      content_hash: requestHash,
      model_id: plan.modelId,
      document: tx.json(plan.document as never),
      request: tx.json(plan.request as never),
      assumptions: plan.assumptions as string[],
    })} ON CONFLICT (workspace_id, content_hash) DO NOTHING RETURNING id`;
  if (added === undefined) {
    // Kept from being deleted with the last plan that uses it. Deleted already: it is written again.
    const [known] = await tx<{ id: string }[]>`
      SELECT id FROM plan_requests WHERE workspace_id = ${workspaceId} AND content_hash = ${requestHash} FOR KEY SHARE`;
    return known?.id ?? requestId(tx, plan);
  }
  for (const traceId of plan.traceIds)
    await tx`INSERT INTO plan_request_traces (plan_request_id, trace_id) VALUES (${added.id}, ${traceId})`;
  return added.id;
}

async function addRun(tx: Tx, queue: TaskQueue, plan: PlanRow, versions: RunVersions) {
  const [run] = await tx<RunRow[]>`
    INSERT INTO plan_runs (plan_id, workspace_id, model_id, number, engine_version, catalog_version, price_book_id, tied_config_ids, notes, warnings, deadline_at)
    SELECT ${plan.id}, ${plan.workspace_id}, ${plan.model_id},
      (SELECT coalesce(max(number), 0) + 1 FROM plan_runs WHERE plan_id = ${plan.id}),
      ${versions.engineVersion}, ${versions.catalogVersion}, ${versions.priceBookId}, '{}', '{}', '{}',
      now() + make_interval(secs => ${plan.deadline_s})
    RETURNING *`;
  if (versions.calibrationIds.length > 0) {
    await tx`INSERT INTO plan_run_calibrations (run_id, calibration_id)
      SELECT ${run!.id}, unnest(${versions.calibrationIds as string[]}::uuid[])`;
  }
  const priority = plan.priority as PlanPriority;
  await addTasks(tx, queue, { id: run!.id, priority }, [{ kind: 'prepare', members: null }]);
  return fromRunRow(run!);
}
