import { nearest } from '../core/catalog/nearest';
import type { InputFault } from '../core/errors';

/** One environment variable: what its text means. */
export interface Variable<T> {
  readonly name: string;
  /** What it decides. */
  readonly meaning: string;
  /** In words. */
  readonly allowed: string;
  readonly default: T;
  /** The default, as the guide gives it. */
  readonly defaultText: string;
  /** Undefined where the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
  /** The words allowed, where it takes words: a fault names the nearest. */
  readonly words?: readonly string[];
  /** Its text is never shown. */
  readonly secret?: boolean;
}

type VariableSet = Readonly<Record<string, Variable<unknown>>>;
type Values<V extends VariableSet> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

/** Reads every variable; an empty one counts as not set. A faulty one is told in `faults` and has its default. */
export function readVariables<V extends VariableSet>(
  env: Readonly<Record<string, string | undefined>>,
  variables: V,
): { readonly values: Values<V>; readonly faults: readonly InputFault[] } {
  const faults: InputFault[] = [];
  const read = (variable: Variable<unknown>): unknown => {
    const text = env[variable.name]?.trim() ?? '';
    if (text === '') return variable.default;
    const value = variable.parse(text);
    if (value !== undefined) return value;
    faults.push(faultOf(variable, text));
    return variable.default;
  };
  const values = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, read(value)]));
  return { values: values as Values<V>, faults };
}

/** The variables that begin with `prefix` and mean nothing. Names are compared without the prefix, which all share. */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
  known: readonly string[],
): readonly InputFault[] {
  const bare = known.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(prefix) && !known.includes(name))
    .sort()
    .map((name) => {
      const meant = nearest(name.slice(prefix.length), bare);
      return {
        source: 'environment',
        path: shown(name),
        found: 'a variable that does not exist',
        allowed: 'the variables of docs/operations.md',
        hint: meant === null ? 'unset it' : `did you mean ${prefix}${meant}?`,
      };
    });
}

function faultOf({ name, allowed, words, secret }: Variable<unknown>, text: string): InputFault {
  const meant = words === undefined ? null : nearest(text, words);
  return {
    source: 'environment',
    path: name,
    found: secret === true ? 'a text that is not shown' : JSON.stringify(shown(text)),
    allowed,
    hint: meant === null ? `set it so, or unset it` : `did you mean ${meant}?`,
  };
}

/** Short enough for one line of a terminal. */
const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

interface Described {
  readonly meaning: string;
}

/** A whole number. */
export const integer = (
  name: string,
  given: Described & { readonly default: number; readonly min: number; readonly max: number },
): Variable<number> => ({
  name,
  meaning: given.meaning,
  allowed: `a whole number from ${given.min} to ${given.max}`,
  default: given.default,
  defaultText: String(given.default),
  parse: (text) => {
    if (!/^\d{1,15}$/.test(text)) return undefined;
    const value = Number(text);
    return value >= given.min && value <= given.max ? value : undefined;
  },
});

/** One of some words, in any case. */
export const choice = <const W extends string>(
  name: string,
  given: Described & { readonly words: readonly W[]; readonly default: NoInfer<W> },
): Variable<W> => ({
  name,
  meaning: given.meaning,
  allowed: given.words.join(', '),
  words: given.words,
  default: given.default,
  defaultText: given.default,
  parse: (text) => given.words.find((word) => word === text.toLowerCase()),
});
