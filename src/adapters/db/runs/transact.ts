import type postgres from 'postgres';
import type { RunEvent } from '../../../app/ports/events';
import { StoreUnavailableError } from '../../../app/ports/run-store';
import type { Execute } from '../../../app/ports/task-queue';
import { isCut } from '../cut-connections';
import { closed } from '../read-again';

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;

/** Everything of `work` or nothing; a database that is away becomes a StoreUnavailableError. */
export const transact = <T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> =>
  available(async () => (await sql.begin(work)) as T);

/** A call that reaches the database, with its absence named. */
export async function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isAbsence(error) ? new StoreUnavailableError(error) : error;
  }
}

/** What the network, the driver and a server that stops or starts say. */
const ABSENT = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08003',
  '08006',
  '53300', // too_many_connections
  // Two transactions met: the one that is told so may simply be tried again.
  '40001',
  '40P01',
]);

const isAbsence = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && ABSENT.has(String(error.code));

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
