import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getOperationAST,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { GraphqlContext } from '../context';

/** What a query asks for, worked out once for all its executions. */
export interface CompiledQuery {
  readonly operation: OperationDefinitionNode;
  readonly fields: readonly CompiledField[];
}

export interface CompiledField {
  /** Name in the answer. */
  readonly key: string;
  /** Name in the schema. */
  readonly name: string;
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, GraphqlContext>;
  /** Null: the property of its name. */
  readonly resolve: ((source: unknown, args: object, context: GraphqlContext) => unknown) | null;
  readonly value: CompiledValue;
}

export type CompiledValue = { readonly nullable: boolean } & (
  | { readonly kind: 'leaf'; readonly serialize: (value: unknown) => unknown }
  | { readonly kind: 'list'; readonly item: CompiledValue }
  | { readonly kind: 'object'; readonly fields: readonly CompiledField[] }
);

/** Null for what `executeCompiled` leaves to graphql-js: mutations, directives, introspection, interfaces and unions. */
export function compileQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): CompiledQuery | null {
  const operation = getOperationAST(document, operationName);
  const type = schema.getQueryType();
  if (operation?.operation !== 'query' || !type || hasDirectives(operation)) return null;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  try {
    return { operation, fields: compileFields(type, [operation.selectionSet], fragments) };
  } catch (error) {
    if (error instanceof LeftToGraphqlJs) return null;
    throw error;
  }
}

class LeftToGraphqlJs extends Error {}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function compileFields(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  fragments: Fragments,
): readonly CompiledField[] {
  const nodesByKey = new Map<string, FieldNode[]>();
  for (const selection of selections) collect(type, selection, fragments, nodesByKey, new Set());
  const definitions = type.getFields();
  return [...nodesByKey].map(([key, nodes]) => {
    const node = nodes[0]!;
    const name = node.name.value;
    const definition = definitions[name];
    // As a key, __proto__ is no property of an ordinary object.
    if (definition === undefined || key === '__proto__') throw new LeftToGraphqlJs();
    const inner = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
    return {
      key,
      name,
      node,
      definition,
      // Resolvers of this API do not read what graphql-js tells them of the query.
      resolve: (definition.resolve as CompiledField['resolve'] | undefined) ?? null,
      value: compileValue(definition.type, inner, fragments),
    };
  });
}

/** Fields of a selection by their name in the answer, in the order of the specification. */
function collect(
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  fragments: Fragments,
  found: Map<string, FieldNode[]>,
  visited: Set<string>,
): void {
  for (const node of selections) {
    if (hasDirectives(node)) throw new LeftToGraphqlJs();
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const known = found.get(key);
      if (known === undefined) found.set(key, [node]);
      else known.push(node);
      continue;
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      if (visited.has(node.name.value)) continue;
      visited.add(node.name.value);
    }
    const on = fragment?.typeCondition?.name.value ?? type.name;
    if (fragment === undefined || on !== type.name || hasDirectives(fragment)) throw new LeftToGraphqlJs();
    collect(type, fragment.selectionSet, fragments, found, visited);
  }
}

function compileValue(
  type: GraphQLOutputType,
  selections: readonly SelectionSetNode[],
  fragments: Fragments,
): CompiledValue {
  const nullable = !isNonNullType(type);
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isLeafType(bare)) return { nullable, kind: 'leaf', serialize: (value) => bare.serialize(value) };
  if (isListType(bare))
    return { nullable, kind: 'list', item: compileValue(bare.ofType, selections, fragments) };
  if (!isObjectType(bare) || bare.isTypeOf) throw new LeftToGraphqlJs();
  return { nullable, kind: 'object', fields: compileFields(bare, selections, fragments) };
}

const hasDirectives = ({ directives }: { readonly directives?: readonly unknown[] | undefined }): boolean =>
  directives !== undefined && directives.length > 0;
