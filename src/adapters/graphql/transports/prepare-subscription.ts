import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
} from 'graphql';
import type { GraphqlContext } from '../context';
import { toWireError } from '../errors';
import type { GraphqlApiOptions } from '../options';
import { type OperationRequest, type Protection, prepareOperation } from '../protection/prepare-operation';
import type { WatchKey } from './watch-keys';

/** What the transports of subscriptions share. */
export interface Subscriptions {
  readonly protection: Protection;
  readonly logger: GraphqlApiOptions['logger'];
  readonly onOperation: GraphqlApiOptions['onOperation'];
  readonly maxSubscriptions: number;
  readonly watchKey: WatchKey;
}

/**
 * Checks a subscription that a client asks for; the errors, when it is refused. Queries and mutations come over HTTP only,
 * where they are counted against the rate of their key.
 */
export function prepareSubscription(
  { protection }: Subscriptions,
  request: OperationRequest,
  contextValue: GraphqlContext,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    const prepared = prepareOperation(protection, request);
    if ('length' in prepared) return prepared;
    const { schema, document, operation, operationName, variableValues } = prepared;
    if (operation.operation !== 'subscription') {
      return [
        new GraphQLError(
          `this is for subscriptions: send a ${operation.operation} as an HTTP request to /graphql`,
          {
            extensions: { code: 'BAD_REQUEST' },
          },
        ),
      ];
    }
    return { schema, document, operationName, variableValues, contextValue };
  } catch (error) {
    return [asGraphqlError(error)];
  }
}

const asGraphqlError = (error: unknown): GraphQLError => {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
};

/** Of graphql-js, or as graphql-ws has it. */
type AnyResult = { readonly [K in keyof ExecutionResult]: ExecutionResult[K] | undefined };

/** A result as the client gets it. */
export function toWireResult(
  result: AnyResult,
  request: { readonly id: string; readonly logger: Subscriptions['logger'] },
): FormattedExecutionResult {
  const { errors, data, extensions } = result;
  const rest = {
    ...(data === undefined ? {} : { data }),
    ...(extensions === undefined ? {} : { extensions }),
  };
  if (errors === undefined) return rest;
  return { ...rest, errors: errors.map((error) => toWireError(error.toJSON(), error, request)) };
}
