import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { GraphqlLimits, PersistedQueries } from '../options';
import { refuseUnstorable } from './checked-text';
import { refuseTooComplex } from './complexity';
import { documentLimitsRule } from './document-limits';
import { listedDocument, refuseUnlisted } from './persisted-queries';

export interface Protection {
  readonly schema: GraphQLSchema;
  readonly limits: GraphqlLimits;
  readonly introspection: boolean;
  readonly persistedQueries: PersistedQueries;
}

/** An operation as a client sends it, by whatever transport. */
export interface OperationRequest {
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface PreparedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** Rules beside those of the specification. Apollo Server has its own on introspection. */
export const ownRules = (limits: GraphqlLimits): readonly ValidationRule[] => [documentLimitsRule(limits)];

/** What needs the variables: called when the document is known to be valid. */
export function refuseCostly(
  { schema, limits }: Pick<Protection, 'schema' | 'limits'>,
  operation: {
    readonly document: DocumentNode;
    readonly operation: OperationDefinitionNode;
    readonly variables: Readonly<Record<string, unknown>>;
  },
): void {
  refuseUnstorable(operation.document, operation.variables);
  refuseTooComplex({ schema, maxComplexity: limits.maxQueryComplexity, ...operation });
}

/**
 * Everything Apollo Server does for a request over HTTP before it executes it, for the other transports. Returns the
 * errors of a document that is none of ours to execute; throws the faults of our own limits.
 */
export function prepareOperation(
  protection: Protection,
  request: OperationRequest,
): PreparedOperation | readonly GraphQLError[] {
  const { schema, limits, introspection, persistedQueries } = protection;
  const text = textOf(request, persistedQueries);
  refuseUnlisted(persistedQueries, text);
  const document = parsed(text, limits.maxTokens);
  if (document instanceof GraphQLError) return [document];
  const rules = [
    ...specifiedRules,
    ...ownRules(limits),
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const errors = validate(schema, document, rules);
  if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operationName = request.operationName ?? null;
  const operation = getOperationAST(document, operationName);
  if (!operation) return [badRequest('the document holds no operation of that name, or several')];
  const variableValues = request.variables ?? {};
  refuseCostly(protection, { document, operation, variables: variableValues });
  return { schema, document, operation, operationName, variableValues };
}

function textOf({ query, extensions }: OperationRequest, mode: PersistedQueries): string {
  if (typeof query === 'string' && query !== '') return query;
  const persisted = extensions?.persistedQuery as { readonly sha256Hash?: unknown } | undefined;
  if (typeof persisted?.sha256Hash === 'string') return listedDocument(mode, persisted.sha256Hash);
  throw badRequest('the request has no query');
}

function parsed(text: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, 'GRAPHQL_PARSE_FAILED');
    throw error;
  }
}

const badRequest = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });

/** Its code says what it is, unless it wraps a fault that has one itself. */
const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.source === undefined ? {} : { source: error.source }),
    ...(error.positions === undefined ? {} : { positions: error.positions }),
    ...(error.originalError === undefined ? {} : { originalError: error.originalError }),
    extensions: { code, ...error.extensions },
  });
