import { StoreUnavailableError } from '../../app/ports/run-store';

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
