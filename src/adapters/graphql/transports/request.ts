import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AccessError, type Caller } from '../../../app/access';

/** Who sends a request, as the web server found out. Throws an AccessError when it did not. */
export function callerOf(request: IncomingMessage & { readonly caller?: Caller | undefined }): Caller {
  if (request.caller === undefined) throw new AccessError('UNAUTHENTICATED', 'an API key is needed');
  return request.caller;
}

/** The name of the request in logs and errors. */
export const requestIdOf = (request: IncomingMessage & { readonly id?: unknown }): string =>
  typeof request.id === 'string' ? request.id : randomUUID();
