import { Ctx, Query, Resolver } from 'type-graphql';
import type { GraphqlContext } from '../context';
import { CalibrationFilterInput, TelemetryFilterInput } from '../inputs/filters';
import { CalibrationConnection, TelemetrySetConnection } from '../types/calibration';
import { After, First, type Maybe, optionalArgument } from './arguments';
import { conditionsOf } from './catalog-names';
import { pageRequest, toConnection } from './page';

@Resolver()
export class CalibrationResolver {
  @Query(() => TelemetrySetConnection, { description: 'Samples of production servers, newest first.' })
  async telemetrySets(
    @optionalArgument('filter', () => TelemetryFilterInput, 'Which ones.')
    filter: Maybe<TelemetryFilterInput>,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits, catalog }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    const found = await readStore.telemetrySets(caller.workspaceId, conditionsOf(filter, catalog), page);
    return toConnection(found, page.after, (set) => set);
  }

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
}
