import type { PriceBook } from '../../core/cost/price-book';
import { InputError } from '../../core/errors';
import type { RerankChanges } from '../../core/rerank/changes';
import { rerank } from '../../core/rerank/rerank';
import type { PlanRequest } from '../../core/search/request';
import { parsePlanRequest } from '../../formats/read-request';
import type { PlannerApi, RerankQuestion } from '../ports/api';
import { NotFoundError } from '../ports/api-errors';
import type { Service } from './service';
import { loadStoredRun, type StoredRun } from './stored-run';

/** Sections of a request that can change without simulating again. */
const SECTIONS = ['constraints', 'objective', 'target_qps', 'prices'] as const;

export const rerankUses = (service: Service): Pick<PlannerApi, 'rerank'> => ({
  async rerank(caller, question) {
    const stored = await loadStoredRun(service, caller, question.runId);
    const book = await bookOf(service, caller.workspaceId, stored, question);
    const wanted = await wantedRequest(service, stored, question, book);
    const { targets, maxCostPerHourUsd, minQps } = wanted.constraints;
    const changes: RerankChanges = {
      targets,
      maxCostPerHourUsd,
      minQps,
      objective: wanted.objective,
      prices: { selection: wanted.prices, book },
    };
    const { request, candidates } = stored.result;
    return rerank({ request, candidates, changes });
  },
});

/** The plan's own sections with those of the question in their place, checked as those of a launch are. */
async function wantedRequest(
  { reads, catalog }: Service,
  { plan, work }: StoredRun,
  { changes }: RerankQuestion,
  prices: PriceBook,
): Promise<PlanRequest> {
  const stray = Object.keys(changes).find((key) => !(SECTIONS as readonly string[]).includes(key));
  if (stray !== undefined) {
    throw new InputError({
      source: 'request',
      path: stray,
      found: 'a section that only a new simulation could change',
      allowed: SECTIONS.join(', '),
      hint: 'launch a new plan with it',
    });
  }
  const [kept] = await reads.requestDocuments([plan.planRequestId]);
  const { request } = work;
  const before = kept?.document ?? {};
  // A new objective brings its own load to serve.
  const keeps = SECTIONS.filter((key) => key in before && !(key === 'target_qps' && 'objective' in changes));
  const value = {
    model: request.modelId,
    workload: { arrival_rate_range: request.rateRangeQps },
    config_space: { gpu_types: request.space.gpuIds },
    ...Object.fromEntries(keeps.map((key) => [key, before[key]])),
    ...changes,
  };
  return parsePlanRequest({
    documents: [{ source: 'request', value }],
    catalog: { ...catalog, prices },
  }).request;
}

async function bookOf(
  { reads }: Service,
  workspaceId: string,
  { work }: StoredRun,
  { priceBookId }: RerankQuestion,
): Promise<PriceBook> {
  if (priceBookId === null) return work.prices;
  const [book] = await reads.priceBooksById(workspaceId, [priceBookId]);
  if (!book) throw new NotFoundError('price book', priceBookId);
  const [quotes] = await reads.quotesOf([book.id]);
  return { version: book.version, quotes: quotes! };
}
