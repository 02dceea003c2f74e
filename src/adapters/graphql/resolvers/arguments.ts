import { Arg, Int, type Query } from 'type-graphql';
import { DEFAULT_PAGE } from './page';

type TypeThunk = Parameters<typeof Query>[0] & (() => unknown);
type ParameterDecorator = ReturnType<typeof Arg>;

/** An argument that need not be given. */
export type Maybe<T> = T | null | undefined;

/** Arguments of resolvers: always with a type and a description. */
export const argument = (name: string, type: TypeThunk, description: string): ParameterDecorator =>
  Arg(name, type, { description });

export const optionalArgument = (name: string, type: TypeThunk, description: string): ParameterDecorator =>
  Arg(name, type, { description, nullable: true });

export const argumentWithDefault = (
  name: string,
  type: TypeThunk,
  value: unknown,
  description: string,
): ParameterDecorator => Arg(name, type, { description, defaultValue: value });

/** `first` of a paged list. */
export const First = (): ParameterDecorator =>
  argumentWithDefault(
    'first',
    () => Int,
    DEFAULT_PAGE,
    'Rows of the page, from 1 to viewer.limits.maxPageSize.',
  );

/** `after` of a paged list. */
export const After = (): ParameterDecorator =>
  optionalArgument(
    'after',
    () => String,
    'endCursor of the page before, of the same list in the same order.',
  );
