import { once } from 'node:events';
import type { Request, Response } from 'express';
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  subscribe,
} from 'graphql';
import { AccessError, type Caller } from '../../../app/access';
import { LimitError } from '../../../app/ports/api-errors';
import type { GraphqlContext } from '../context';
import { toWireError } from '../errors';
import type { GraphqlApi } from '../options';
import type { OperationRequest } from '../protection/prepare-operation';
import { prepareSubscription, type Subscriptions, toWireResult } from './prepare-subscription';
import { callerOf, requestIdOf } from './request';

/** A comment now and then, so that proxies keep the connection. */
const KEEP_ALIVE_MS = 12_000;

/** Subscriptions as server-sent events, one a request: the "distinct connections" of the GraphQL over SSE protocol. */
export function createEventStreams(
  subscriptions: Subscriptions,
  newContext: (caller: Caller, requestId: string) => GraphqlContext,
): { readonly stream: GraphqlApi['stream']; close(): Promise<void> } {
  const open = new Map<Response, string>();

  async function stream(request: Request, response: Response): Promise<void> {
    const log = { id: requestIdOf(request), logger: subscriptions.logger };
    const refuse = (errors: readonly GraphQLFormattedError[]) => response.status(400).json({ errors });
    const caller = callerOf(request);
    const owner = caller.keyId ?? request.socket.remoteAddress ?? '';
    const count = 1 + [...open.values()].filter((other) => other === owner).length;
    if (count > subscriptions.maxSubscriptions) {
      const error = new LimitError('event streams of one caller', count, subscriptions.maxSubscriptions);
      response.status(429).json({ errors: [toWireError({ message: error.message }, error, log)] });
      return;
    }
    const context = newContext(caller, log.id);
    const prepared = prepareSubscription(subscriptions, operationOf(request), context);
    if ('length' in prepared) {
      refuse(prepared.map((error) => toWireError(error.toJSON(), error, log)));
      return;
    }
    open.set(response, owner);
    response.once('close', () => open.delete(response));
    const results = await subscribe(prepared);
    if (!(Symbol.asyncIterator in results)) {
      refuse(toWireResult(results, log).errors ?? []);
      return;
    }
    subscriptions.onOperation?.({ name: prepared.operationName ?? null, ms: 0, failed: false });
    const unwatch = subscriptions.watchKey(caller, (reason) => {
      const error = new AccessError('UNAUTHENTICATED', reason);
      response.write(nextEvent({ errors: [toWireError({ message: reason }, error, log)] }));
      // Ends the sending, which says that it is complete.
      void results.return();
    });
    response.once('close', unwatch);
    await send(results, response, (result) => toWireResult(result, log));
  }

  return {
    stream,
    async close() {
      for (const response of open.keys()) response.end();
    },
  };
}

/** Sends results as they come. A slow client is waited for: nothing is read for it meanwhile. */
async function send(
  results: AsyncGenerator<ExecutionResult, void, void>,
  response: Response,
  toWire: (result: ExecutionResult) => FormattedExecutionResult,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache',
    'X-Accel-Buffering': 'no',
  });
  response.write(':\n\n');
  const keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
    void results.return();
  });
  try {
    for await (const result of results) {
      if (response.writableEnded || response.destroyed) return;
      const isTaken = response.write(nextEvent(toWire(result)));
      if (!isTaken) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    if (!response.writableEnded) response.end('event: complete\ndata:\n\n');
  } finally {
    clearInterval(keepAlive);
  }
}

const nextEvent = (result: FormattedExecutionResult): string =>
  `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** POST holds the operation in its body, GET in the query: there variables and extensions are JSON text. */
function operationOf(request: Request): OperationRequest {
  const given: Readonly<Record<string, unknown>> =
    request.method === 'GET' ? request.query : (request.body ?? {});
  return {
    query: textOf(given.query),
    operationName: textOf(given.operationName),
    variables: objectOf(given.variables),
    extensions: objectOf(given.extensions),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  let object = value;
  if (typeof value === 'string') {
    try {
      object = JSON.parse(value);
    } catch {
      return null;
    }
  }
  return typeof object === 'object' && object !== null && !Array.isArray(object)
    ? (object as Readonly<Record<string, unknown>>)
    : null;
}
