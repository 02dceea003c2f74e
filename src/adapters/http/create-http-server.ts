import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { InputError } from '../../core/errors';
import { hostAndPort } from '../../formats/network-address';
import { createApp } from './app';
import { type Authenticate, guardAuthentication } from './authentication';
import type { Readiness } from './health';
import { watchInFlight } from './in-flight';
import type { MetricsRegistry } from './metrics';
import { createLimiter } from './rate-limit';
import { answerUnreadable } from './unreadable';
import { acceptWebSockets } from './upgrade';

/** The part of the configuration that is about HTTP. */
export interface HttpSettings {
  /** IPv6 without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Requests need no key; only programs of this machine are answered. */
  readonly open: boolean;
  /** Proxies in front, whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
  readonly metrics: 'protected' | 'open' | 'off';
  readonly limits: { readonly maxBodyBytes: number; readonly requestsPerMinute: number };
}

/** The API behind the server. Requests reach it authenticated, their caller in `request.caller`, their body parsed. */
export interface GraphqlEndpoint {
  readonly middleware: RequestHandler;
  /** Subscriptions as server-sent events. */
  readonly stream: RequestHandler | null;
  /** Takes over a WebSocket, whose key it checks itself. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all subscriptions, WebSockets with code 1001. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly settings: HttpSettings;
  readonly logger: Logger;
  readonly authenticate: Authenticate;
  /** Null on a worker, which answers about its health only. */
  readonly graphql: GraphqlEndpoint | null;
  readonly ready: () => Promise<Readiness>;
  readonly metrics: MetricsRegistry;
  /** Null: there is no GraphiQL. */
  readonly graphiqlHtml: (() => string) | null;
  /** Null: there is no dashboard, and `/` leads to GraphiQL. */
  readonly dashboardFolder: string | null;
  readonly timeouts?: HttpTimeouts;
}

/** How long a client may take, ms. */
export interface HttpTimeouts {
  /** From the start of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the start of a request to the end of its body. */
  readonly requestMs: number;
  /** Between two requests of a connection. Longer than the minute that load balancers keep theirs. */
  readonly keepAliveMs: number;
  /** How often the first two are looked at. */
  readonly checkMs: number;
}

const TIMEOUTS: HttpTimeouts = { headersMs: 15_000, requestMs: 120_000, keepAliveMs: 65_000, checkMs: 5000 };

/** What ending takes beyond the grace: subscriptions are told, and their clients may say goodbye. */
const FAREWELL_MS = 1000;

export interface HttpServer {
  /** Rejects with an InputError when the address cannot be had. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /**
   * Takes no more connections, waits up to `graceMs` for requests that are being answered, then ends WebSockets and
   * all that is left.
   */
  close(graceMs: number): Promise<void>;
}

/** The web server of a process: everything around the API. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { settings, graphql } = options;
  const timeouts = options.timeouts ?? TIMEOUTS;
  let closing: Promise<void> | null = null;
  const isClosing = () => closing !== null;
  const shared = {
    open: settings.open,
    trustedProxies: settings.trustedProxies,
    limiter: createLimiter(settings.limits.requestsPerMinute),
    logger: options.logger,
    isClosing,
  };
  const app = createApp({
    ...shared,
    maxBodyBytes: settings.limits.maxBodyBytes,
    authenticate: guardAuthentication(options.authenticate),
    graphql,
    ready: options.ready,
    metrics: options.metrics,
    metricsAccess: settings.metrics,
    graphiqlHtml: options.graphiqlHtml,
    dashboardFolder: options.dashboardFolder,
  });
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.checkMs,
  });
  // Before the app, which may answer at once.
  const inFlight = watchInFlight(server);
  server.on('request', app);
  answerUnreadable(server, inFlight);
  const webSockets = acceptWebSockets(server, {
    ...shared,
    upgrade: graphql === null ? null : (request, socket, head) => graphql.upgrade(request, socket, head),
  });
  options.metrics.watchWebSockets(webSockets.count);

  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    inFlight.closeAfterAnswer();
    await inFlight.settle(graceMs);
    await atMost(FAREWELL_MS, graphql?.close() ?? Promise.resolve());
    await webSockets.end(FAREWELL_MS);
    server.closeAllConnections();
    await closed;
  };
  return {
    listen: () => listen(server, settings),
    close: (graceMs) => {
      closing ??= close(graceMs);
      return closing;
    },
  };
}

function listen(server: Server, { host, port }: HttpSettings): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen(port, host, () => {
      const bound = (server.address() as AddressInfo).port;
      // "All addresses" is none that a browser can go to.
      const named = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
      resolve({ url: `http://${hostAndPort(named, bound)}`, port: bound });
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const fault = { source: 'environment', path: 'PORT', found: String(port) };
  switch (error.code) {
    case 'EADDRINUSE':
      return new InputError({
        ...fault,
        found: `${port}, which another program listens on`,
        allowed: 'a free port',
        hint: 'end that program or set another PORT',
      });
    case 'EACCES':
      return new InputError({
        ...fault,
        found: `${port}, which this user may not use`,
        allowed: 'a port from 1024 on',
        hint: 'set another PORT',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new InputError({
        ...fault,
        path: 'HOST',
        found: JSON.stringify(host),
        allowed: 'an address of this machine',
        hint: 'set another HOST',
      });
    default:
      return error;
  }
}

/** A neighbour that does not end must not keep the process from ending. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
