import { Arg, Ctx, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import type { TraceRecord, WorkloadRecord } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { RegisterWorkloadInput, TraceInput } from '../inputs/upload-input';
import { RegisteredTrace, RegisteredWorkload } from '../types/outcomes';
import { Trace, TraceConnection, Workload, WorkloadConnection } from '../types/traffic';
import { parseId } from '../values/ids';
import { After, argument, First, type Maybe } from './arguments';
import { documentArgument, withInputPaths } from './input-paths';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';

@Resolver()
export class TrafficResolver {
  @Query(() => WorkloadConnection, { description: 'Registered workloads, newest first.' })
  async workloads(
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    return toConnection(
      await readStore.workloads(caller.workspaceId, page),
      page.after,
      (workload) => workload,
    );
  }

  @Query(() => Workload, { description: 'A workload by its id. NOT_FOUND when the workspace has none.' })
  async workload(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { readStore, caller }: GraphqlContext,
  ): Promise<WorkloadRecord> {
    const [workload = null] = await readStore.workloadsById(caller.workspaceId, [parseId(id, 'id')]);
    if (workload === null) throw new NotFoundError('workload', id);
    return workload;
  }

  @Query(() => TraceConnection, { description: 'Registered traces, newest first.' })
  async traces(
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    return toConnection(await readStore.traces(caller.workspaceId, page), page.after, (trace) => trace);
  }

  @Query(() => Trace, { description: 'A trace by its id. NOT_FOUND when the workspace has none.' })
  async trace(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TraceRecord> {
    const trace = await loaders.traces.load(parseId(id, 'id'));
    if (trace === null) throw new NotFoundError('trace', id);
    return trace;
  }

  @Mutation(() => RegisteredTrace, {
    description: 'Stores recorded requests under a name. The same content is stored once. Role planner.',
  })
  async registerTrace(
    @Arg('input', () => TraceInput, { description: 'The trace.' }) input: TraceInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const { record, created } = await withInputPaths({ argument: 'input', input }, () =>
      api.registerTrace(caller, { name: input.name, csv: input.csv }),
    );
    return { trace: record, created };
  }

  @Mutation(() => RegisteredWorkload, {
    description:
      'Stores traffic under a name, for plans to refer to. The same content is stored once. Role planner.',
  })
  async registerWorkload(
    @Arg('input', () => RegisterWorkloadInput, { description: 'The workload.' }) input: RegisterWorkloadInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const document = documentArgument('input', { key: 'workload', value: input.workload }, input.yaml);
    const { record, created } = await withInputPaths({ argument: 'input', input, document }, () =>
      api.registerWorkload(caller, { name: input.name, definition: document.document }),
    );
    return { workload: record, created };
  }

  @Mutation(() => Workload, { description: 'Takes a workload out of lists. Role planner.' })
  archiveWorkload(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<WorkloadRecord> {
    return api.setWorkloadArchived(caller, parseId(id, 'id'), true);
  }

  @Mutation(() => Workload, { description: 'Puts an archived workload back. Role planner.' })
  unarchiveWorkload(
    @argument('id', () => ID, 'UUID.') id: string,
    @Ctx() { api, caller }: GraphqlContext,
  ): Promise<WorkloadRecord> {
    return api.setWorkloadArchived(caller, parseId(id, 'id'), false);
  }
}

@Resolver(() => Workload)
export class WorkloadResolver {
  @relation(() => Trace, 'The trace it takes requests from; null: it draws them.', { nullable: true })
  trace(
    @Root() workload: WorkloadRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TraceRecord | null> | null {
    return workload.traceId === null ? null : loaders.traces.load(workload.traceId);
  }
}
