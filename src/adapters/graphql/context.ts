import type { Caller } from '../../app/access';
import type { PlannerApi } from '../../app/ports/api';
import type { RunEvents } from '../../app/ports/events';
import type { ReadStore } from '../../app/ports/read-store';
import type { Catalog } from '../../core/catalog/catalog';
import { createLoaders, type Loaders } from './loaders';
import type { GraphqlApiOptions, GraphqlLimits } from './options';

/** What resolvers have at hand. One operation has one of its own. */
export interface GraphqlContext {
  readonly caller: Caller;
  readonly requestId: string;
  readonly readStore: ReadStore;
  readonly api: PlannerApi;
  readonly events: RunEvents;
  readonly catalog: Catalog;
  readonly limits: GraphqlLimits;
  /** What this operation has read. A subscription begins anew with each event. */
  loaders: Loaders;
}

type Shared = Pick<GraphqlApiOptions, 'readStore' | 'api' | 'events' | 'catalog' | 'limits'>;

/** Makes the context of each operation. */
export const createContext =
  ({ readStore, api, events, catalog, limits }: Shared) =>
  (caller: Caller, requestId: string): GraphqlContext => ({
    caller,
    requestId,
    readStore,
    api,
    events,
    catalog,
    limits,
    loaders: createLoaders(readStore, api, caller),
  });

/** Forgets what was read: the next event is about what has changed. */
export function forgetReads(context: GraphqlContext): void {
  context.loaders = createLoaders(context.readStore, context.api, context.caller);
}
