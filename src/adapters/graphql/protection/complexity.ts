import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type OperationDefinitionNode,
} from 'graphql';
import { type ComplexityEstimator, fieldExtensionsEstimator, getComplexity } from 'graphql-query-complexity';
import { LimitError } from '../../../app/ports/api-errors';

/** Length that a list without pages is taken to have. */
const USUAL_LENGTH = 10;

/**
 * The cost of an operation is the number of rows its answer may hold: an object costs 1 and what it holds, a page `first`
 * times that, a list without pages ten times; fields without objects in them are free. Fields that are dearer, or whose
 * objects are part of the row around them, say so in the schema (`complexity`).
 */
export function refuseTooComplex(operation: {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly maxComplexity: number;
}): void {
  const found = operation.operation.operation === 'query' ? remembered(operation) : measure(operation);
  const { maxComplexity } = operation;
  if (found > maxComplexity) throw new LimitError('rows the answer may hold', found, maxComplexity, LESS);
}

const LESS = 'ask for a smaller `first`, or for fewer lists inside each row';

type Operation = Parameters<typeof refuseTooComplex>[0];

/** Clients send the same documents again and again, and working out their cost goes through them whole. */
function remembered(operation: Operation): number {
  const { operation: node, variables } = operation;
  const costs = costsOf.get(node) ?? new Map<string, number>();
  costsOf.set(node, costs);
  const counts = countsIn(node, variables);
  const before = costs.get(counts);
  if (before !== undefined) return before;
  const found = measure(operation);
  if (costs.size >= COUNTS_MAX) costs.clear();
  if (counts.length <= COUNTS_LENGTH_MAX) costs.set(counts, found);
  return found;
}

const COUNTS_MAX = 32;
const COUNTS_LENGTH_MAX = 500;
const costsOf = new WeakMap<OperationDefinitionNode, Map<string, number>>();

/**
 * A cost depends on sizes of pages and on what is skipped, so not on variables that are texts. One that is not given has its
 * default, which null has not.
 */
const countsIn = (
  { variableDefinitions }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): string =>
  JSON.stringify(
    (variableDefinitions ?? []).map(({ variable: { name } }) => variables[name.value]),
    (_, value: unknown) => (typeof value === 'string' ? '' : value === undefined ? 'not given' : value),
  );

function measure({ schema, document, operation, variables }: Operation): number {
  const name = operation.name?.value;
  return getComplexity({
    schema,
    query: document,
    variables: { ...variables },
    estimators: [fieldExtensionsEstimator(), rowsEstimator],
    ...(name === undefined ? {} : { operationName: name }),
  });
}

const rowsEstimator: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const named = getNamedType(field.type);
  if (type.name.startsWith('__') || named.name.startsWith('__') || !isCompositeType(named)) return 0;
  const each = 1 + childComplexity;
  const { first } = args as { readonly first?: unknown };
  if (typeof first === 'number') return Math.max(1, first) * each;
  return isListType(getNullableType(field.type)) ? USUAL_LENGTH * each : each;
};
