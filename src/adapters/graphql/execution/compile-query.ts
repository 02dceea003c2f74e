import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
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
  readonly info: AboutField;
  readonly definition: GraphQLField<unknown, GraphqlContext>;
  /** Null: the property of its name. */
  readonly resolve: Resolve | null;
  readonly value: CompiledValue;
}

/** Of what graphql-js tells of the query, resolvers of this API read the fields' nodes at most, see once-a-query.ts. */
type Resolve = (source: unknown, args: object, context: GraphqlContext, info: AboutField) => unknown;

export interface AboutField {
  readonly fieldNodes: readonly FieldNode[];
}

export type CompiledValue = { readonly nullable: boolean } & (
  | { readonly kind: 'leaf'; readonly serialize: (value: unknown) => unknown }
  | { readonly kind: 'list'; readonly item: CompiledValue }
  | { readonly kind: 'object'; readonly fields: readonly CompiledField[] }
);

/** Null for what `executeCompiled` leaves to graphql-js: mutations, directives, introspection, interfaces, unions, and very much. */
export function compileQuery(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): CompiledQuery | null {
  const type = schema.getQueryType();
  if (operation.operation !== 'query' || !type || hasDirectives(operation)) return null;
  const query: QueryToCompile = { fragments, fieldCount: 0 };
  try {
    return { operation, fields: compileFields(type, [operation.selectionSet], query) };
  } catch (error) {
    if (error instanceof LeftToGraphqlJs) return null;
    throw error;
  }
}

class LeftToGraphqlJs extends Error {}

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

interface QueryToCompile {
  readonly fragments: Fragments;
  fieldCount: number;
}

/** Fragments within fragments make much of a short document, and what is compiled is kept. Pages ask for 30 to 200 fields. */
const FIELDS_MAX = 1000;

function compileFields(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  query: QueryToCompile,
): readonly CompiledField[] {
  const nodesByKey = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  for (const selection of selections) collect(type, selection, query.fragments, nodesByKey, visited);
  query.fieldCount += nodesByKey.size;
  if (query.fieldCount > FIELDS_MAX) throw new LeftToGraphqlJs();
  return [...nodesByKey].map(([key, nodes]) => compileField(type, key, nodes, query));
}

function compileField(
  type: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  query: QueryToCompile,
): CompiledField {
  const name = nodes[0]!.name.value;
  const isTypeName = name === TypeNameMetaFieldDef.name;
  const definition = isTypeName ? TypeNameMetaFieldDef : type.getFields()[name];
  // As a key, __proto__ is no property of an ordinary object.
  if (definition === undefined || key === '__proto__') throw new LeftToGraphqlJs();
  const inner = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
  return {
    key,
    name,
    info: { fieldNodes: nodes },
    definition,
    resolve: isTypeName ? () => type.name : ((definition.resolve as Resolve | undefined) ?? null),
    value: compileValue(definition.type, inner, query),
  };
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
  query: QueryToCompile,
): CompiledValue {
  const nullable = !isNonNullType(type);
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isLeafType(bare)) return { nullable, kind: 'leaf', serialize: (value) => bare.serialize(value) };
  if (isListType(bare)) return { nullable, kind: 'list', item: compileValue(bare.ofType, selections, query) };
  if (!isObjectType(bare) || bare.isTypeOf) throw new LeftToGraphqlJs();
  return { nullable, kind: 'object', fields: compileFields(bare, selections, query) };
}

const hasDirectives = ({ directives }: { readonly directives?: readonly unknown[] | undefined }): boolean =>
  directives !== undefined && directives.length > 0;
