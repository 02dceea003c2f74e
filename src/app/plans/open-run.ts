import type { Catalog } from '../../core/catalog/catalog';
import type { PlanContext } from '../../core/search/family';
import { familiesOf } from '../families';
import { planContextOf } from '../plan-context';
import type { Round, RunStore, RunWork } from '../ports/run-store';
import { type PreparedCandidate, prepareCandidates } from '../prepare-candidates';

/** A run with what its tasks share: the context of its simulations, and its profiles, each fitted once. */
export interface OpenedRun {
  readonly work: RunWork;
  readonly context: PlanContext;
  readonly prepare: ReturnType<typeof prepareCandidates>;
}

/** Runs kept open: their profiles stay fitted and their traces loaded. */
const OPEN_RUNS_MAX = 8;

export interface OpenRuns {
  /** Null when there is no such run. */
  open(runId: string): Promise<OpenedRun | null>;
  close(runId: string): void;
}

/** Opens runs, and keeps the last few open. `catalog` is the shipped one. */
export function createOpenRuns(store: RunStore, catalog: Catalog): OpenRuns {
  const opened = new Map<string, OpenedRun>();
  return {
    async open(runId) {
      const known = opened.get(runId);
      if (known !== undefined) return known;
      const work = await store.open(runId);
      if (work === null) return null;
      const fresh = openRun(work, catalog);
      opened.set(runId, fresh);
      const [oldest] = opened.keys();
      if (opened.size > OPEN_RUNS_MAX && oldest !== undefined) opened.delete(oldest);
      return fresh;
    },
    close: (runId) => void opened.delete(runId),
  };
}

/** Prices are those the run was launched with. */
function openRun(work: RunWork, catalog: Catalog): OpenedRun {
  const { request, userProfiles, calibrations, prices } = work;
  const model = catalog.models.find(({ id }) => id === request.modelId);
  if (model === undefined) throw new Error(`the catalogue has no model ${request.modelId} any more`);
  return {
    work,
    context: planContextOf(request, model),
    prepare: prepareCandidates({
      request,
      model,
      catalog: { ...catalog, prices },
      userProfiles,
      calibrations,
    }),
  };
}

/** What is settled, and the tasks for the rest. */
export function roundOf(prepared: readonly PreparedCandidate[]): Round {
  return {
    settled: prepared.flatMap(({ settled }) => (settled === null ? [] : [settled])),
    families: familiesOf(prepared).map(({ members }) =>
      members.map(({ configId, deployment }) => ({ configId, deployment })),
    ),
  };
}
