import { z } from 'zod';

/*
 * Schemas whose zod message *is* the sentence of what is allowed: `check-shape.ts` turns it into an `InputError`.
 */

/** A mapping with exactly these keys. */
export function mapping<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `one of the keys ${keys}` : `a mapping with the keys ${keys}`,
  });
}

interface Range {
  /** Smallest value, itself allowed. */
  readonly min?: number;
  /** Largest value that is too small. */
  readonly above?: number;
  readonly max: number;
}

export function number({ min, above, max }: Range) {
  return bounded('a number', { min, above, max }, () => true);
}

export function whole({ min, above, max }: Range) {
  return bounded('a whole number', { min, above, max }, Number.isInteger);
}

type MaybeRange = { readonly [K in keyof Range]: Range[K] | undefined };

function bounded(kind: string, { min, above, max }: MaybeRange, fits: (value: number) => boolean) {
  const from = above === undefined ? `from ${min ?? 0}` : `above ${above},`;
  const allowed = `${kind} ${from} ${above === undefined ? 'to' : 'at most'} ${max}`;
  const lowEnough = (value: number) => value <= (max ?? Number.MAX_VALUE);
  const highEnough = (value: number) => (above === undefined ? value >= (min ?? 0) : value > above);
  return z
    .number({ error: allowed })
    .refine((value) => highEnough(value) && lowEnough(value) && fits(value), { error: allowed });
}

export const text = (allowed: string) =>
  z.string({ error: allowed }).refine((value) => value.trim() !== '', { error: allowed });

/** One line of at most so many characters. */
export const shortText = (allowed: string, most: number) =>
  text(allowed).refine((value) => value.trim().length <= most && !/\p{Cc}/u.test(value.trim()), {
    error: `${allowed}, in one line of up to ${most} characters`,
  });

export const flag = () => z.boolean({ error: 'true or false' });

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

/** A list with at least one entry and no entry twice; a single value stands for a list of one. */
export function oneOrMany<T extends z.ZodType<string | number>>(item: T) {
  const list = z.array(item, { error: 'a value or a list of values' }).superRefine((values, context) => {
    if (values.length === 0) context.addIssue({ code: 'custom', message: 'at least one entry' });
    const seen = new Set<string | number>();
    values.forEach((value, index) => {
      if (seen.has(value)) context.addIssue({ code: 'custom', path: [index], message: 'every entry once' });
      seen.add(value);
    });
  });
  return z.preprocess((value) => (Array.isArray(value) ? value : [value]), list);
}
