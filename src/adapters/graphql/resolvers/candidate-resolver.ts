import { Ctx, ID, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type {
  CalibrationRecord,
  CandidateDetail,
  PlanRecord,
  ProfileRecord,
  RunRecord,
} from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { CandidateFilterInput, CandidateOrderInput } from '../inputs/filters';
import { Calibration } from '../types/calibration';
import {
  Candidate,
  CandidateConnection,
  LatencyInterval,
  SloCompliance,
  UncalibratedOutcome,
} from '../types/candidate';
import { LoadPoint, MemoryPlan, Overhead, SimulationMetrics, TargetOutcome } from '../types/measurements';
import { Plan, PlanRun } from '../types/plan';
import { Profile } from '../types/profiles';
import { parseCandidateId } from '../values/ids';
import { toCandidate, toLatencyIntervals } from '../values/to-candidate';
import { toMetrics, toTargetOutcome } from '../values/to-metrics';
import { toSloCompliance } from '../values/to-slo';
import { After, argument, argumentWithDefault, First, type Maybe, optionalArgument } from './arguments';
import { conditionsOf } from './catalog-names';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';
import { CURVE_POINTS, DEFAULT_CANDIDATE_ORDER } from './run-fields';
import { runById } from './run-resolver';
import { CANDIDATE_CURSOR, loadCurveOf } from './run-results';

@Resolver()
export class CandidateQueryResolver {
  @Query(() => Candidate, { description: 'A candidate by its id. NOT_FOUND when the workspace has none.' })
  async candidate(
    @argument('id', () => ID, '<id of the run>:<configId>.') id: string,
    @Ctx() context: GraphqlContext,
  ): Promise<Candidate> {
    const key = parseCandidateId(id, 'id');
    await runById(key.runId, context);
    const record = await context.loaders.candidates.load(key);
    if (record === null) throw new NotFoundError('candidate', id);
    return toCandidate(record);
  }

  @Query(() => CandidateConnection, {
    description:
      'Candidates of all runs of the workspace, ordered by MAX_QPS, QPS_PER_DOLLAR or COST_PER_HOUR_USD.',
  })
  async candidates(
    @optionalArgument('filter', () => CandidateFilterInput, 'Which ones.')
    filter: Maybe<CandidateFilterInput>,
    @argumentWithDefault('orderBy', () => CandidateOrderInput, DEFAULT_CANDIDATE_ORDER, 'In which order.')
    { field, direction }: CandidateOrderInput,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits, catalog }: GraphqlContext,
  ) {
    const { workspaceId } = caller;
    const page = pageRequest({ first, after }, limits, CANDIDATE_CURSOR);
    const where = conditionsOf(filter, catalog);
    const found = await readStore.candidates({ workspaceId }, where, { field, direction }, page);
    return toConnection(found, page.after, toCandidate, () =>
      readStore.countCandidates({ workspaceId }, where),
    );
  }
}

@Resolver(() => Candidate)
export class CandidateResolver {
  @relation(() => PlanRun, 'The run that evaluated it.')
  run(@Root() { runId }: Candidate, @Ctx() context: GraphqlContext): Promise<RunRecord> {
    return runById(runId, context);
  }

  @relation(() => Plan, 'The plan it is a candidate of.')
  async plan(@Root() { runId }: Candidate, @Ctx() context: GraphqlContext): Promise<PlanRecord> {
    const plan = await context.loaders.plansOfRuns.load(runId);
    if (plan === null) throw new NotFoundError('run', runId);
    return plan;
  }

