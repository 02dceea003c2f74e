import { Arg, Ctx, ID, Query, Resolver, Root } from 'type-graphql';
import type { CandidateStatus as Status } from '../../../core/search/result';
import type { GraphqlContext } from '../context';
import { RerankInput } from '../inputs/settings-input';
import { CandidateStatus } from '../types/enums';
import { RerankedCandidateConnection, RerankResult } from '../types/rerank';
import { parseId } from '../values/ids';
import { toRerankResult } from '../values/to-rerank';
import { After, argument, First, type Maybe, optionalArgument } from './arguments';
import { documentOf, withInputPaths } from './input-paths';
import { pageOfAll } from './page';
import { runOfPlanOrRun } from './plan-or-run';
import { relation } from './relation';
import { ALL_CANDIDATES } from './run-fields';

@Resolver()
export class RerankQueryResolver {
  @Query(() => RerankResult, {
    description:
      'Ranks a stored plan by other targets, prices, limits or another objective, from its load curves, without simulating; says where they cannot decide. CONFLICT while the run is going on.',
    complexity: ({ childComplexity }) => ALL_CANDIDATES + childComplexity,
  })
  async rerank(
    @argument('id', () => ID, 'UUID of a plan (the run its results are of), or of a run.') id: string,
    @Arg('by', () => RerankInput, { description: 'What to rank by instead.' }) by: RerankInput,
    @optionalArgument('priceBookId', () => ID, 'The prices to use. Default those the run was launched with.')
    priceBookId: Maybe<string>,
    @Ctx() context: GraphqlContext,
  ): Promise<RerankResult> {
    const run = await runOfPlanOrRun(parseId(id, 'id'), context);
    const changes = documentOf('by', by);
    const document = { path: 'by', typed: by, document: { kind: 'value', value: changes } } as const;
    const book = priceBookId ? parseId(priceBookId, 'priceBookId') : null;
    const result = await withInputPaths({ argument: 'by', input: {}, document }, () =>
      context.api.rerank(context.caller, { runId: run.id, changes, priceBookId: book }),
    );
    return toRerankResult(run.id, result);
  }
}

@Resolver(() => RerankResult)
export class RerankResolver {
  @relation(() => RerankedCandidateConnection, 'Every candidate, by configId.')
  candidates(
    @Root() { all }: RerankResult,
    @optionalArgument('statuses', () => [CandidateStatus], 'Only with one of these statuses now.')
    statuses: Maybe<readonly Status[]>,
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { limits }: GraphqlContext,
  ) {
    const wanted = statuses ? all.filter(({ status }) => statuses.includes(status as Status)) : all;
    return pageOfAll(wanted, { first, after }, limits);
  }
}
