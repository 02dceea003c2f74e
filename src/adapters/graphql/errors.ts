import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AccessError } from '../../app/access';
import { ConflictError, LimitError, NotFoundError } from '../../app/ports/api-errors';
import type { Logger } from '../../app/ports/logger';
import { StoreUnavailableError } from '../../app/ports/run-store';
import { InputError } from '../../core/errors';

/** Codes of errors that a client can do something about. Everything else is INTERNAL. */
type Extensions = Readonly<Record<string, unknown>> & { readonly code: string };

/**
 * An error as clients see it. A fault of ours is logged with the request's id and told as that id: no stack, no SQL.
 * `formatted` is what graphql-js or Apollo would answer; their own errors (syntax, validation) stay as they are.
 */
export function toWireError(
  formatted: GraphQLFormattedError,
  error: unknown,
  request: { readonly id: string; readonly logger: Logger },
): GraphQLFormattedError {
  const cause = causeOf(error);
  const known = extensionsOf(cause);
  if (cause instanceof StoreUnavailableError) {
    request.logger.warn({ err: cause, requestId: request.id, path: formatted.path }, 'the database is away');
    const message = 'the database cannot be reached: ask again in some seconds';
    return { ...formatted, message, extensions: { code: 'UNAVAILABLE' } };
  }
  if (known !== null) return { ...formatted, message: (cause as Error).message, extensions: { ...known } };
  const code = codeOf(error, cause, formatted);
  if (code !== null) return { ...formatted, extensions: { ...publicExtensions(cause), code } };
  request.logger.error({ err: cause, requestId: request.id, path: formatted.path }, 'operation failed');
  return {
    message: `a fault of the server; when you report it, name the request ${request.id}`,
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    extensions: { code: 'INTERNAL', requestId: request.id },
  };
}

/** What was thrown, out of the wrappings of graphql-js. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function extensionsOf(cause: unknown): Extensions | null {
  if (cause instanceof InputError) {
    const { path, found, allowed, hint } = cause.fault;
    return { code: cause.code, path, found, allowed, hint: hint ?? null };
  }
  if (cause instanceof NotFoundError) return { code: cause.code, kind: cause.kind, id: cause.id };
  if (cause instanceof ConflictError) return { code: cause.code, hint: cause.hint };
  if (cause instanceof LimitError) {
    const { code, limited, found, allowed, hint } = cause;
    return { code, limited, found, allowed, hint };
  }
  if (cause instanceof AccessError) return { code: cause.code };
  return null;
}

/**
 * The code of an error that is a client's fault by what graphql-js or Apollo say of it; null for a fault of ours.
 * An error of graphql-js that points at the document is about an argument or a variable. Under a field's path every error
 * points at the field: there it is the cause that has to.
 */
function codeOf(error: unknown, cause: unknown, formatted: GraphQLFormattedError): string | null {
  if (TOO_MANY_TOKENS.test(formatted.message)) return 'LIMIT_EXCEEDED';
  const given = cause instanceof GraphQLError ? cause.extensions.code : undefined;
  const code = given ?? formatted.extensions?.code;
  if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') return code;
  // Apollo says of some bad requests only which status they have.
  const { status } = ((cause instanceof GraphQLError && cause.extensions.http) || {}) as { status?: number };
  if (status !== undefined && status >= 400 && status < 500) return 'BAD_REQUEST';
  const pointer = formatted.path === undefined ? error : cause;
  const pointsAtDocument = pointer instanceof GraphQLError && (pointer.nodes?.length ?? 0) > 0;
  return pointsAtDocument ? 'BAD_USER_INPUT' : null;
}

/** Of the parser of graphql-js. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens/;

function publicExtensions(cause: unknown): Readonly<Record<string, unknown>> {
  const { stacktrace: _, http: __, ...rest } = cause instanceof GraphQLError ? cause.extensions : {};
  return rest;
}

/**
 * An input fault at a place of the API's own inputs, e.g. `input.request.workload.promptLength.mean`. `documentPath`: the
 * place inside a text that the argument holds, e.g. `row 12, column output_tokens`.
 */
export const inputFault = (
  path: string,
  fault: { readonly found: string; readonly allowed: string; readonly hint: string | null },
  documentPath = '',
): GraphQLError =>
  new GraphQLError(
    `${path}${documentPath === '' ? '' : `: ${documentPath}`}: found ${fault.found}; allowed: ${fault.allowed}` +
      (fault.hint === null ? '' : `; ${fault.hint}`),
    {
      extensions: {
        code: 'INVALID_INPUT',
        path,
        ...(documentPath === '' ? {} : { documentPath }),
        found: fault.found,
        allowed: fault.allowed,
        hint: fault.hint,
      },
    },
  );
