import { FieldResolver } from 'type-graphql';

type TypeThunk = NonNullable<Parameters<typeof FieldResolver>[0]>;
interface Options {
  readonly nullable?: boolean;
  readonly complexity?: number | ((of: { args: Record<string, unknown>; childComplexity: number }) => number);
}

/** A field of an object that a method reads: always with a type and a description. */
export const relation = (type: TypeThunk, description: string, options: Options = {}) =>
  FieldResolver(type, { description, ...options }) as MethodDecorator;
