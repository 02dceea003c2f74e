import { type GraphQLField, type GraphQLSchema, getArgumentValues, getVariableValues } from 'graphql';
import type { GraphqlContext } from '../context';
import type { CompiledField, CompiledQuery, CompiledValue } from './compile-query';

type Answer = Record<string, unknown>;

/**
 * The data of a query's answer; null when anything at all goes wrong, and graphql-js is to say what. A page of fifty candidates
 * has two thousand fields, for each of which graphql-js makes an object of what it knows of the query, a map of arguments and a
 * place in the path, all for errors and resolvers that mostly never are: here it is none.
 */
export async function executeCompiled(
  { operation, fields }: CompiledQuery,
  schema: GraphQLSchema,
  variables: Readonly<Record<string, unknown>>,
  context: GraphqlContext,
): Promise<Answer | null> {
  const execution: Execution = { context, waiting: [], variables: {}, failed: false };
  let data: Answer = {};
  try {
    const declared = operation.variableDefinitions ?? [];
    const { coerced } = getVariableValues(schema, declared, variables, { maxErrors: 1 });
    if (coerced === undefined) return null;
    execution.variables = coerced;
    data = completeObject(fields, undefined, execution);
  } catch {
    execution.failed = true;
  }
  // What is waited for may find more to wait for. After a failure too: nothing is left running.
  while (execution.waiting.length > 0) await Promise.all(execution.waiting.splice(0));
  return execution.failed ? null : data;
}

interface Execution {
  variables: Readonly<Record<string, unknown>>;
  readonly context: GraphqlContext;
  /** Values under way, each put into its place when it is there. None of them rejects. */
  readonly waiting: Promise<void>[];
  failed: boolean;
}

const NO_ARGUMENTS = Object.freeze({});

function completeObject(fields: readonly CompiledField[], source: unknown, execution: Execution): Answer {
  const answer: Answer = {};
  for (const field of fields) {
    const value = read(field, source, execution);
    answer[field.key] = isPromise(value)
      ? wait(value, field.value, execution, answer, field.key)
      : complete(field.value, value, execution);
  }
  return answer;
}

function read(
  { definition, info, name, resolve }: CompiledField,
  source: unknown,
  execution: Execution,
): unknown {
  const property = resolve === null ? (source as Answer)[name] : undefined;
  if (resolve === null && typeof property !== 'function') return property;
  const args =
    definition.args.length === 0
      ? NO_ARGUMENTS
      : getArgumentValues(
          definition as GraphQLField<unknown, unknown>,
          info.fieldNodes[0]!,
          execution.variables,
        );
  return resolve === null
    ? (source as Record<string, (args: object, context: GraphqlContext) => unknown>)[name]!(
        args,
        execution.context,
      )
    : resolve(source, args, execution.context, info);
}

function complete(type: CompiledValue, value: unknown, execution: Execution): unknown {
  if (value === null || value === undefined) {
    if (type.nullable) return null;
    throw new Error('no value');
  }
  if (value instanceof Error) throw value;
  if (type.kind === 'list') return completeList(type.item, value, execution);
  if (type.kind === 'object') {
    if (typeof value !== 'object') throw new Error('not an object');
    return completeObject(type.fields, value, execution);
  }
  const serialized = type.serialize(value);
  if (serialized === null || serialized === undefined) throw new Error('no value');
  return serialized;
}

function completeList(type: CompiledValue, value: unknown, execution: Execution): unknown[] {
  if (!Array.isArray(value)) throw new Error('not a list');
  const answer: unknown[] = new Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    answer[i] = isPromise(item) ? wait(item, type, execution, answer, i) : complete(type, item, execution);
  }
  return answer;
}

/** Keeps the place, so that the answer has its fields in the order of the query. */
function wait<Place extends string | number>(
  value: PromiseLike<unknown>,
  type: CompiledValue,
  execution: Execution,
  answer: Record<Place, unknown>,
  place: Place,
): null {
  const settle = async () => {
    try {
      const settled = await value;
      if (!execution.failed) answer[place] = complete(type, settled, execution);
    } catch {
      execution.failed = true;
    }
  };
  execution.waiting.push(settle());
  return null;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
