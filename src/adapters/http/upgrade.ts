import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../app/ports/logger';
import { HttpError, rateLimited } from './http-error';
import { loopbackFault } from './loopback-guard';
import type { Limiter } from './rate-limit';
import { answerRaw } from './raw-answer';
import { limitKey, remoteAddress } from './remote-address';
import { newRequestId } from './request-id';
import { ROUTES } from './routes';

export interface WebSockets {
  count(): number;
  /** Resolves when all have ended; those that have not within `patienceMs` are cut. */
  end(patienceMs: number): Promise<void>;
}

/** Hands WebSocket connections to `upgrade`, which takes them from there and checks their key. */
export function acceptWebSockets(
  server: Server,
  options: {
    readonly open: boolean;
    readonly trustedProxies: number;
    readonly limiter: Limiter;
    readonly logger: Logger;
    readonly isClosing: () => boolean;
    readonly upgrade: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | null;
  },
): WebSockets {
  const sockets = new Set<Duplex>();
  let onEmpty: (() => void) | null = null;
  const { upgrade, logger } = options;
  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const requestId = newRequestId(request);
    request.id = requestId;
    const fault = await faultOf(request, options);
    if (fault !== null || upgrade === null) {
      const refused = fault ?? nothingHere();
      logger.info({ requestId, path: pathOf(request), status: refused.status }, 'websocket refused');
      return answerRaw(socket, refused);
    }
    const began = performance.now();
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onEmpty?.();
      logger.info(
        { requestId, path: pathOf(request), ms: Math.round(performance.now() - began) },
        'websocket',
      );
    });
    upgrade(request, socket, head);
  };
  server.on('upgrade', (request, socket, head) => {
    // A connection that breaks is no reason to end the process.
    socket.on('error', () => socket.destroy());
    accept(request, socket, head).catch((error: unknown) => {
      logger.error({ requestId: request.id, err: error }, 'a websocket could not be opened');
      socket.destroy();
    });
  });
  return {
    count: () => sockets.size,
    end: (patienceMs) =>
      new Promise((resolve) => {
        if (sockets.size === 0) return resolve();
        const timer = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, patienceMs);
        onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

async function faultOf(
  request: IncomingMessage,
  options: Parameters<typeof acceptWebSockets>[1],
): Promise<HttpError | null> {
  if (options.isClosing())
    return new HttpError(503, 'CLOSING', 'the server is being stopped; try again in a moment');
  if (options.open) {
    const fault = loopbackFault(request);
    if (fault !== null) return fault;
  }
  if (pathOf(request) !== ROUTES.graphql || options.upgrade === null) return nothingHere();
  const standing = await options.limiter.take(limitKey(remoteAddress(request, options.trustedProxies)));
  if (!standing.exceeded) return null;
  return rateLimited(`more than ${options.limiter.limit} requests in a minute`, standing.resetS);
}

const nothingHere = () =>
  new HttpError(404, 'NOT_FOUND', `there is no WebSocket here, only at ${ROUTES.graphql}`);

const pathOf = (request: IncomingMessage): string => request.url?.split('?')[0] ?? '';
