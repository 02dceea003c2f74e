import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  parse,
} from 'graphql';
import type { GraphqlContext } from '../../src/adapters/graphql/context';
import { compileQuery } from '../../src/adapters/graphql/execution/compile-query';
import { executeCompiled } from '../../src/adapters/graphql/execution/execute-compiled';

/** A query executed by graphql-js and by us. `compiled`: null where ours leaves it to graphql-js. */
export async function executeBoth(
  schema: GraphQLSchema,
  text: string,
  variables: Readonly<Record<string, unknown>>,
  newContext: () => GraphqlContext,
): Promise<{
  readonly expected: ExecutionResult;
  readonly compiled: Record<string, unknown> | null;
  readonly wasCompiled: boolean;
}> {
  const document = parse(text);
  const expected = await execute({ schema, document, variableValues: variables, contextValue: newContext() });
  const query = compileQuery(schema, getOperationAST(document)!, fragmentsOf(document));
  const compiled = query && (await executeCompiled(query, schema, variables, newContext()));
  return { expected, compiled, wasCompiled: query !== null };
}

export const fragmentsOf = (document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
