import { Ctx, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { CalibrationRecord, PlanRecord, PriceBookRecord, RunRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { CandidateFilterInput, CandidateOrderInput } from '../inputs/filters';
import { Calibration } from '../types/calibration';
import { Candidate, CandidateConnection, FrontierPoint } from '../types/candidate';
import { ReportFormat } from '../types/enums';
import { LoadPoint } from '../types/measurements';
import { Plan, PlanAlternative, PlanRun, RunProfile, RunProgress } from '../types/plan';
import { PriceBook } from '../types/prices';
import { parseId } from '../values/ids';
import { After, argument, argumentWithDefault, First, type Maybe, optionalArgument } from './arguments';
import { planById } from './plan-resolver';
import { relation } from './relation';
import { ALL_CANDIDATES, CURVE_POINTS, DEFAULT_CANDIDATE_ORDER } from './run-fields';
import * as results from './run-results';

@Resolver()
export class RunQueryResolver {
  @Query(() => PlanRun, { description: 'A run by its id. NOT_FOUND when the workspace has none.' })
  run(@argument('id', () => ID, 'UUID.') id: string, @Ctx() context: GraphqlContext): Promise<RunRecord> {
    return runById(parseId(id, 'id'), context);
  }
}

export async function runById(id: string, { loaders }: GraphqlContext): Promise<RunRecord> {
  const run = await loaders.runs.load(id);
  if (run === null) throw new NotFoundError('run', id);
  return run;
}

@Resolver(() => PlanRun)
export class RunResolver {
  @relation(() => Plan, 'The plan it is a run of.')
  plan(@Root() run: RunRecord, @Ctx() context: GraphqlContext): Promise<PlanRecord> {
    return planById(run.planId, context);
  }

  @relation(() => RunProgress, 'How far it is.', { complexity: 0 })
  progress(@Root() run: RunRecord): RunProgress {
    return results.progressOf(run);
  }

  @relation(() => [String], 'What the run takes as given, one sentence each.', { complexity: 1 })
  async notes(@Root() run: RunRecord, @Ctx() { loaders }: GraphqlContext): Promise<readonly string[]> {
    return (await loaders.runRemarks.load(run.id)).notes;
  }

  @relation(() => [String], 'What limits how far it can be trusted, one sentence each.', { complexity: 1 })
  async warnings(@Root() run: RunRecord, @Ctx() { loaders }: GraphqlContext): Promise<readonly string[]> {
    return (await loaders.runRemarks.load(run.id)).warnings;
  }

  @relation(() => PriceBook, 'The prices it was launched with.')
  async priceBook(@Root() run: RunRecord, @Ctx() { loaders }: GraphqlContext): Promise<PriceBookRecord> {
    const book = await loaders.priceBooks.load(run.priceBookId);
    if (book === null) throw new NotFoundError('price book', run.priceBookId);
    return book;
  }

  @relation(() => [RunProfile], 'The profiles it took iteration times from.')
  async profiles(@Root() run: RunRecord, @Ctx() { loaders }: GraphqlContext) {
    const used = await loaders.runProfiles.load(run.id);
    const profiles = await Promise.all(used.map(({ profileId }) => loaders.profiles.load(profileId)));
    return used.map(({ gpuId, tensorParallel, scaled }, i) => ({
      gpuId,
      tensorParallel,
      scaled,
      profile: profiles[i],
    }));
  }

  @relation(() => [Calibration], 'The corrections of the time model it used.')
  calibrations(
    @Root() run: RunRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly CalibrationRecord[]> {
    return loaders.runCalibrations.load(run.id);
  }

  @relation(() => Candidate, 'The recommended candidate; null: none is feasible, or none is chosen yet.', {
    nullable: true,
  })
  best(@Root() run: RunRecord, @Ctx() context: GraphqlContext): Promise<Candidate | null> {
    return results.candidateOf(run.id, run.bestConfigId, context);
  }

  @relation(
    () => [PlanAlternative],
    'The budget option, the premium option, then what ties with the best one, cheapest first.',
  )
  alternatives(
    @Root() run: RunRecord,
    @First() first: number,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly PlanAlternative[]> {
    return results.alternativesOf(run, first, context);
  }

  @relation(
    () => [FrontierPoint],
    'Feasible candidates of which none costs no more and sustains more, by cost.',
  )
  frontier(@Root() run: RunRecord, @Ctx() context: GraphqlContext): Promise<readonly FrontierPoint[]> {
    return results.frontierOf(run, context);
  }

  @relation(() => CandidateConnection, 'Its candidates.')
  candidates(
    @Root() run: RunRecord,
    @optionalArgument('filter', () => CandidateFilterInput, 'Which ones.')
    filter: Maybe<CandidateFilterInput>,
    @argumentWithDefault('orderBy', () => CandidateOrderInput, DEFAULT_CANDIDATE_ORDER, 'In which order.')
    orderBy: CandidateOrderInput,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() context: GraphqlContext,
  ) {
    return results.candidatesOf(run.id, { filter, orderBy, first, after }, context);
  }

  @relation(() => [LoadPoint], 'Every rate that was simulated for one candidate, ascending.', {
    complexity: CURVE_POINTS,
  })
  loadCurve(
    @Root() run: RunRecord,
    @argument('configId', () => Int, 'configId of the candidate.') configId: number,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly LoadPoint[]> {
    return results.loadCurveOf(run.id, configId, context);
  }

  @relation(() => String, 'The report. CONFLICT while the run is going on.', { complexity: ALL_CANDIDATES })
  report(
    @Root() run: RunRecord,
    @argumentWithDefault('format', () => ReportFormat, 'json', 'Its form.') format:
      | 'json'
      | 'text'
      | 'markdown'
      | 'csv',
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<string> {
    return api.report(caller, run.id, format);
  }
}
