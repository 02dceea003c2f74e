import { Ctx, ID, Query, Resolver, Root } from 'type-graphql';
import type { GraphqlContext } from '../context';
import type { CandidateConfig } from '../types/candidate';
import { CandidateConfig as CandidateConfigType } from '../types/candidate';
import { Gpu, Model } from '../types/catalog';
import { type Maybe, optionalArgument } from './arguments';
import { gpuIdsOf, modelIdsOf } from './catalog-names';
import { relation } from './relation';

const ONLY = 'Only these (catalogue ids or other names).';

@Resolver()
export class CatalogResolver {
  @Query(() => [Gpu], { description: 'The types of GPU that plans can use.' })
  gpus(
    @optionalArgument('ids', () => [ID], ONLY) ids: Maybe<readonly string[]>,
    @Ctx() { catalog }: GraphqlContext,
  ): readonly Gpu[] {
    const wanted = ids && gpuIdsOf(catalog, ids, 'ids');
    return wanted ? catalog.gpus.filter(({ id }) => wanted.includes(id)) : catalog.gpus;
  }

  @Query(() => [Model], { description: 'The models that can be planned.' })
  models(
    @optionalArgument('ids', () => [ID], ONLY) ids: Maybe<readonly string[]>,
    @Ctx() { catalog }: GraphqlContext,
  ): readonly Model[] {
    const wanted = ids && modelIdsOf(catalog, ids, 'ids');
    return wanted ? catalog.models.filter(({ id }) => wanted.includes(id)) : catalog.models;
  }
}

@Resolver(() => CandidateConfigType)
export class CandidateConfigResolver {
  @relation(() => Gpu, "The GPU; null where this version's catalogue no longer has it.", {
    nullable: true,
    complexity: 0,
  })
  gpu(@Root() config: CandidateConfig, @Ctx() { catalog }: GraphqlContext): Gpu | null {
    return catalog.gpus.find((gpu) => gpu.id === config.gpuType) ?? null;
  }
}
