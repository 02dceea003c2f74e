import { Ctx, ID, Query, Resolver, Root } from 'type-graphql';
import type { GraphqlContext } from '../context';
import {
  type CandidateChange,
  CandidateChangeConnection,
  PairComparison,
  PlanComparison,
  type UnmatchedCandidate,
  UnmatchedCandidateConnection,
} from '../types/compare';
import { HistoryConnection } from '../types/history';
import { parseId } from '../values/ids';
import { toFigures, toPlanComparison } from '../values/to-comparison';
import { After, argument, argumentWithDefault, First, type Maybe } from './arguments';
import { gpuIdOf, modelIdOf } from './catalog-names';
import { pageOfAll, pageRequest, toConnection } from './page';
import { relation } from './relation';
import { ALL_CANDIDATES } from './run-fields';
import { runById } from './run-resolver';

@Resolver()
export class CompareQueryResolver {
  @Query(() => PlanComparison, {
    description:
      'Compares two to four plans or runs: the first with each of the others. CONFLICT while a run is going on.',
    complexity: ({ childComplexity }) => ALL_CANDIDATES + childComplexity,
  })
  async comparePlans(
    @argument('ids', () => [ID], 'UUIDs of plans (the runs their results are of), or of runs.')
    ids: readonly string[],
    @Ctx() context: GraphqlContext,
  ): Promise<PlanComparison> {
    const wanted = ids.map((id, i) => parseId(id, `ids[${i}]`));
    const { runs, comparison } = await context.api.comparePlans(context.caller, wanted);
    return toPlanComparison(runs, comparison);
  }

  @Query(() => HistoryConnection, {
    description:
      'Finished runs of a model in which a GPU was a candidate, by the time they finished, the newest first, each with its change against the last run before it that asked the same: that need not be the next of the list.',
  })
  async history(
    @argument('modelId', () => ID, 'Catalogue id or another name of the model.') modelId: string,
    @argument('gpuId', () => ID, 'Catalogue id or another name of the GPU.') gpuId: string,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() context: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, context.limits, 2);
    const of = {
      modelId: modelIdOf(context.catalog, modelId, 'modelId'),
      gpuId: gpuIdOf(context.catalog, gpuId, 'gpuId'),
    };
    const found = await context.api.history(context.caller, of, page);
    return toConnection(found, page.after, ({ run, point: { comparabilityKey, best, change } }) => ({
      run,
      comparabilityKey,
      best: toFigures(run.id, best),
      change: change && { ...change, againstRun: () => runById(change.against, context) },
    }));
  }
}

@Resolver(() => PairComparison)
export class PairResolver {
  @relation(() => CandidateChangeConnection, 'Candidates of both plans, in the order of the first.')
  candidates(
    @Root() { changes }: PairComparison,
    @argumentWithDefault(
      'onlyChanged',
      () => Boolean,
      false,
      'Only those whose status or cost changed, or whose load changed beyond the 90% intervals.',
    )
    onlyChanged: boolean,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { limits }: GraphqlContext,
  ) {
    return pageOfAll(onlyChanged ? changes.filter(isChanged) : changes, { first, after }, limits);
  }

  @relation(() => UnmatchedCandidateConnection, 'Candidates that the second plan does not have.')
  onlyInFrom(
    @Root() { onlyFrom }: PairComparison,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { limits }: GraphqlContext,
  ) {
    return pageOfAll<UnmatchedCandidate>(onlyFrom, { first, after }, limits);
  }

  @relation(() => UnmatchedCandidateConnection, 'Candidates that the first plan does not have.')
  onlyInTo(
    @Root() { onlyTo }: PairComparison,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { limits }: GraphqlContext,
  ) {
    return pageOfAll<UnmatchedCandidate>(onlyTo, { first, after }, limits);
  }
}

const isChanged = ({ statusChanged, qpsBeyondIntervals, costRatio }: CandidateChange): boolean =>
  statusChanged || qpsBeyondIntervals || (costRatio ?? 1) !== 1;
