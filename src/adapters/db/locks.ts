import type { Sql, TransactionSql } from 'postgres';

/**
 * Runs `work` in a transaction that no other one with this lock runs beside, on any server: what it finds missing is still
 * missing when it writes it.
 */
export const withLock = async <T>(
  sql: Sql,
  lock: string,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> => {
  const result = await sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(hashtextextended(${`simfaasinfer ${lock}`}, 0))`;
    return { value: await work(tx) };
  });
  return (result as { value: T }).value;
};
