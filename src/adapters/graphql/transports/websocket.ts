import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer, type Server } from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { AccessError, type Caller } from '../../../app/access';
import { LimitError } from '../../../app/ports/api-errors';
import { StoreUnavailableError } from '../../../app/ports/run-store';
import type { GraphqlContext } from '../context';
import { toWireError } from '../errors';
import type { GraphqlApi, GraphqlApiOptions } from '../options';
import { prepareSubscription, type Subscriptions, toWireResult } from './prepare-subscription';

/** A subscription is a few hundred bytes; uploads come over HTTP. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** A client that does not answer a ping until the next one is gone. */
const PING_MS = 12_000;
/** Codes of WebSocket itself. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** HTTP's 429 among the codes for applications. */
const TOO_MANY_REQUESTS = 4429;

/** Set when the connection is opened, and when it has told who it is. */
interface Connection {
  readonly request: IncomingMessage;
  caller?: Caller;
  /** Ends the connection when its key ends. */
  watch(caller: Caller): void;
}

/** Subscriptions in the protocol graphql-transport-ws. */
export function createWebSockets(
  subscriptions: Subscriptions,
  authenticate: GraphqlApiOptions['authenticate'],
  newContext: (caller: Caller, requestId: string) => GraphqlContext,
): Pick<GraphqlApi, 'upgrade' | 'close'> {
  const { logger } = subscriptions;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const server = protocolServer(subscriptions, authenticate, newContext);
  sockets.on('connection', (socket, request) => {
    // A broken frame or one too large: ws closes the connection with the code that says so.
    socket.on('error', (error) => logger.info({ err: error }, 'websocket broke'));
    serve(server, socket, request, subscriptions);
  });
  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
    },
    async close() {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server is being stopped');
    },
  };
}

type ConnectionContext = Context<Record<string, unknown> | undefined, Connection>;

function protocolServer(
  subscriptions: Subscriptions,
  authenticate: GraphqlApiOptions['authenticate'],
  newContext: (caller: Caller, requestId: string) => GraphqlContext,
): Server<Connection> {
  const { logger, maxSubscriptions } = subscriptions;
  const requestOf = ({ extra }: ConnectionContext) => ({
    id: String(extra.request.id ?? randomUUID()),
    logger,
  });
  return makeServer<Record<string, unknown> | undefined, Connection>({
    async onConnect(connection) {
      const { extra, connectionParams } = connection;
      try {
        const remote = extra.request.socket.remoteAddress ?? '';
        extra.caller = await authenticate(secretOf(connectionParams ?? {}, extra.request), remote);
        extra.watch(extra.caller);
        return true;
      } catch (error) {
        // Closes with 4403 Forbidden.
        if (error instanceof AccessError) return false;
        throw error;
      }
    },
    onSubscribe(connection, _id, payload) {
      const { caller } = connection.extra;
      if (caller === undefined) throw new Error('a subscription on a connection without a caller');
      const count = Object.keys(connection.subscriptions).length;
      if (count > maxSubscriptions) {
        const error = new LimitError('subscriptions of one connection', count, maxSubscriptions);
        return [new GraphQLError(error.message, { originalError: error })];
      }
      const { id } = requestOf(connection);
      return prepareSubscription(subscriptions, payload, newContext(caller, id));
    },
    onOperation(_connection, _id, payload, _args, result) {
      const failed = 'errors' in result;
      subscriptions.onOperation?.({ name: payload.operationName ?? null, ms: 0, failed });
      // A subscription that could not be started is an error, not a result.
      return undefined;
    },
    onNext: (connection, _id, _payload, _args, result) => toWireResult(result, requestOf(connection)),
    onError: (connection, _id, _payload, errors) =>
      errors.map((error) => toWireError(error.toJSON(), error, requestOf(connection))),
  });
}

/** The key in the connection's parameters, `authorization: "Bearer …"` or `apiKey`, else in the headers. */
function secretOf(params: Readonly<Record<string, unknown>>, { headers }: IncomingMessage): string | null {
  const authorization = params.authorization ?? params.Authorization ?? headers.authorization;
  if (typeof authorization === 'string') {
    const secret = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (secret !== undefined) return secret;
    throw new AccessError('UNAUTHENTICATED', 'authorization is not "Bearer <API key>"');
  }
  const apiKey = params.apiKey ?? headers['x-api-key'];
  return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null;
}

/** Joins one socket to the protocol. */
function serve(
  server: Server<Connection>,
  socket: WebSocket,
  request: IncomingMessage,
  { logger, watchKey }: Subscriptions,
): void {
  let unwatch: (() => void) | null = null;
  const watch = (caller: Caller): void => {
    if (socket.readyState === socket.OPEN)
      unwatch = watchKey(caller, (reason) => socket.close(CloseCode.Forbidden, reason));
  };
  let answered = true;
  const pinger = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => {
    answered = true;
  });
  const closed = server.opened(
    {
      protocol: socket.protocol,
      // Resolves when the bytes are on their way: what is sent waits for a slow client.
      send: (text) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(text, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (answer) =>
        socket.on('message', (data: RawData) => {
          answer(String(data)).catch((error: unknown) => {
            if (socket.readyState !== socket.OPEN) return;
            const fault = knownFault(error);
            if (fault !== null) return socket.close(fault.code, fault.reason);
            logger.error({ err: error, requestId: request.id }, 'a websocket message failed');
            socket.close(CloseCode.InternalServerError, 'a fault of the server');
          });
        }),
    },
    { request, watch },
  );
  socket.once('close', (code, reason) => {
    clearInterval(pinger);
    unwatch?.();
    closed(code, String(reason)).catch((error: unknown) =>
      logger.error({ err: error, requestId: request.id }, 'a websocket could not be tidied up'),
    );
  });
}

/** How a connection is closed that is no fault of the server's program; null: it is one. */
function knownFault(error: unknown): { readonly code: number; readonly reason: string } | null {
  // Not a fault of the client's, but one that it mends by coming again.
  if (error instanceof StoreUnavailableError)
    return { code: TRY_AGAIN_LATER, reason: 'the database cannot be reached' };
  // Too many wrong keys from its address.
  if (error instanceof LimitError) return { code: TOO_MANY_REQUESTS, reason: error.message.slice(0, 100) };
  // graphql-ws on messages that are the server's to send.
  if (error instanceof Error && /^Unexpected message of type \w+ received$/.test(error.message))
    return { code: CloseCode.BadRequest, reason: error.message };
  return null;
}
