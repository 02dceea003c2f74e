import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

/** Names a request in its log line, its answer and its errors: the client's or proxy's own name where it has a sane one. */
export const nameRequest: RequestHandler = (request, response, next) => {
  request.id = newRequestId(request);
  response.setHeader('X-Request-Id', request.id);
  next();
};

export function newRequestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

export const requestIdOf = (request: IncomingMessage): string => String(request.id);
