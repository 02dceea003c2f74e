import { Ctx, Resolver, Root } from 'type-graphql';
import { NotFoundError } from '../../../app/ports/api-errors';
import { renderYaml } from '../../../formats/write-yaml';
import type { GraphqlContext } from '../context';
import { PlanRequestDocument } from '../types/plan';
import { ResolvedRequest } from '../types/resolved-request';
import { toResolvedRequest } from '../values/to-request';
import { relation } from './relation';

@Resolver(() => PlanRequestDocument)
export class RequestResolver {
  @relation(() => String, 'The same as the YAML text of a request file.')
  yaml(@Root() request: PlanRequestDocument): string {
    return renderYaml(request.document);
  }

  @relation(() => ResolvedRequest, 'With every default in place.', { complexity: 1 })
  async resolved(
    @Root() { planRequestId }: PlanRequestDocument,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ResolvedRequest> {
    const request = await loaders.resolvedRequests.load(planRequestId);
    if (request === null) throw new NotFoundError('plan request', planRequestId);
    return toResolvedRequest(request);
  }
}
