import type { ApolloServerPlugin } from '@apollo/server';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { GraphqlContext } from '../context';
import { type CompiledQuery, compileQuery } from './compile-query';
import { executeCompiled } from './execute-compiled';

/**
 * Executes queries by `executeCompiled`. What that leaves, and every query that meets an error, Apollo Server executes with
 * graphql-js as ever: what was read is kept in the loaders of the operation, and queries change nothing.
 */
export function compiledQueries(schema: GraphQLSchema): ApolloServerPlugin<GraphqlContext> {
  const compiledOf = rememberCompiled(schema);
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ document, operationName, request, contextValue, response }) {
          const compiled = compiledOf(document, operationName);
          if (compiled === null) return null;
          const data = await executeCompiled(compiled, schema, request.variables ?? {}, contextValue);
          return data && { http: response.http, body: { kind: 'single', singleResult: { data } } };
        },
      };
    },
  };
}

/** Apollo keeps the documents it knows, and so does this as long as Apollo does. */
function rememberCompiled(schema: GraphQLSchema) {
  const known = new WeakMap<DocumentNode, Map<string | null, CompiledQuery | null>>();
  return (document: DocumentNode, operationName: string | null): CompiledQuery | null => {
    const byName = known.get(document) ?? new Map<string | null, CompiledQuery | null>();
    known.set(document, byName);
    const before = byName.get(operationName);
    if (before !== undefined) return before;
    const compiled = compileQuery(schema, document, operationName);
    byName.set(operationName, compiled);
    return compiled;
  };
}
