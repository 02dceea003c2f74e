import type { Server } from 'node:http';
import { HttpError } from './http-error';
import type { InFlight } from './in-flight';
import { answerRaw } from './raw-answer';

/** Requests that are no HTTP, have too large headers or arrive too slowly: a coded answer, and the connection ends. */
export function answerUnreadable(server: Server, inFlight: InFlight): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // In the middle of an answer to an earlier request, another one would be read as its rest.
    if (error.code === 'ECONNRESET' || inFlight.isAnswering(socket)) socket.destroy();
    else answerRaw(socket, meaningOf(error.code));
  });
}

function meaningOf(code: string | undefined): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError(431, 'HEADERS_TOO_LARGE', 'the headers are larger than 16 KiB');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpError(408, 'REQUEST_TIMEOUT', 'the request did not arrive in time');
    default:
      return new HttpError(400, 'BAD_REQUEST', 'the request cannot be read; see that it is valid HTTP');
  }
}
