import { randomUUID } from 'node:crypto';
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import type { RequestHandler } from 'express';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Caller } from '../../../app/access';
import type { Logger } from '../../../app/ports/logger';
import type { GraphqlContext } from '../context';
import { toWireError } from '../errors';
import { compiledQueries } from '../execution/compiled-queries';
import { createDocumentStore } from '../execution/document-store';
import type { GraphqlApiOptions, PersistedQueries } from '../options';
import { NOT_ALLOWED, refuseUnlisted } from '../protection/persisted-queries';
import { ownRules, type Protection, refuseCostly } from '../protection/prepare-operation';
import { callerOf, requestIdOf } from './request';

/** Queries and mutations over HTTP, by Apollo Server. Expects the body parsed and the caller known. */
export async function createHttpApi(
  protection: Protection,
  { logger, onOperation }: Pick<GraphqlApiOptions, 'logger' | 'onOperation'>,
  newContext: (caller: Caller, requestId: string) => GraphqlContext,
): Promise<{ readonly middleware: RequestHandler; close(): Promise<void> }> {
  const { schema, limits, introspection, persistedQueries } = protection;
  /** Which request an error belongs to: Apollo does not say when it formats one. */
  const requestIds = new WeakMap<object, string>();
  const server = new ApolloServer<GraphqlContext>({
    schema,
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [...ownRules(limits)],
    persistedQueries: apolloPersistedQueries(persistedQueries),
    documentStore: createDocumentStore(DOCUMENTS),
    plugins: [
      // It wraps the resolver of every field, for hints that this schema does not give.
      ApolloServerPluginCacheControlDisabled(),
      refuseInPlugin(protection),
      noteErrors(requestIds),
      timeOperations(onOperation),
      compiledQueries(schema),
    ],
    formatError: (formatted, error) =>
      refusedByList(persistedQueries, formatted) ??
      toWireError(formatted, error, { id: requestIds.get(error as object) ?? randomUUID(), logger }),
    logger: apolloLogger(logger),
  });
  await server.start();
  const answer = expressMiddleware(server, {
    context: async ({ req }) => newContext(callerOf(req), requestIdOf(req)),
  });
  const middleware: RequestHandler = (request, response, next) => {
    const given = (request.method === 'GET' ? request.query : request.body) as
      | { readonly query?: unknown }
      | undefined;
    try {
      if (typeof given?.query === 'string') refuseUnlisted(persistedQueries, given.query);
    } catch (error) {
      const { message, extensions } = error as GraphQLError;
      response.status(403).json({ errors: [{ message, extensions }] });
      return undefined;
    }
    return answer(request, response, next);
  };
  return { middleware, close: () => server.stop() };
}

/**
 * 10 MB usually; made to be large, 50 and 60 more for what is compiled of them. A client has a few dozen documents; one that
 * writes ids into them has no use for them again.
 */
const DOCUMENTS = { documentsMax: 200, charactersMax: 200_000, charactersOfOneMax: 30_000 };

/** Refuses what needs the variables to be seen. */
const refuseInPlugin = (protection: Protection): ApolloServerPlugin<GraphqlContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ document, operation, request }) {
        // None: the executor says so.
        if (operation === undefined) return;
        if (operation.operation === 'subscription') {
          throw new GraphQLError(
            'subscriptions are answered over WebSocket, or as events at /graphql/stream',
            {
              extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
            },
          );
        }
        try {
          refuseCostly(protection, { document, operation, variables: request.variables ?? {} });
        } catch (error) {
          const originalError = error as Error;
          const nodes = error instanceof GraphQLError ? error.nodes : undefined;
          throw new GraphQLError(originalError.message, {
            originalError,
            ...(nodes === undefined ? {} : { nodes }),
            extensions: { http: { status: 400 } },
          });
        }
      },
    };
  },
});

const noteErrors = (requestIds: WeakMap<object, string>): ApolloServerPlugin<GraphqlContext> => ({
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }) {
        for (const error of errors) requestIds.set(error, contextValue.requestId);
      },
    };
  },
});

const timeOperations = (
  onOperation: GraphqlApiOptions['onOperation'],
): ApolloServerPlugin<GraphqlContext> => ({
  async requestDidStart() {
    const began = performance.now();
    return {
      async willSendResponse({ operationName, errors }) {
        const failed = (errors?.length ?? 0) > 0;
        onOperation?.({ name: operationName ?? null, ms: performance.now() - began, failed });
      },
    };
  },
});

type ApolloPersistedQueries = NonNullable<ApolloServerOptions<GraphqlContext>['persistedQueries']>;

function apolloPersistedQueries(mode: PersistedQueries): ApolloPersistedQueries {
  if (mode.mode === 'off') return false;
  if (mode.mode === 'apq') return {};
  return {
    cache: {
      // Apollo puts a prefix before the hash.
      get: async (key) => mode.documents.get(key.slice(key.lastIndexOf(':') + 1).toLowerCase()),
      set: async () => {},
      delete: async () => false,
    },
  };
}

/** With a list of documents, an unknown hash is not to be followed by the document itself. */
const refusedByList = ({ mode }: PersistedQueries, { extensions }: GraphQLFormattedError) =>
  mode === 'safelist' && extensions?.code === 'PERSISTED_QUERY_NOT_FOUND' ? NOT_ALLOWED : null;

const apolloLogger = (logger: Logger) => ({
  debug: (message?: unknown) => logger.debug({}, String(message)),
  info: (message?: unknown) => logger.info({}, String(message)),
  warn: (message?: unknown) => logger.warn({}, String(message)),
  error: (message?: unknown) => logger.error({}, String(message)),
});
