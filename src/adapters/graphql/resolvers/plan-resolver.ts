import { Ctx, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { PlanRecord, ProfileRecord, RunRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import {
  CandidateFilterInput,
  CandidateOrderInput,
  PlanFilterInput,
  PlanOrderInput,
} from '../inputs/filters';
import { Candidate, CandidateConnection, FrontierPoint } from '../types/candidate';
import { Model } from '../types/catalog';
import { ReportFormat } from '../types/enums';
import { LoadPoint } from '../types/measurements';
import {
  Plan,
  PlanAlternative,
  PlanConnection,
  PlanRequestDocument,
  PlanRun,
  RunProgress,
} from '../types/plan';
import { Profile } from '../types/profiles';
import { parseId } from '../values/ids';
import { After, argument, argumentWithDefault, First, type Maybe, optionalArgument } from './arguments';
import { modelOf } from './catalog-entries';
import { conditionsOf } from './catalog-names';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';
import { ALL_CANDIDATES, CURVE_POINTS, DEFAULT_CANDIDATE_ORDER } from './run-fields';
import * as results from './run-results';

@Resolver()
export class PlanQueryResolver {
  @Query(() => Plan, { description: 'A plan by its id. NOT_FOUND when the workspace has none.' })
  plan(@argument('id', () => ID, 'UUID.') id: string, @Ctx() context: GraphqlContext): Promise<PlanRecord> {
    return planById(parseId(id, 'id'), context);
  }

  @Query(() => PlanConnection, { description: 'Plans of the workspace.' })
  async plans(
    @optionalArgument('filter', () => PlanFilterInput, 'Which ones.') filter: Maybe<PlanFilterInput>,
    @argumentWithDefault(
      'orderBy',
      () => PlanOrderInput,
      { field: 'created_at', direction: 'desc' },
      'In which order.',
    )
    { field, direction }: PlanOrderInput,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits, loaders, catalog }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    const where = conditionsOf(filter, catalog);
    const found = await readStore.plans(caller.workspaceId, where, { field, direction }, page);
    for (const { node } of found.rows) loaders.plans.prime(node.id, node);
    return toConnection(
      found,
      page.after,
      (plan) => plan,
      () => readStore.countPlans(caller.workspaceId, where),
    );
  }
}

export async function planById(id: string, { loaders }: GraphqlContext): Promise<PlanRecord> {
  const plan = await loaders.plans.load(id);
  if (plan === null) throw new NotFoundError('plan', id);
  return plan;
}

@Resolver(() => Plan)
export class PlanResolver {
  @relation(() => Model, 'The model that is planned.', { complexity: 0 })
  model(@Root() plan: PlanRecord, @Ctx() { catalog }: GraphqlContext): Model {
    return modelOf(catalog, plan.modelId);
  }

  @relation(
    () => [Profile],
    'The profiles named at its launch; for what they do not cover the library serves.',
  )
  profiles(@Root() plan: PlanRecord, @Ctx() { loaders }: GraphqlContext): Promise<readonly ProfileRecord[]> {
    return loaders.planProfiles.load(plan.id);
  }

  @relation(() => PlanRequestDocument, 'What was asked.')
  async request(@Root() plan: PlanRecord, @Ctx() { loaders }: GraphqlContext): Promise<PlanRequestDocument> {
    const found = await loaders.requestDocuments.load(plan.planRequestId);
    if (found === null) throw new NotFoundError('plan', plan.id);
    return { ...found, planRequestId: plan.planRequestId };
  }

  @relation(() => [PlanRun], 'Its runs, newest first.')
  runs(@Root() plan: PlanRecord, @Ctx() { loaders }: GraphqlContext): Promise<readonly RunRecord[]> {
    return loaders.runsOfPlans.load(plan.id);
  }

  @relation(() => PlanRun, 'Its newest run.', { nullable: true })
  latestRun(@Root() plan: PlanRecord, @Ctx() { loaders }: GraphqlContext): Promise<RunRecord | null> {
    return loaders.latestRuns.load(plan.id);
  }

  @relation(() => RunProgress, 'How far its newest run is; null: it has none.', {
    nullable: true,
    complexity: 1,
  })
  async progress(@Root() plan: PlanRecord, @Ctx() { loaders }: GraphqlContext): Promise<RunProgress | null> {
    const run = await loaders.latestRuns.load(plan.id);
    return run && results.progressOf(run);
  }

  @relation(
    () => PlanRun,
    'The run that best, alternatives, frontier, candidates, loadCurve and report are of: the newest that is finished and has candidates, else the newest that has any; null: none has.',
    { nullable: true },
  )
  resultRun(@Root() plan: PlanRecord, @Ctx() context: GraphqlContext): Promise<RunRecord | null> {
    return resultRun(plan, context);
  }

  @relation(() => Candidate, 'The recommended candidate; null: none is feasible, or none is chosen yet.', {
    nullable: true,
  })
  async best(@Root() plan: PlanRecord, @Ctx() context: GraphqlContext): Promise<Candidate | null> {
    const run = await resultRun(plan, context);
    return run && results.candidateOf(run.id, run.bestConfigId, context);
  }

  @relation(
    () => [PlanAlternative],
    'The budget option, the premium option, then what ties with the best one, cheapest first.',
  )
  async alternatives(
    @Root() plan: PlanRecord,
    @First() first: number,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly PlanAlternative[]> {
    const run = await resultRun(plan, context);
    return run === null ? [] : results.alternativesOf(run, first, context);
  }

  @relation(
    () => [FrontierPoint],
    'Feasible candidates of which none costs no more and sustains more, by cost.',
  )
  async frontier(
    @Root() plan: PlanRecord,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly FrontierPoint[]> {
    const run = await resultRun(plan, context);
    return run === null ? [] : results.frontierOf(run, context);
  }

  @relation(() => CandidateConnection, 'Its candidates.')
  async candidates(
    @Root() plan: PlanRecord,
    @optionalArgument('filter', () => CandidateFilterInput, 'Which ones.')
    filter: Maybe<CandidateFilterInput>,
    @argumentWithDefault('orderBy', () => CandidateOrderInput, DEFAULT_CANDIDATE_ORDER, 'In which order.')
    orderBy: CandidateOrderInput,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() context: GraphqlContext,
  ) {
    const run = await resultRun(plan, context);
    return results.candidatesOf(run?.id ?? null, { filter, orderBy, first, after }, context);
  }

  @relation(() => [LoadPoint], 'Every rate that was simulated for one candidate, ascending.', {
    complexity: CURVE_POINTS,
  })
  async loadCurve(
    @Root() plan: PlanRecord,
    @argument('configId', () => Int, 'configId of the candidate.') configId: number,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly LoadPoint[]> {
    const run = await resultRun(plan, context);
    return run === null ? [] : results.loadCurveOf(run.id, configId, context);
  }

  @relation(() => String, 'The report; null: no run has candidates. CONFLICT while the run is going on.', {
    nullable: true,
    complexity: ALL_CANDIDATES,
  })
  async report(
    @Root() plan: PlanRecord,
    @argumentWithDefault('format', () => ReportFormat, 'json', 'Its form.') format:
      | 'json'
      | 'text'
      | 'markdown'
      | 'csv',
    @Ctx() context: GraphqlContext,
  ): Promise<string | null> {
    const run = await resultRun(plan, context);
    return run && context.api.report(context.caller, run.id, format);
  }
}

const resultRun = async (plan: PlanRecord, { loaders }: GraphqlContext): Promise<RunRecord | null> =>
  results.resultRunOf(await loaders.runsOfPlans.load(plan.id));
