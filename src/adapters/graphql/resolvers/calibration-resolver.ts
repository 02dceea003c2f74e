import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { CalibrationRecord, ProfileRecord, TelemetrySetRecord } from '../../../app/ports/records';
import { POINTS_MAX } from '../../../app/ports/simulator';
import { evenly } from '../../../core/calibration/evenly';
import type { GraphqlContext } from '../context';
import { inputFault } from '../errors';
import { CalibrationFilterInput } from '../inputs/filters';
import { CalibrateInput } from '../inputs/telemetry-input';
import { Calibration, CalibrationConnection, CalibrationResult, TelemetrySet } from '../types/calibration';
import { ObservedPoint, PredictedVsObserved } from '../types/observation';
import { Profile } from '../types/profiles';
import { parseId } from '../values/ids';
import {
  type PredictedVsObservedValue,
  toCalibrationResult,
  toPredictedVsObserved,
} from '../values/to-calibration';
import { After, argument, argumentWithDefault, First, type Maybe, optionalArgument } from './arguments';
import { conditionsOf } from './catalog-names';
import { withInputPaths } from './input-paths';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';

/** One costs as much as a page of a list with everything in it. */
const SIMULATED = 200;

@Resolver()
export class CalibrationQueryResolver {
  @Query(() => CalibrationConnection, { description: 'Corrections of the time model, newest first.' })
  async calibrations(
    @optionalArgument('filter', () => CalibrationFilterInput, 'Which ones.')
    filter: Maybe<CalibrationFilterInput>,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits, catalog }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    const found = await readStore.calibrations(caller.workspaceId, conditionsOf(filter, catalog), page);
    return toConnection(found, page.after, (calibration) => calibration);
  }

  @Query(() => Calibration, {
    description: 'A calibration by its id. NOT_FOUND when the workspace has none.',
  })
  async calibration(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { readStore, caller }: GraphqlContext,
  ): Promise<CalibrationRecord> {
    const [found = null] = await readStore.calibrationsById(caller.workspaceId, [parseId(id, 'id')]);
    if (found === null) throw new NotFoundError('calibration', id);
    return found;
  }

  @Query(() => PredictedVsObserved, {
    description:
      'Serves the requests of telemetry again and compares with what was seen. The drift alarm says whether predictions still hold.',
    complexity: SIMULATED,
  })
  async predictedVsObserved(
    @argument('telemetrySetId', () => ID, 'UUID of the telemetry set.') telemetrySetId: string,
    @optionalArgument('calibrationId', () => ID, 'UUID of a calibration. Default the one that plans use now.')
    calibrationId: Maybe<string>,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<PredictedVsObservedValue> {
    const of = {
      telemetrySetId: parseId(telemetrySetId, 'telemetrySetId'),
      calibrationId: calibrationId ? parseId(calibrationId, 'calibrationId') : null,
    };
    return toPredictedVsObserved(await api.predictedVsObserved(caller, of));
  }

  @Mutation(() => Calibration, {
    description:
      'Fits the time model to telemetry, stores the result as a new version and waits for it: about a second for 300 requests, a minute for 20,000. Role planner.',
    complexity: SIMULATED,
  })
  calibrate(
    @Arg('input', () => CalibrateInput, { description: 'What to fit to.' }) input: CalibrateInput,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<CalibrationRecord> {
    const { fitShare, acceptUnverified, acceptProfileErrors, profileId } = input;
    const order = {
      telemetrySetIds: input.telemetrySetIds.map((id, i) => parseId(id, `input.telemetrySetIds[${i}]`)),
      profileId: profileId ? parseId(profileId, 'input.profileId') : null,
      fitShare,
      acceptUnverified,
      acceptProfileErrors,
    };
    return withInputPaths({ argument: 'input', input }, () => api.calibrate(caller, order));
  }

  @Mutation(() => Calibration, {
    description: 'Sets a calibration aside: new plans use the one before it. Role planner.',
  })
  archiveCalibration(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<CalibrationRecord> {
    return api.setCalibrationArchived(caller, parseId(id, 'id'), true);
  }

  @Mutation(() => Calibration, { description: 'Takes an archived calibration up again. Role planner.' })
  unarchiveCalibration(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<CalibrationRecord> {
    return api.setCalibrationArchived(caller, parseId(id, 'id'), false);
  }
}

@Resolver(() => Calibration)
export class CalibrationResolver {
  @relation(() => CalibrationResult, 'What the fit found.', { complexity: 1 })
  result(@Root() { result }: CalibrationRecord): CalibrationResult {
    return toCalibrationResult(result);
  }

  @relation(() => Boolean, 'Whether plans launched now use it: the newest that helps, and not archived.')
  async active(
    @Root() { id, modelId }: CalibrationRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<boolean> {
    return (await loaders.activeCalibrations.load(modelId)).some((active) => active.id === id);
  }

  @relation(
    () => Profile,
    'The profile whose times it corrects; null where it is not of this workspace any more.',
    {
      nullable: true,
    },
  )
  profile(
    @Root() { profileId }: CalibrationRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ProfileRecord | null> {
    return loaders.profiles.load(profileId);
  }

  @relation(() => [TelemetrySet], 'What it was fitted on.')
  telemetrySets(
    @Root() { id }: CalibrationRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly TelemetrySetRecord[]> {
    return loaders.calibrationTelemetry.load(id);
  }
}

@Resolver(() => PredictedVsObserved)
export class PredictedVsObservedResolver {
  @relation(
    () => [ObservedPoint],
    'Observations beside their predictions, evenly taken where there are more.',
    {
      complexity: ({ args, childComplexity }) => 1 + Math.ceil(Number(args.max) / 100) * childComplexity,
    },
  )
  points(
    @Root() { allPoints }: PredictedVsObservedValue,
    @argumentWithDefault('max', () => Int, 1_000, `At most so many, from 1 to ${POINTS_MAX}.`) max: number,
  ): readonly ObservedPoint[] {
    if (!(max >= 1 && max <= POINTS_MAX)) {
      throw inputFault('max', { found: String(max), allowed: `from 1 to ${POINTS_MAX}`, hint: null });
    }
    return evenly(allPoints, max);
  }
}
