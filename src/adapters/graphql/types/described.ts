import 'reflect-metadata';
import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';

// The decorators of type-graphql with what this API always wants: a description, and (objects) plain property access.

type TypeThunk = NonNullable<Parameters<typeof Field>[0]>;
interface FieldExtras {
  /** Rows an answer may hold because of this field; without it, see protection/complexity.ts. */
  readonly complexity?: number | ((of: { args: Record<string, unknown>; childComplexity: number }) => number);
}

/** A field that always has a value. */
export const field = (type: TypeThunk, description: string, extras: FieldExtras = {}) =>
  Field(type, { description, ...extras }) as PropertyDecorator;

/** A field that may be null. */
export const optional = (type: TypeThunk, description: string, extras: FieldExtras = {}) =>
  Field(type, { description, nullable: true, ...extras }) as PropertyDecorator;

/** A field of an input that has `value` when left out. */
export const withDefault = (type: TypeThunk, value: unknown, description: string) =>
  Field(type, { description, defaultValue: value }) as PropertyDecorator;

/** Fields without a resolver read the property of their name, synchronously. */
export const objectType = (name: string, description: string) =>
  ObjectType(name, { description, simpleResolvers: true });

export const inputType = (name: string, description: string) => InputType(name, { description });

/** An enum: each name with the value it has inside, and its meaning. */
export function enumOf<const T extends Readonly<Record<string, readonly [string, string]>>>(
  name: string,
  description: string,
  values: T,
): { readonly [K in keyof T]: T[K][0] } {
  const entries = Object.entries(values);
  const object = Object.fromEntries(entries.map(([key, [value]]) => [key, value]));
  registerEnumType(object, {
    name,
    description,
    valuesConfig: Object.fromEntries(entries.map(([key, [, meaning]]) => [key, { description: meaning }])),
  });
  return object as { readonly [K in keyof T]: T[K][0] };
}
