import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { AccessError, type Caller, requireRole } from '../../app/access';
import { TooManyFailuresError } from './http-error';
import { createLimiter } from './rate-limit';
import { isLocal, limitKey, remoteAddress } from './remote-address';

declare module 'express-serve-static-core' {
  interface Request {
    /** Set once the request is authenticated. */
    caller?: Caller;
  }
}

/** Who a key belongs to. Rejects with an AccessError when it is none, or when there has to be one. */
export type Authenticate = (secret: string | null, remote: string) => Promise<Caller>;

const FAILURES_PER_MINUTE = 30;

/** `authenticate` for callers that may guess: an address with many wrong keys is refused for the rest of the minute. */
export function guardAuthentication(authenticate: Authenticate): Authenticate {
  const failures = createLimiter(FAILURES_PER_MINUTE);
  return async (secret, remote) => {
    if (secret === null) return authenticate(null, remote);
    const key = limitKey(remote);
    const { taken, resetS } = await failures.look(key);
    if (taken >= failures.limit) throw new TooManyFailuresError(taken, failures.limit, resetS);
    try {
      return await authenticate(secret, remote);
    } catch (error) {
      if (error instanceof AccessError) await failures.take(key);
      throw error;
    }
  };
}

/** Sets `request.caller`, or answers 401. */
export function authenticateRequests(authenticate: Authenticate, trustedProxies: number): RequestHandler {
  return async (request, _response, next) => {
    request.caller = await authenticate(secretOf(request), remoteAddress(request, trustedProxies));
    next();
  };
}

/** Lets programs of this machine and admins through. */
export function admitLocalOrAdmin(authenticate: Authenticate, trustedProxies: number): RequestHandler {
  return async (request, _response, next) => {
    if (!isLocal(request, trustedProxies)) {
      request.caller = await authenticate(secretOf(request), remoteAddress(request, trustedProxies));
      requireRole(request.caller, 'admin', 'read the metrics');
    }
    next();
  };
}

/** The key in `Authorization: Bearer …` or `X-Api-Key: …`. */
function secretOf({ headers }: IncomingMessage): string | null {
  const { authorization, 'x-api-key': apiKey } = headers;
  if (authorization === undefined) return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null;
  const secret = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (secret !== undefined) return secret;
  throw new AccessError('UNAUTHENTICATED', 'the Authorization header is not "Bearer <API key>"');
}
