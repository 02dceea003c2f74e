import type { PlanResult } from '../../core/search/result';
import type { Caller } from '../access';
import { inputProfileOf, type PlanReport } from '../make-plan';
import type { PlannerApi } from '../ports/api';
import { ConflictError, NotFoundError } from '../ports/api-errors';
import { isFinished, type PlanRecord, type RunRecord } from '../ports/records';
import type { RunWork } from '../ports/run-store';
import { renderReport } from '../render-report';
import type { Service } from './service';

/** A finished run with all it found. */
export interface StoredRun {
  readonly plan: PlanRecord;
  readonly run: RunRecord;
  readonly work: RunWork;
  readonly result: PlanResult;
}

/** Throws a ConflictError while the run is going on, and when it failed before it had anything. */
export async function loadStoredRun(
  { reads, store }: Service,
  caller: Caller,
  runId: string,
): Promise<StoredRun> {
  const [run] = await reads.runsById(caller.workspaceId, [runId]);
  if (!run) throw new NotFoundError('run', runId);
  if (!isFinished(run.status))
    throw new ConflictError(`run ${runId} is ${run.status}`, 'wait until it is finished, or cancel it');
  if (run.status === 'failed') throw new ConflictError(`run ${runId} failed: ${run.error}`);
  const [[plan], work, [frontier], [remarks]] = await Promise.all([
    reads.plansById(caller.workspaceId, [run.planId]),
    store.open(runId),
    reads.frontiers([runId]),
    reads.runRemarks([runId]),
  ]);
  if (!plan || work === null) throw new NotFoundError('run', runId);
  const candidates = await store.candidateResults(runId, work.request);
  const result: PlanResult = {
    request: work.request,
    candidates,
    best: run.bestConfigId,
    tied: run.tiedConfigIds,
    budget: run.budgetConfigId,
    premium: run.premiumConfigId,
    frontier: frontier!.map(({ configId }) => configId),
    partial: run.status !== 'completed',
    simulations: run.simulations,
    simulationCpuS: run.simulationS,
    engineVersion: run.engineVersion,
    priceBookVersion: work.prices.version,
    ...remarks!,
  };
  return { plan, run, work, result };
}

/** What reports are rendered from: the same as the command line's. */
const reportOf = ({ run, work, result }: StoredRun, { catalog }: Service): PlanReport => ({
  result,
  context: {
    timestamp: run.finishedAt!.toISOString(),
    inputProfile: inputProfileOf(work.userProfiles, result),
    gpus: catalog.gpus,
  },
});

export const reportUses = (service: Service): Pick<PlannerApi, 'report'> => ({
  report: async (caller, runId, format) =>
    renderReport(format, reportOf(await loadStoredRun(service, caller, runId), service)),
});
