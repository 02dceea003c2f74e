import { ID, Resolver, Root, Subscription } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { CandidateRecord, RunRecord } from '../../../app/ports/records';
import { InputError } from '../../../core/errors';
import type { GraphqlContext } from '../context';
import { candidateEvaluated } from '../subscriptions/candidate-evaluated';
import { planProgress } from '../subscriptions/plan-progress';
import { Candidate } from '../types/candidate';
import { PlanRun } from '../types/plan';
import { parseId } from '../values/ids';
import { toCandidate } from '../values/to-candidate';
import { argumentWithDefault, type Maybe, optionalArgument } from './arguments';
import { planById } from './plan-resolver';
import { runById } from './run-resolver';

interface OfRun {
  readonly planId?: string | null;
  readonly runId?: string | null;
}

const PLAN_ID = 'UUID of a plan: its newest run at this time. Give this or runId.';
const RUN_ID = 'UUID of a run. Give this or planId.';

@Resolver()
export class SubscriptionResolver {
  @Subscription(() => PlanRun, {
    description:
      'The run as it is now, then after each change; ends when it is finished. A slow client gets the newest state only.',
    subscribe: async ({ args, context }) => planProgress(await runOf(args as OfRun, context), context),
  })
  planProgress(
    @Root() run: RunRecord,
    @optionalArgument('planId', () => ID, PLAN_ID) _planId: Maybe<string>,
    @optionalArgument('runId', () => ID, RUN_ID) _runId: Maybe<string>,
  ): RunRecord {
    return run;
  }

  @Subscription(() => Candidate, {
    description:
      'Every candidate with an answer, each once: those stored already, then each as it is stored; ends when the run is finished.',
    subscribe: async ({ args, context }) => {
      const { onlyFeasible } = args as { readonly onlyFeasible: boolean };
      const isWanted = (candidate: CandidateRecord) => !onlyFeasible || isFeasible(candidate);
      return candidateEvaluated(await runOf(args as OfRun, context), isWanted, context);
    },
  })
  candidateEvaluated(
    @Root() candidate: CandidateRecord,
    @optionalArgument('planId', () => ID, PLAN_ID) _planId: Maybe<string>,
    @optionalArgument('runId', () => ID, RUN_ID) _runId: Maybe<string>,
    @argumentWithDefault(
      'onlyFeasible',
      () => Boolean,
      false,
      'Only candidates that meet every target: FEASIBLE or CAPPED.',
    )
    _onlyFeasible: boolean,
  ): Candidate {
    return toCandidate(candidate);
  }
}

const isFeasible = ({ status }: CandidateRecord): boolean => status === 'FEASIBLE' || status === 'CAPPED';

/** The run that is meant, if the caller's workspace has it. */
async function runOf({ planId, runId }: OfRun, context: GraphqlContext): Promise<string> {
  if (!planId === !runId) {
    throw new InputError({
      source: 'query',
      path: 'planId',
      found: planId ? 'both planId and runId' : 'neither planId nor runId',
      allowed: 'one of the two',
    });
  }
  if (runId) return (await runById(parseId(runId, 'runId'), context)).id;
  const plan = await planById(parseId(planId ?? '', 'planId'), context);
  const run = await context.loaders.latestRuns.load(plan.id);
  if (run === null) throw new NotFoundError('run of plan', plan.id);
  return run.id;
}
