import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { requestIdOf } from './request-id';
import { isProbe } from './routes';

/** One line a request, when it is answered or given up. Never the query or the body: variables are in there. */
export function logRequests(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: requestIdOf,
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    customLogLevel: (request, response) => {
      if (response.statusCode >= 500) return 'error';
      return isProbe(pathOf(request)) ? 'debug' : 'info';
    },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customSuccessObject: (request, response, value) => line(request, response, value),
    customErrorObject: (request, response, _error, value) => line(request, response, value),
  }) as RequestHandler;
}

const line = (
  request: IncomingMessage,
  response: { statusCode: number; writableFinished: boolean },
  { ms }: { ms?: number },
) => ({
  method: request.method,
  path: pathOf(request),
  status: response.statusCode,
  ms,
  keyId: (request as Request).caller?.keyId ?? null,
  ...(response.writableFinished ? {} : { aborted: true }),
});

/** Inside a router `url` is relative to it. */
const pathOf = (request: IncomingMessage): string =>
  ((request as Request).originalUrl ?? request.url ?? '').split('?')[0] ?? '';
