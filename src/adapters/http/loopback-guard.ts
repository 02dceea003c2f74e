import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { isLoopback } from '../../formats/network-address';
import { HttpError } from './http-error';
import { wasForwarded } from './remote-address';

/**
 * A server that asks for no keys trusts every program of its machine, and a browser is one that runs anybody's code. So
 * it wants to be addressed as this machine (a name of the attacker's can be made to lead here: DNS rebinding), by pages
 * of this machine (a WebSocket may be opened from any page), and not through a proxy, behind which the world may be.
 */
export const guardLoopback: RequestHandler = (request, _response, next) => {
  const fault = loopbackFault(request);
  if (fault !== null) throw fault;
  next();
};

/** Why the request is not from a program of this machine; null when it is. */
export function loopbackFault(request: IncomingMessage): HttpError | null {
  const { host, origin } = request.headers;
  if (host === undefined || !isLocalHost(`http://${host}`)) {
    return new HttpError(
      403,
      'HOST_REFUSED',
      'this server needs no API key and answers only as localhost, 127.0.0.1 or [::1]; use one of these, or run it with SIMFAASINFER_OPEN=off',
    );
  }
  if (origin !== undefined && !isLocalHost(origin)) {
    return new HttpError(
      403,
      'ORIGIN_REFUSED',
      'this server needs no API key and answers no pages of other sites; run it with SIMFAASINFER_OPEN=off for that',
    );
  }
  if (wasForwarded(request)) {
    return new HttpError(
      403,
      'PROXY_REFUSED',
      'this server needs no API key and answers nothing that came through a proxy; run it with SIMFAASINFER_OPEN=off for that',
    );
  }
  return null;
}

function isLocalHost(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname, username } = new URL(origin);
  return /^https?:$/.test(protocol) && username === '' && isLoopback(hostname);
}
