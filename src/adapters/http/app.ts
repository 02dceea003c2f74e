import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { logRequests } from './access-log';
import { type Authenticate, admitLocalOrAdmin, authenticateRequests } from './authentication';
import { answerAlive, answerReady, type Readiness } from './health';
import { answerErrors, HttpError } from './http-error';
import { guardLoopback } from './loopback-guard';
import type { MetricsRegistry } from './metrics';
import { leadBrowsers, serveFolder, serveHome, servePage } from './pages';
import { type Limiter, limitRate } from './rate-limit';
import { limitKey, remoteAddress } from './remote-address';
import { parseBody } from './request-body';
import { nameRequest } from './request-id';
import { ROUTES, routeOf } from './routes';
import { secureHeaders } from './security-headers';
import { traceRequests } from './tracing';

export interface AppOptions {
  /** Requests need no key; only programs of this machine are answered. */
  readonly open: boolean;
  readonly trustedProxies: number;
  readonly maxBodyBytes: number;
  readonly limiter: Limiter;
  readonly logger: Logger;
  readonly authenticate: Authenticate;
  readonly graphql: { readonly middleware: RequestHandler; readonly stream: RequestHandler | null } | null;
  readonly ready: () => Promise<Readiness>;
  readonly isClosing: () => boolean;
  readonly metrics: MetricsRegistry;
  readonly metricsAccess: 'protected' | 'open' | 'off';
  readonly graphiqlHtml: (() => string) | null;
  readonly dashboardFolder: string | null;
}

/** Every path and what guards it, in the order in which a request meets them. */
export function createApp(options: AppOptions): Express {
  const { logger, graphql, metrics, authenticate, trustedProxies } = options;
  const graphiql = options.graphiqlHtml === null ? null : ROUTES.graphiql;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(nameRequest, logRequests(logger), measure(metrics), traceRequests, secureHeaders);
  if (options.open) app.use(guardLoopback);

  app.all(ROUTES.alive, only('GET', 'HEAD'), answerAlive);
  app.all(ROUTES.ready, only('GET', 'HEAD'), answerReady(options));
  if (options.metricsAccess !== 'off') {
    const guard = options.metricsAccess === 'open' ? [] : [admitLocalOrAdmin(authenticate, trustedProxies)];
    app.all(ROUTES.metrics, only('GET', 'HEAD'), ...guard, serveMetrics(metrics));
  }
  if (graphql !== null) {
    const guards = [
      authenticateRequests(authenticate, trustedProxies),
      limitRate(
        options.limiter,
        (request) => request.caller?.keyId ?? limitKey(remoteAddress(request, trustedProxies)),
      ),
      ...parseBody(options.maxBodyBytes),
    ];
    const lead = leadBrowsers(graphiql, ROUTES.graphql);
    app.all(ROUTES.graphql, only('GET', 'POST'), lead, ...guards, graphql.middleware);
    if (graphql.stream !== null)
      app.all(ROUTES.graphqlStream, only('GET', 'POST'), ...guards, graphql.stream);
  }
  if (options.graphiqlHtml !== null)
    app.all(ROUTES.graphiql, only('GET', 'HEAD'), servePage(options.graphiqlHtml));
  if (options.dashboardFolder !== null) app.use(serveFolder(options.dashboardFolder));
  else if (graphql !== null) {
    app.all(ROUTES.home, only('GET', 'HEAD'), serveHome(graphiql, ROUTES.graphql));
  }
  app.use(nothingHere, answerErrors(logger));
  return app;
}

/** A path that is known for other methods only answers 405 and says which. */
const only =
  (...methods: readonly string[]): RequestHandler =>
  (request, _response, next) => {
    if (methods.includes(request.method)) return next();
    throw new HttpError(
      405,
      'METHOD_NOT_ALLOWED',
      `${request.method} means nothing here; use ${methods.join(' or ')}`,
      { allowed: methods },
      { Allow: methods.join(', ') },
    );
  };

const nothingHere: RequestHandler = (request) => {
  throw new HttpError(
    404,
    'NOT_FOUND',
    `there is nothing at ${request.path.slice(0, 100)}; the API is at ${ROUTES.graphql}`,
  );
};

const measure =
  (metrics: MetricsRegistry): RequestHandler =>
  (request, response, next) => {
    const began = performance.now();
    const route = routeOf(request.path);
    response.once('close', () => {
      metrics.observeHttp({
        route,
        method: request.method,
        status: response.statusCode,
        ms: performance.now() - began,
      });
    });
    next();
  };

const serveMetrics =
  (metrics: MetricsRegistry): RequestHandler =>
  async (_request, response) => {
    const { contentType, text } = await metrics.render();
    response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(text);
  };
