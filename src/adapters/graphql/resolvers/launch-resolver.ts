import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { PlanLaunch } from '../../../app/ports/api';
import type { PlanRecord, RunRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { inputFault } from '../errors';
import { LaunchPlanInput } from '../inputs/launch-input';
import { SimulateInput } from '../inputs/simulate-input';
import { Deleted, LaunchedPlan, PlanPreview, SimulationResult } from '../types/outcomes';
import { Plan, PlanRun } from '../types/plan';
import { parseId } from '../values/ids';
import { toConfig } from '../values/to-candidate';
import { toMetrics } from '../values/to-metrics';
import { toResolvedRequest } from '../values/to-request';
import { argument } from './arguments';
import { modelOf } from './catalog-entries';
import { type DocumentArgument, documentArgument, withInputPaths } from './input-paths';

const PLAN_ID = 'UUID of the plan.';

@Resolver()
export class LaunchResolver {
  @Query(() => PlanPreview, { description: 'Checks a launch and says what it would do, storing nothing.' })
  async previewPlan(
    @Arg('input', () => LaunchPlanInput, { description: 'What to plan.' }) input: LaunchPlanInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const document = requestOf(input);
    const launch = toLaunch(input, document);
    const preview = await withInputPaths({ argument: 'input', input, document }, () =>
      api.previewPlan(caller, launch),
    );
    return {
      ...preview,
      request: toResolvedRequest(preview.request),
      settled: Object.entries(preview.settled).map(([status, count]) => ({ status, count })),
    };
  }

  @Mutation(() => LaunchedPlan, {
    description: 'Checks everything, stores the plan, queues it and answers at once. Role planner.',
  })
  launchPlan(
    @Arg('input', () => LaunchPlanInput, { description: 'What to plan.' }) input: LaunchPlanInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const document = requestOf(input);
    const launch = toLaunch(input, document);
    return withInputPaths({ argument: 'input', input, document }, () => api.launchPlan(caller, launch));
  }

  @Mutation(() => PlanRun, {
    description:
      'Stops the unfinished run of a plan and keeps its results; a finished one stays as it is. Gives the newest run. Role planner.',
  })
  cancelPlan(
    @argument('id', () => ID, PLAN_ID) id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<RunRecord> {
    return api.cancelPlan(caller, parseId(id, 'id'));
  }

  @Mutation(() => PlanRun, {
    description:
      'Runs a plan again with the engine, prices and calibrations of now. CONFLICT while a run of it is not finished. Role planner.',
  })
  rerunPlan(
    @argument('id', () => ID, PLAN_ID) id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<RunRecord> {
    return api.rerunPlan(caller, parseId(id, 'id'));
  }

  @Mutation(() => Plan, { description: 'Takes a plan out of lists. Role planner.' })
  archivePlan(
    @argument('id', () => ID, PLAN_ID) id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<PlanRecord> {
    return api.setPlanArchived(caller, parseId(id, 'id'), true);
  }

  @Mutation(() => Plan, { description: 'Puts an archived plan back. Role planner.' })
  unarchivePlan(
    @argument('id', () => ID, PLAN_ID) id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<PlanRecord> {
    return api.setPlanArchived(caller, parseId(id, 'id'), false);
  }

  @Mutation(() => Deleted, {
    description:
      'Deletes an archived plan with all its runs, for good. CONFLICT unless it is archived and finished. Role admin.',
  })
  async deletePlan(
    @argument('id', () => ID, PLAN_ID) id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<Deleted> {
    const planId = parseId(id, 'id');
    await api.deletePlan(caller, planId);
    return { id: planId };
  }

  @Mutation(() => SimulationResult, {
    description: 'Simulates one deployment under one load and waits for it; nothing is stored. Role planner.',
    complexity: 200,
  })
  async simulate(
    @Arg('input', () => SimulateInput, { description: 'What to simulate.' }) input: SimulateInput,
    @Ctx() { api, caller, catalog }: GraphqlContext,
  ): Promise<SimulationResult> {
    const document = documentArgument('input', { key: 'request', value: input.request }, input.yaml);
    const profileId = input.profileId ? parseId(input.profileId, 'input.profileId') : null;
    const { acceptProfileErrors } = input;
    const { modelId, ...outcome } = await withInputPaths({ argument: 'input', input, document }, () =>
      api.simulate(caller, { deployment: document.document, profileId, acceptProfileErrors }),
    );
    return {
      ...outcome,
      model: modelOf(catalog, modelId),
      config: toConfig(outcome.deployment),
      metrics: toMetrics(outcome.metrics),
    };
  }
}

function requestOf(input: LaunchPlanInput): DocumentArgument {
  if (input.workload && input.request?.workload) {
    throw inputFault('input.workload', {
      found: 'a registered workload beside request.workload',
      allowed: 'one of the two',
      hint: null,
    });
  }
  return documentArgument('input', { key: 'request', value: input.request }, input.yaml);
}

const toLaunch = (input: LaunchPlanInput, { document }: DocumentArgument): PlanLaunch => ({
  name: input.name ?? null,
  request: document,
  profileIds: input.profileIds.map((id, i) => parseId(id, `input.profileIds[${i}]`)),
  workload: input.workload ?? null,
  model: input.model ?? null,
  priority: input.priority,
  deadlineS: input.deadlineS ?? null,
  simulationsMax: input.simulationsMax ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
  useCalibrations: input.useCalibrations,
  acceptProfileErrors: input.acceptProfileErrors,
});
