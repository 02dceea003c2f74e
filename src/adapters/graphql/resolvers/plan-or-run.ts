import { NotFoundError } from '../../../app/ports/api-errors';
import type { RunRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { resultRunOf } from './run-results';

/** The run of this id, or the run that the results of the plan of this id are of. */
export async function runOfPlanOrRun(id: string, { loaders }: GraphqlContext): Promise<RunRecord> {
  const [run, plan] = await Promise.all([loaders.runs.load(id), loaders.plans.load(id)]);
  if (run !== null) return run;
  if (plan === null) throw new NotFoundError('plan or run', id);
  const result = resultRunOf(await loaders.runsOfPlans.load(plan.id));
  if (result === null) throw new NotFoundError('run with candidates of plan', id);
  return result;
}
