import type { RunEvent, RunEvents } from '../../../app/ports/events';

export interface Reading<T> {
  readonly values: readonly T[];
  /** `wait`: until something happens; `more`: there is more to read at once; `done`: the last of all. */
  readonly next: 'wait' | 'more' | 'done';
}

/**
 * An endless list of what `read` finds: it is called at the beginning, and again after an event that `concerns` it. While
 * a client is slow nothing is read: events only leave a mark. Ends at once when the client leaves, also while it waits,
 * which an async generator does not.
 */
export function onEvents<T>(
  events: RunEvents,
  concerns: (event: RunEvent) => boolean,
  read: () => Promise<Reading<T>>,
): AsyncIterableIterator<T> {
  const found: T[] = [];
  let state: 'open' | 'last' | 'closed' = 'open';
  let marked = true;
  let wake: (() => void) | null = null;

  const stir = (): void => {
    wake?.();
    wake = null;
  };
  const stopListening = events.listen((event) => {
    if (!concerns(event)) return;
    marked = true;
    stir();
  });
  const close = (): void => {
    state = 'closed';
    stopListening();
    stir();
  };
  const ended = { done: true, value: undefined } as const;

  async function next(): Promise<IteratorResult<T>> {
    for (;;) {
      if (state === 'closed') return ended;
      if (found.length > 0) return { done: false, value: found.shift() as T };
      if (state === 'last') {
        close();
        return ended;
      }
      if (!marked) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      marked = false;
      try {
        const reading = await read();
        found.push(...reading.values);
        if (reading.next === 'more') marked = true;
        if (reading.next === 'done' && !isClosed()) state = 'last';
      } catch (error) {
        close();
        throw error;
      }
    }
  }
  const isClosed = (): boolean => state === 'closed';

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next,
    async return() {
      close();
      return ended;
    },
    async throw(error) {
      close();
      throw error;
    },
  };
}
