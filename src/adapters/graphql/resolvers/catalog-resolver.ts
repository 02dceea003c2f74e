import { Ctx, ID, Query, Resolver, Root } from 'type-graphql';
import type { GraphqlContext } from '../context';
import type { CandidateConfig } from '../types/candidate';
import { CandidateConfig as CandidateConfigType } from '../types/candidate';
import { Gpu, Model } from '../types/catalog';
import { type Maybe, optionalArgument } from './arguments';
import { relation } from './relation';

@Resolver()
export class CatalogResolver {
  @Query(() => [Gpu], { description: 'The types of GPU that plans can use.' })
  gpus(@Ctx() { catalog }: GraphqlContext): readonly Gpu[] {
    return catalog.gpus;
  }

  @Query(() => [Model], { description: 'The models that can be planned.' })
  models(
    @optionalArgument('ids', () => [ID], 'Only these (catalogue ids).') ids: Maybe<readonly string[]>,
    @Ctx() { catalog }: GraphqlContext,
  ): readonly Model[] {
    return ids ? catalog.models.filter((model) => ids.includes(model.id)) : catalog.models;
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
