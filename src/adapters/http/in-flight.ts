import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests that are being answered. */
export interface InFlight {
  isAnswering(socket: Duplex): boolean;
  /** From now on connections end with the answer that is on its way. */
  closeAfterAnswer(): void;
  /** Resolves when none is left, or after `patienceMs`. Event streams, which end only when told to, do not count. */
  settle(patienceMs: number): Promise<void>;
}

export function watchInFlight(server: Server): InFlight {
  const responses = new Set<ServerResponse>();
  let closing = false;
  let onIdle: (() => void) | null = null;
  const isIdle = () => [...responses].every(isEventStream);
  server.on('request', (_request, response: ServerResponse) => {
    responses.add(response);
    if (closing) response.setHeader('Connection', 'close');
    response.once('close', () => {
      responses.delete(response);
      if (isIdle()) onIdle?.();
    });
  });
  return {
    isAnswering: (socket) =>
      [...responses].some((response) => response.socket === socket && response.headersSent),
    closeAfterAnswer: () => {
      closing = true;
      for (const response of responses) {
        if (!response.headersSent) response.setHeader('Connection', 'close');
      }
    },
    settle: (patienceMs) =>
      new Promise((resolve) => {
        if (isIdle()) return resolve();
        const timer = setTimeout(resolve, patienceMs);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream');