  @relation(() => Profile, 'The profile its iteration times come from; null: none were needed.', {
    nullable: true,
  })
  async profile(
    @Root() { runId, config }: Candidate,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ProfileRecord | null> {
    const used = (await loaders.runProfiles.load(runId)).find(
      ({ gpuId, tensorParallel }) => gpuId === config.gpuType && tensorParallel === config.tensorParallel,
    );
    return used === undefined ? null : loaders.profiles.load(used.profileId);
  }

  @relation(() => Calibration, 'What corrected its iteration times; null: nothing did.', { nullable: true })
  async calibration(
    @Root() { runId, calibrationId }: Candidate,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<CalibrationRecord | null> {
    if (calibrationId === null) return null;
    // Reports add to the id of one that is not verified.
    return (await loaders.runCalibrations.load(runId)).find(({ id }) => calibrationId.startsWith(id)) ?? null;
  }

  @relation(() => UncalibratedOutcome, 'What is found without the calibration; null where there is none.', {
    nullable: true,
    complexity: 1,
  })
  async uncalibrated(
    @Root() candidate: Candidate,
    @Ctx() context: GraphqlContext,
  ): Promise<UncalibratedOutcome | null> {
    const { uncalibrated } = await detailOf(candidate, context);
    return (
      uncalibrated && {
        status: uncalibrated.status,
        maxSustainableQps: uncalibrated.maxQps,
        targets: uncalibrated.targets.map(toTargetOutcome),
      }
    );
  }

  @relation(() => Boolean, 'Whether it is on the frontier of its run.')
  async onFrontier(
    @Root() { runId, configId }: Candidate,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<boolean> {
    return (await loaders.frontiers.load(runId)).some((point) => point.configId === configId);
  }

  @relation(() => Boolean, 'Whether it is the recommendation of its run.')
  async isBest(@Root() { runId, configId }: Candidate, @Ctx() context: GraphqlContext): Promise<boolean> {
    return (await runById(runId, context)).bestConfigId === configId;
  }

  @relation(() => SloCompliance, 'Which targets hold.', { complexity: 1 })
  async sloCompliance(@Root() candidate: Candidate, @Ctx() context: GraphqlContext): Promise<SloCompliance> {
    return toSloCompliance(candidate, await detailOf(candidate, context));
  }

  @relation(
    () => [TargetOutcome],
    'Outcome of each target at its maximum sustainable QPS; empty when nothing was simulated.',
    { complexity: 1 },
  )
  async targets(
    @Root() candidate: Candidate,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly TargetOutcome[]> {
    return (await detailOf(candidate, context)).targets.map(toTargetOutcome);
  }

  @relation(
    () => SimulationMetrics,
    'Everything measured at its maximum sustainable QPS; for INFEASIBLE at the lowest rate; null when nothing was simulated.',
    { nullable: true, complexity: 1 },
  )
  async metrics(
    @Root() candidate: Candidate,
    @Ctx() context: GraphqlContext,
  ): Promise<SimulationMetrics | null> {
    const { metrics } = await detailOf(candidate, context);
    return metrics && toMetrics(metrics);
  }

  @relation(() => MemoryPlan, 'Where its memory goes; null where it was not worked out.', {
    nullable: true,
    complexity: 1,
  })
  async memory(@Root() candidate: Candidate, @Ctx() context: GraphqlContext): Promise<MemoryPlan | null> {
    return (await detailOf(candidate, context)).memory;
  }

  @relation(() => Overhead, 'Time added that the profile does not contain; null where none was needed.', {
    nullable: true,
    complexity: 1,
  })
  async overhead(@Root() candidate: Candidate, @Ctx() context: GraphqlContext): Promise<Overhead | null> {
    return (await detailOf(candidate, context)).overhead;
  }

  @relation(
    () => [LatencyInterval],
    '90% intervals of its latencies at its maximum sustainable QPS: sampling noise and the error of step times. Empty where it sustains no load.',
    { complexity: CURVE_POINTS },
  )
  async latencyIntervals(
    @Root() { runId, configId, performance }: Candidate,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly LatencyInterval[]> {
    const loadCurve = await loaders.loadCurves.load({ runId, configId });
    return toLatencyIntervals(performance, loadCurve);
  }

  @relation(() => [LoadPoint], 'Every rate that was simulated for it, ascending.', {
    complexity: CURVE_POINTS,
  })
  loadCurve(
    @Root() { runId, configId }: Candidate,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly LoadPoint[]> {
    return loadCurveOf(runId, configId, context);
  }
}

async function detailOf(candidate: Candidate, { loaders }: GraphqlContext): Promise<CandidateDetail> {
  const { runId, configId } = candidate;
  const detail = await loaders.candidateDetails.load({ runId, configId });
  if (detail === null) throw new NotFoundError('candidate', candidate.id);
  return detail;
}
