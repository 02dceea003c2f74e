import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { TelemetrySetRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { TelemetryFilterInput } from '../inputs/filters';
import { RegisterTelemetryInput } from '../inputs/telemetry-input';
import { TelemetrySet, TelemetrySetConnection } from '../types/calibration';
import { RegisteredTelemetry, TelemetryCheck } from '../types/outcomes';
import { parseId } from '../values/ids';
import { After, argument, First, type Maybe, optionalArgument } from './arguments';
import { conditionsOf } from './catalog-names';
import { documentArgument, withInputPaths } from './input-paths';
import { pageRequest, toConnection } from './page';

@Resolver()
export class TelemetryResolver {
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

  @Query(() => TelemetrySet, {
    description: 'A telemetry set by its id. NOT_FOUND when the workspace has none.',
  })
  async telemetrySet(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { readStore, caller }: GraphqlContext,
  ): Promise<TelemetrySetRecord> {
    const [found = null] = await readStore.telemetrySetsById(caller.workspaceId, [parseId(id, 'id')]);
    if (found === null) throw new NotFoundError('telemetry set', id);
    return found;
  }

  @Query(() => TelemetryCheck, { description: 'Checks telemetry, storing nothing.' })
  lintTelemetry(
    @Arg('input', () => RegisterTelemetryInput, { description: 'The telemetry.' })
    input: RegisterTelemetryInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    return given(input, (upload) => api.lintTelemetry(caller, upload));
  }

  @Mutation(() => RegisteredTelemetry, {
    description:
      'Stores telemetry to calibrate with. Refused where the lint finds errors. The same content is stored once. Role planner.',
  })
  async registerTelemetry(
    @Arg('input', () => RegisterTelemetryInput, { description: 'The telemetry.' })
    input: RegisterTelemetryInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const { record, created } = await given(input, (upload) => api.registerTelemetry(caller, upload));
    return { telemetrySet: record, created };
  }

  @Mutation(() => TelemetrySet, { description: 'Takes a telemetry set out of lists. Role planner.' })
  archiveTelemetry(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<TelemetrySetRecord> {
    return api.setTelemetryArchived(caller, parseId(id, 'id'), true);
  }

  @Mutation(() => TelemetrySet, { description: 'Puts an archived telemetry set back. Role planner.' })
  unarchiveTelemetry(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<TelemetrySetRecord> {
    return api.setTelemetryArchived(caller, parseId(id, 'id'), false);
  }
}

async function given<T>(
  input: RegisterTelemetryInput,
  use: (upload: Parameters<GraphqlContext['api']['registerTelemetry']>[1]) => Promise<T>,
): Promise<T> {
  const document = documentArgument('input', { key: 'telemetry', value: input.telemetry }, input.yaml);
  return withInputPaths({ argument: 'input', input, document }, () =>
    use({ name: input.name, telemetry: document.document }),
  );
}
