import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { GraphqlContext } from '../context';
import { type CompiledQuery, compileQuery } from './compile-query';
import { executeCompiled } from './execute-compiled';
import { resolveRootsOnce } from './once-a-query';

/**
 * Executes queries by `executeCompiled`. What that leaves, and every query that meets an error, Apollo Server executes with
 * graphql-js as ever: what was read is kept by the root fields and the loaders of the operation, and queries change nothing.
 */
export function compiledQueries(schema: GraphQLSchema): ApolloServerPlugin<GraphqlContext> {
  resolveRootsOnce(schema);
  const compiledOf = rememberCompiled(schema);
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ document, operation, request, contextValue, response }) {
          // None, when the document has no operation of the name asked for: nothing has been checked either.
          const compiled = operation === undefined ? null : compiledOf(operation, document);
          if (compiled === null) return null;
          const data = await executeCompiled(compiled, schema, request.variables ?? {}, contextValue);
          return data && { http: response.http, body: { kind: 'single', singleResult: { data } } };
        },
      };
    },
  };
}

/** The store of documents keeps what clients send again, and so does this as long as it does. */
function rememberCompiled(schema: GraphQLSchema) {
  const known = new WeakMap<OperationDefinitionNode, CompiledQuery | null>();
  return (operation: OperationDefinitionNode, document: DocumentNode): CompiledQuery | null => {
    const before = known.get(operation);
    if (before !== undefined) return before;
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    const compiled = compileQuery(
      schema,
      operation,
      new Map(fragments.map((node) => [node.name.value, node])),
    );
    known.set(operation, compiled);
    return compiled;
  };
}
