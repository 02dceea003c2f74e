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
  const { schema, document, variables, maxComplexity } = operation;
  const name = operation.operation.name?.value;
  const found = getComplexity({
    schema,
    query: document,
    variables: { ...variables },
    estimators: [fieldExtensionsEstimator(), rowsEstimator],
    ...(name === undefined ? {} : { operationName: name }),
  });
  if (found > maxComplexity) throw new LimitError('rows the answer may hold', found, maxComplexity);
}

const rowsEstimator: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const named = getNamedType(field.type);
  if (type.name.startsWith('__') || named.name.startsWith('__') || !isCompositeType(named)) return 0;
  const each = 1 + childComplexity;
  const { first } = args as { readonly first?: unknown };
  if (typeof first === 'number') return Math.max(1, first) * each;
  return isListType(getNullableType(field.type)) ? USUAL_LENGTH * each : each;
};
