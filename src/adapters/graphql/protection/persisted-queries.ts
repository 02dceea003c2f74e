import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { PersistedQueries } from '../options';

/** What a client is told whose document is not on the list. */
export const NOT_ALLOWED = {
  message: 'this server executes registered documents only',
  extensions: { code: 'PERSISTED_QUERY_NOT_ALLOWED' },
} as const;

const notAllowed = (): GraphQLError =>
  new GraphQLError(NOT_ALLOWED.message, { extensions: { ...NOT_ALLOWED.extensions } });

/** Throws unless the mode lets this document be executed. */
export function refuseUnlisted(mode: PersistedQueries, text: string): void {
  if (mode.mode === 'safelist' && !mode.documents.has(sha256Hex(text))) throw notAllowed();
}

/** The text of a document that a client named by its hash only. */
export function listedDocument(mode: PersistedQueries, hash: string): string {
  const text = mode.mode === 'safelist' ? mode.documents.get(hash.toLowerCase()) : undefined;
  if (text === undefined) throw notAllowed();
  return text;
}

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
