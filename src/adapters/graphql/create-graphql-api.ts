import { createContext } from './context';
import type { GraphqlApi, GraphqlApiOptions } from './options';
import type { Protection } from './protection/prepare-operation';
import { buildApiSchema } from './schema';
import { createHttpApi } from './transports/apollo';
import { createEventStreams } from './transports/event-stream';
import type { Subscriptions } from './transports/prepare-subscription';
import { createKeyWatch } from './transports/watch-keys';
import { createWebSockets } from './transports/websocket';

export { graphiqlPage } from './graphiql-page';

/** The API, ready to be put behind a web server. */
export async function createGraphqlApi(options: GraphqlApiOptions): Promise<GraphqlApi> {
  const { limits, introspection, persistedQueries, logger, onOperation, authenticate } = options;
  const protection: Protection = { schema: buildApiSchema(), limits, introspection, persistedQueries };
  const newContext = createContext(options);
  const subscriptions: Subscriptions = {
    protection,
    logger,
    onOperation,
    maxSubscriptions: limits.maxSubscriptionsPerConnection,
    watchKey: createKeyWatch(options.readStore),
  };
  const http = await createHttpApi(protection, options, newContext);
  const streams = createEventStreams(subscriptions, newContext);
  const webSockets = createWebSockets(subscriptions, authenticate, newContext);
  return {
    middleware: http.middleware,
    stream: streams.stream,
    upgrade: webSockets.upgrade,
    async close() {
      await Promise.all([http.close(), streams.close(), webSockets.close()]);
    },
  };
}
