/**
 * Reads, and once more when the connection was cut. postgres.js 3.4.9 needs that even when the server is back: the error
 * that ended a connection during a statement is also given to the first statement after it reconnected.
 */
export async function readAgain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!wasCut(error)) throw error;
    return read();
  }
}

/** Shut down by an administrator, after a crash of another connection, or closed by the server or the network. */
const CUT = ['57P01', '57P02', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED'];

const wasCut = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && CUT.includes(String(error.code));
