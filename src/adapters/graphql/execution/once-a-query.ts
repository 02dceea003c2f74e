import type { FieldNode, GraphQLSchema } from 'graphql';
import type { GraphqlContext } from '../context';
import type { AboutField } from './compile-query';

/**
 * Has each root field of a query begin its work once, though the query be executed twice: a comparison or a ranking beside a
 * field that fails is not made again. Below the roots the loaders do the same.
 */
export function resolveRootsOnce(schema: GraphQLSchema): void {
  const begun = new WeakMap<GraphqlContext, Map<FieldNode, unknown>>();
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (resolve === undefined) continue;
    field.resolve = (source, args, context: GraphqlContext, info) => {
      const node = (info as AboutField).fieldNodes[0]!;
      const values = begun.get(context) ?? new Map<FieldNode, unknown>();
      begun.set(context, values);
      if (!values.has(node)) values.set(node, resolve(source, args, context, info));
      return values.get(node);
    };
  }
}
