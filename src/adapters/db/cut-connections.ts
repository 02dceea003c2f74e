import type { Sql, TransactionSql } from 'postgres';
import { driver } from './driver';

type Work = (tx: TransactionSql) => unknown;

/**
 * `sql.begin` for a server that may go away during a transaction. When a statement fails, postgres.js sends a ROLLBACK,
 * also when the connection is cut; it may then reach the one that takes its place, in the middle of other work
 * (porsager/postgres issue 1216). So, once the connection is cut, the work is left as it is, never to end; the transaction
 * itself is rejected when its connection is closed, as ever. `work` may wait for nothing but its statements.
 */
export function beginUnlessCut(sql: Sql): Sql['begin'] {
  const begin = sql.begin.bind(sql) as (options: string, work: Work) => Promise<unknown>;
  return ((...args: [Work] | [string, Work]) => {
    const work = args.at(-1) as Work;
    const guarded: Work = async (tx) => {
      try {
        return await work(tx);
      } catch (error) {
        if (isCut(error)) return new Promise(() => {});
        throw error;
      }
    };
    return begin(args.length === 1 ? '' : args[0], guarded);
  }) as Sql['begin'];
}

/**
 * Whether the error comes with the end of its connection: the driver or the network says so, or the server, which closes
 * the connection after an error of this severity.
 */
export function isCut(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof driver.PostgresError) return ['FATAL', 'PANIC'].includes(error.severity);
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('CONNECT') || 'syscall' in error;
}
