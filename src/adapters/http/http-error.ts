import type { ErrorRequestHandler, Response } from 'express';
import { AccessError } from '../../app/access';
import { LimitError } from '../../app/ports/api-errors';
import type { Logger } from '../../app/ports/logger';
import { StoreUnavailableError } from '../../app/ports/run-store';
import { requestIdOf } from './request-id';

/** Details of an error, besides its code. */
export type Extensions = Readonly<Record<string, string | number | readonly string[]>>;

/** An answer other than the one asked for. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    /** For programs. */
    readonly code: string,
    /** For people: what is wrong and what to do. */
    message: string,
    readonly extensions: Extensions = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpError';
  }
}

/** Failed attempts with wrong keys; the API's other transports show it as any limit. */
export class TooManyFailuresError extends LimitError {
  constructor(
    failures: number,
    allowed: number,
    readonly retryAfterS: number,
  ) {
    super('failed attempts with wrong API keys in a minute', failures, allowed);
    this.name = 'TooManyFailuresError';
  }
}

/** The body of every error answer: the shape of GraphQL's, so that one client code reads both. */
export const errorBody = (code: string, message: string, extensions: Extensions = {}): object => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});

/** Turns what a handler threw into a coded answer. What is not meant for the caller is logged and not shown. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    const known = toHttpError(error);
    if (known === null) {
      logger.error(
        { requestId: requestIdOf(request), err: error },
        'a request failed with an unexpected error',
      );
    }
    // Half an answer cannot be taken back: Express ends the connection, which the client sees as a failure.
    if (response.headersSent) return next(error);
    sendError(response, known ?? internalError(requestIdOf(request)));
  };
}

function sendError(response: Response, error: HttpError): void {
  response
    .status(error.status)
    .set(error.headers)
    .set('Cache-Control', 'no-store')
    .json(errorBody(error.code, error.message, error.extensions));
}

const internalError = (requestId: string) =>
  new HttpError(500, 'INTERNAL', `internal error; the server's log has more under request ${requestId}`, {
    requestId,
  });

function toHttpError(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error;
  if (error instanceof AccessError) {
    return error.code === 'UNAUTHENTICATED'
      ? new HttpError(401, error.code, error.message, {}, { 'WWW-Authenticate': 'Bearer' })
      : new HttpError(403, error.code, error.message);
  }
  if (error instanceof TooManyFailuresError) {
    return rateLimited(error.message, error.retryAfterS);
  }
  if (error instanceof StoreUnavailableError) {
    return new HttpError(
      503,
      'UNAVAILABLE',
      'the database cannot be reached; try again in a moment',
      {},
      {
        'Retry-After': '2',
      },
    );
  }
  return fromExpress(error);
}

export const rateLimited = (
  message: string,
  retryAfterS: number,
  headers: Readonly<Record<string, string>> = {},
) =>
  new HttpError(
    429,
    'RATE_LIMITED',
    `${message}; try again in ${retryAfterS} s`,
    { retryAfterS },
    {
      ...headers,
      'Retry-After': String(retryAfterS),
    },
  );

/** What Express and its parsers throw at a bad request carries its status: an address that cannot be decoded, and such. */
function fromExpress(error: unknown): HttpError | null {
  const status = error instanceof Error && 'status' in error ? error.status : null;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  return new HttpError(status, 'BAD_REQUEST', 'the request cannot be read; see that it is valid HTTP');
}
