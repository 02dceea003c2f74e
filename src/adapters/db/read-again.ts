import { setTimeout as sleep } from 'node:timers/promises';
import { available } from './available';

/**
 * Reads, and once more when the connection was cut: there may be another one, or a moment later. Rejects with a
 * StoreUnavailableError when the database is away.
 */
export async function readAgain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!wasCut(error)) return available(() => Promise.reject(error));
    await closed();
    return available(read);
  }
}

/** Some moments after a connection was cut. What is asked at once may be put on another one that is cut too, and not known to be. */
export const closed = (): Promise<void> => sleep(50);

/** Shut down by an administrator, after a crash of another connection, or closed by the server or the network. */
const CUT = ['57P01', '57P02', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED'];

const wasCut = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && CUT.includes(String(error.code));
