import type { Page } from '../../../app/ports/paging';
import { type CandidateRecord, isFinished, type RunRecord } from '../../../app/ports/records';
import { InputError } from '../../../core/errors';
import type { GraphqlContext } from '../context';
import type { CandidateFilterInput, CandidateOrderInput } from '../inputs/filters';
import type { Candidate, FrontierPoint } from '../types/candidate';
import type { LoadPoint } from '../types/measurements';
import type { PlanAlternative, RunProgress } from '../types/plan';
import { toCandidate, toFrontierPoint } from '../values/to-candidate';
import { toLoadPoint } from '../values/to-metrics';
import type { Maybe } from './arguments';
import { conditionsOf } from './catalog-names';
import { checkFirst, type PageArguments, pageRequest, toConnection } from './page';

// What a run found; of a plan it is that of one of its runs.

/** The run that a plan's results are those of: the newest that is through and has candidates, else the newest that has any. */
export function resultRunOf(runsNewestFirst: readonly RunRecord[]): RunRecord | null {
  const some = runsNewestFirst.filter((run) => run.evaluatedCount > 0);
  const through = (run: RunRecord) => isFinished(run.status) && run.status !== 'failed';
  return some.find(through) ?? some[0] ?? null;
}

export async function candidateOf(
  runId: string,
  configId: number | null,
  { loaders }: GraphqlContext,
): Promise<Candidate | null> {
  if (configId === null) return null;
  const record = await loaders.candidates.load({ runId, configId });
  return record && toCandidate(record);
}

export async function alternativesOf(
  run: RunRecord,
  first: number,
  context: GraphqlContext,
): Promise<readonly PlanAlternative[]> {
  checkFirst(first, context.limits.maxPageSize);
  const offered = [
    { kind: 'budget', configId: run.budgetConfigId },
    { kind: 'premium', configId: run.premiumConfigId },
    ...run.tiedConfigIds.map((configId) => ({ kind: 'tied', configId })),
  ].filter(({ configId }) => configId !== null);
  const found = await Promise.all(
    offered.slice(0, first).map(async ({ kind, configId }) => {
      const candidate = await candidateOf(run.id, configId, context);
      return candidate === null ? [] : [{ kind, candidate }];
    }),
  );
  return found.flat();
}

export async function frontierOf(
  run: RunRecord,
  { loaders }: GraphqlContext,
): Promise<readonly FrontierPoint[]> {
  return (await loaders.frontiers.load(run.id)).map((record) =>
    toFrontierPoint(record, async () => toCandidate((await loaders.candidates.load(record))!)),
  );
}

export interface CandidateArguments extends PageArguments {
  readonly filter: Maybe<CandidateFilterInput>;
  readonly orderBy: CandidateOrderInput;
}

/** `runId` null: there are none yet, and the arguments are checked all the same. */
export async function candidatesOf(runId: string | null, args: CandidateArguments, context: GraphqlContext) {
  const { readStore, loaders, limits, catalog } = context;
  const page = pageRequest(args, limits, CANDIDATE_CURSOR);
  const { field, direction } = args.orderBy;
  const filter = conditionsOf(args.filter, catalog);
  if (runId === null) return toConnection(NONE, page.after, toCandidate, async () => 0);
  const found = await loaders.candidatePages.load({ runId, filter, order: { field, direction }, page });
  return toConnection(found, page.after, toCandidate, () => readStore.countCandidates({ runId }, filter));
}

const NONE: Page<CandidateRecord> = { rows: [], hasNextPage: false };

/** Value of the order, run, config id. */
export const CANDIDATE_CURSOR = 3;

export async function loadCurveOf(
  runId: string,
  configId: number,
  { loaders }: GraphqlContext,
): Promise<readonly LoadPoint[]> {
  if (configId < 1) {
    throw new InputError({
      source: 'query',
      path: 'configId',
      found: String(configId),
      allowed: 'the configId of a candidate, from 1 up',
    });
  }
  return (await loaders.loadCurves.load({ runId, configId })).map(toLoadPoint);
}

export function progressOf(run: RunRecord): RunProgress {
  const finished = isFinished(run.status);
  const { status, candidateCount, evaluatedCount } = run;
  const fraction = candidateCount > 0 ? Math.min(1, evaluatedCount / candidateCount) : 0;
  return { status, candidateCount, evaluatedCount, finished, fractionDone: finished ? 1 : fraction };
}
