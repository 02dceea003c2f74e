import { Arg, Ctx, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { PriceBookRecord, PriceQuoteRecord } from '../../../app/ports/records';
import { SHARED_WORKSPACE_ID } from '../../../app/ports/records';
import type { GraphqlContext } from '../context';
import { UpdatePricesInput } from '../inputs/upload-input';
import { PriceKind } from '../types/enums';
import { UpdatedPrices } from '../types/outcomes';
import { PriceBook, PriceBookConnection, PriceQuote } from '../types/prices';
import { After, First, type Maybe, optionalArgument } from './arguments';
import { gpuIdsOf } from './catalog-names';
import { withInputPaths } from './input-paths';
import { pageRequest, toConnection } from './page';
import { relation } from './relation';

@Resolver()
export class PriceResolver {
  @Query(() => PriceBook, { description: 'The prices that plans launched now use: the newest book.' })
  prices(@Ctx() { readStore, caller }: GraphqlContext): Promise<PriceBookRecord> {
    return readStore.currentPriceBook(caller.workspaceId);
  }

  @Query(() => PriceBookConnection, {
    description: 'Every version of the prices, newest first, then the shipped one.',
  })
  async priceBooks(
    @First() first: number,
    @After() after: Maybe<string>,
    @Ctx() { readStore, caller, limits }: GraphqlContext,
  ) {
    const page = pageRequest({ first, after }, limits, 2);
    return toConnection(await readStore.priceBooks(caller.workspaceId, page), page.after, (book) => book);
  }

  @Mutation(() => UpdatedPrices, { description: 'Stores a new version of the prices. Role admin.' })
  async updatePrices(
    @Arg('input', () => UpdatePricesInput, { description: 'The new version.' }) input: UpdatePricesInput,
    @Ctx() { api, caller }: GraphqlContext,
  ) {
    const { version, note = null, mode } = input;
    const quotes = input.quotes.map(
      ({ gpu, ...quote }): PriceQuoteRecord => ({
        gpuId: gpu,
        provider: quote.provider,
        region: quote.region ?? null,
        kind: quote.kind,
        usdPerGpuHour: quote.usdPerGpuHour,
        gpusPerInstance: quote.gpusPerInstance ?? null,
        product: quote.product,
        date: quote.date ?? null,
        source: quote.source,
      }),
    );
    const { record, created } = await withInputPaths({ argument: 'input', input }, () =>
      api.updatePrices(caller, { version, note, mode, quotes }),
    );
    return { priceBook: record, created };
  }
}

@Resolver(() => PriceBook)
export class PriceBookResolver {
  @relation(() => Boolean, 'Whether it is the one shipped with the planner.')
  shipped(@Root() book: PriceBookRecord): boolean {
    return book.workspaceId === SHARED_WORKSPACE_ID;
  }

  @relation(() => [PriceQuote], 'Its quotes: all conditions that are given hold.')
  async quotes(
    @Root() book: PriceBookRecord,
    @optionalArgument('gpuIds', () => [ID], 'Of one of these GPUs (catalogue ids or other names).') gpuIds:
      | readonly string[]
      | null,
    @optionalArgument('provider', () => String, 'Of this provider.') provider: Maybe<string>,
    @optionalArgument('kind', () => PriceKind, 'Of this kind.') kind: Maybe<string>,
    @Ctx() { loaders, catalog }: GraphqlContext,
  ): Promise<readonly PriceQuoteRecord[]> {
    const wanted = gpuIds && gpuIdsOf(catalog, gpuIds, 'gpuIds');
    const quotes = await loaders.quotes.load(book.id);
    return quotes.filter(
      (quote) =>
        (!wanted || wanted.includes(quote.gpuId)) &&
        (!provider || quote.provider === provider) &&
        (!kind || quote.kind === kind),
    );
  }
}
