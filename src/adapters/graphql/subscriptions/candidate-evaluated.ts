import type { Cursor } from '../../../app/ports/paging';
import { type CandidateRecord, isFinished } from '../../../app/ports/records';
import { forgetReads, type GraphqlContext } from '../context';
import { onEvents, type Reading } from './on-events';

/** Candidates read at a time. */
const BATCH = 200;

/**
 * Every candidate of a run with an answer, each once: those stored already, then each as it is stored, until the run is
 * finished. Of what happens while a client is slow only numbers are kept.
 */
export function candidateEvaluated(
  runId: string,
  isWanted: (candidate: CandidateRecord) => boolean,
  context: GraphqlContext,
): AsyncIterableIterator<CandidateRecord> {
  const { events, readStore, caller } = context;
  const told = new Set<number>();
  const stored = new Set<number>();
  /** Where the list of all candidates is read from; null: it need not be read. */
  let scan: { after: Cursor | null } | null = { after: null };
  let finished = false;

  function news(candidates: readonly (CandidateRecord | null)[]): CandidateRecord[] {
    return candidates.filter((candidate): candidate is CandidateRecord => {
      if (candidate === null || told.has(candidate.configId)) return false;
      told.add(candidate.configId);
      return isWanted(candidate);
    });
  }

  async function readScan(from: { after: Cursor | null }): Promise<Reading<CandidateRecord>> {
    const order = { field: 'config_id', direction: 'asc' } as const;
    const page = await readStore.candidates({ runId }, {}, order, { first: BATCH, after: from.after });
    // A resync may have begun the list anew meanwhile.
    if (scan === from) scan = page.hasNextPage ? { after: page.rows.at(-1)?.cursor ?? null } : null;
    return { values: news(page.rows.map(({ node }) => node)), next: 'more' };
  }

  async function readStored(): Promise<Reading<CandidateRecord>> {
    const configIds = [...stored].slice(0, BATCH);
    for (const configId of configIds) stored.delete(configId);
    const unknown = configIds.filter((configId) => !told.has(configId));
    const candidates = await readStore.candidatesByKey(unknown.map((configId) => ({ runId, configId })));
    return { values: news(candidates), next: 'more' };
  }

  /** Nothing is left to tell: is there more to come? */
  async function readRun(): Promise<Reading<CandidateRecord>> {
    if (finished) return { values: [], next: 'done' };
    const [run = null] = await readStore.runsById(caller.workspaceId, [runId]);
    if (run !== null && !isFinished(run.status)) return { values: [], next: 'wait' };
    finished = true;
    // All are stored now: the list once more, in case an event was missed.
    scan = { after: null };
    return { values: [], next: run === null ? 'done' : 'more' };
  }

  return onEvents(
    events,
    (event) => {
      if (event.kind === 'resync') scan = { after: null };
      else if (event.kind === 'candidates' && event.runId === runId) {
        for (const configId of event.configIds) if (!told.has(configId)) stored.add(configId);
      } else return event.kind === 'progress' && event.runId === runId;
      return true;
    },
    () => {
      forgetReads(context);
      if (scan !== null) return readScan(scan);
      return stored.size > 0 ? readStored() : readRun();
    },
  );
}
