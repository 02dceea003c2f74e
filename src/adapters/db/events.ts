import type { RunEvent, RunEvents } from '../../app/ports/events';
import type { Logger } from '../../app/ports/logger';
import { EVENTS_CHANNEL, type Sql } from './runs/transact';

/** What the database tells of runs, on one connection for all listeners of this process. */
export async function openRunEvents(sql: Sql, logger: Logger): Promise<RunEvents> {
  const listeners = new Set<(event: RunEvent) => void>();
  const tell = (event: RunEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  let connected = false;
  await sql.listen(
    EVENTS_CHANNEL,
    (payload) => tell(JSON.parse(payload) as RunEvent),
    () => {
      // The driver connects again by itself; what was said meanwhile is lost.
      if (connected) {
        logger.info({}, 'listening to the database again');
        tell({ kind: 'resync' });
      }
      connected = true;
    },
  );
  return {
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
