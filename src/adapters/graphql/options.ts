import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import type { Caller } from '../../app/access';
import type { PlannerApi } from '../../app/ports/api';
import type { RunEvents } from '../../app/ports/events';
import type { Logger } from '../../app/ports/logger';
import type { ReadStore } from '../../app/ports/read-store';
import type { Catalog } from '../../core/catalog/catalog';

/** What one request may ask for. A document beyond any of these is refused before it is executed. */
export interface GraphqlLimits {
  readonly maxQueryDepth: number;
  /** Rows an answer may hold, see protection/complexity.ts. */
  readonly maxQueryComplexity: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxTokens: number;
  readonly maxPageSize: number;
  /** Subscriptions of one WebSocket connection, or of one caller over server-sent events. */
  readonly maxSubscriptionsPerConnection: number;
}

/** `safelist`: only these documents, by the SHA-256 (hex) of their text, are executed. */
export type PersistedQueries =
  | { readonly mode: 'off' }
  | { readonly mode: 'apq' }
  | { readonly mode: 'safelist'; readonly documents: ReadonlyMap<string, string> };

export interface GraphqlApiOptions {
  readonly readStore: ReadStore;
  readonly api: PlannerApi;
  readonly events: RunEvents;
  readonly catalog: Catalog;
  readonly limits: GraphqlLimits;
  /** Rejects with an AccessError. Over HTTP the caller is at `request.caller` already. */
  readonly authenticate: (secret: string | null, remote: string) => Promise<Caller>;
  readonly logger: Logger;
  readonly introspection: boolean;
  readonly persistedQueries: PersistedQueries;
  /** Hears of each operation: its name (null: it has none), how long it took, and whether it had errors. */
  readonly onOperation?: (operation: {
    readonly name: string | null;
    readonly ms: number;
    readonly failed: boolean;
  }) => void;
}

export interface GraphqlApi {
  /** Answers /graphql; expects `request.body` parsed and `request.caller` set. */
  readonly middleware: RequestHandler;
  /** Answers /graphql/stream: subscriptions as server-sent events. */
  readonly stream: RequestHandler;
  /** Takes over a WebSocket (graphql-transport-ws). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all subscriptions, WebSockets with code 1001. */
  close(): Promise<void>;
}
