import { requireRole } from '../access';
import type { PlannerApi } from '../ports/api';
import { ConflictError, NotFoundError } from '../ports/api-errors';
import { isFinished } from '../ports/records';
import type { Service } from './service';

export const keepingUses = ({
  reads,
  writes,
}: Service): Pick<PlannerApi, 'setPlanArchived' | 'deletePlan'> => ({
  async setPlanArchived(caller, planId, archived) {
    requireRole(caller, 'planner', 'archive plans');
    await writes.setPlanArchived(caller.workspaceId, planId, archived);
    const [plan] = await reads.plansById(caller.workspaceId, [planId]);
    if (!plan) throw new NotFoundError('plan', planId);
    return plan;
  },

  async deletePlan(caller, planId) {
    requireRole(caller, 'admin', 'delete plans');
    const [plan] = await reads.plansById(caller.workspaceId, [planId]);
    if (!plan) throw new NotFoundError('plan', planId);
    if (plan.archivedAt === null) throw new ConflictError('the plan is not archived', 'archive it first');
    const [run] = await reads.latestRuns([planId]);
    if (run && !isFinished(run.status))
      throw new ConflictError(`run ${run.number} of the plan is not finished`, 'cancel it first');
    await writes.deletePlan(caller.workspaceId, planId);
  },
});
