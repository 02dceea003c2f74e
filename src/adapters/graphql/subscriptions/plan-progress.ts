import { isFinished, type RunRecord } from '../../../app/ports/records';
import { forgetReads, type GraphqlContext } from '../context';
import { onEvents } from './on-events';

/** A run as it is now, then after each change, until it is finished. A slow client gets the newest state only. */
export function planProgress(runId: string, context: GraphqlContext): AsyncIterableIterator<RunRecord> {
  const { events, readStore, caller } = context;
  let told = '';
  return onEvents(
    events,
    (event) => event.kind === 'resync' || (event.kind === 'progress' && event.runId === runId),
    async () => {
      const [run = null] = await readStore.runsById(caller.workspaceId, [runId]);
      // Deleted meanwhile.
      if (run === null) return { values: [], next: 'done' };
      forgetReads(context);
      const state = JSON.stringify(run);
      const isNew = state !== told;
      told = state;
      return { values: isNew ? [run] : [], next: isFinished(run.status) ? 'done' : 'wait' };
    },
  );
}
