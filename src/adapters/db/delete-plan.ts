import { ConflictError } from '../../app/ports/api-errors';
import { isFinished, type RunStatus } from '../../app/ports/records';
import type { WriteStore } from '../../app/ports/write-store';
import type { Database } from './connect';

/** Runs, candidates, curves and frontiers go with their plan; its request goes when no other plan asks it. */
export function createPlanDeletion({ sql }: Database): Pick<WriteStore, 'deletePlan'> {
  return {
    deletePlan: (workspaceId, id) =>
      sql.begin(async (tx) => {
        // Both rows stay locked: no run is added to the plan and no plan to the request meanwhile.
        const [plan] = await tx<{ plan_request_id: string; archived_at: Date | null }[]>`
          SELECT plan_request_id, archived_at FROM plans
          WHERE id = ${id} AND workspace_id = ${workspaceId} FOR UPDATE`;
        if (plan === undefined) return false;
        if (plan.archived_at === null)
          throw new ConflictError('the plan is not archived', 'archive it first');
        const runs = await tx<{ status: RunStatus }[]>`
          SELECT status FROM plan_runs WHERE plan_id = ${id} FOR UPDATE`;
        if (!runs.every(({ status }) => isFinished(status)))
          throw new ConflictError('a run of the plan is not finished', 'cancel it, or wait for its end');
        await tx`SELECT FROM plan_requests WHERE id = ${plan.plan_request_id} FOR UPDATE`;
        await tx`DELETE FROM plans WHERE id = ${id}`;
        await tx`
          DELETE FROM plan_requests q WHERE q.id = ${plan.plan_request_id}
            AND NOT EXISTS (SELECT FROM plans p WHERE p.plan_request_id = q.id)`;
        return true;
      }),
  };
}
