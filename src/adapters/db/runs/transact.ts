import type postgres from 'postgres';
import type { RunEvent } from '../../../app/ports/events';
import type { Execute } from '../../../app/ports/task-queue';
import { available } from '../available';
import { isCut } from '../cut-connections';
import { closed } from '../read-again';

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;

/** Everything of `work` or nothing; a database that is away becomes a StoreUnavailableError. */
export const transact = <T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> =>
  available(async () => (await sql.begin(work)) as T);

/** The queue's statements, in a transaction of ours. */
export const executeIn =
  (tx: Pick<Tx, 'unsafe'>): Execute =>
  async (text, values = []) => {
    const given = values.map((value) => value ?? null) as never[];
    // Without values several statements may come in one text.
    return { rows: [...(given.length === 0 ? await tx.unsafe(text) : await tx.unsafe(text, given))] };
  };

/**
 * The queue's statements when it looks after itself: some begin and end transactions of their own. `single` has one
 * connection: `sql.reserve()` gives back one that was cut meanwhile as if it could be used.
 */
export const executeAlone =
  (single: Sql): Execute =>
  async (text, values) => {
    try {
      return await executeIn(single)(text, values);
    } catch (error) {
      if (isCut(error)) await closed();
      // A text that failed halfway leaves the transaction that it began.
      else await single`ROLLBACK`;
      throw error;
    }
  };

export const EVENTS_CHANNEL = 'simfaasinfer_runs';

/** Told to every server and worker once the transaction is through. */
export async function notify(tx: Tx, event: RunEvent): Promise<void> {
  await tx`SELECT pg_notify(${EVENTS_CHANNEL}, ${JSON.stringify(event)})`;
}
