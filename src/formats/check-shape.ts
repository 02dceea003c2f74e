import type { z } from 'zod';
import { didYouMean, dotted, refuse, show, type Where } from './fault';

type Path = readonly PropertyKey[];

/** Checks a value against a schema of `schema-kit.ts`; the first fault is thrown as an `InputError`. */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown, at: (path: Path) => Where): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = firstIssue(result.error.issues);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const allowed = issue.message.replace(/^one of the keys /, '').split(', ');
    const where = at([...locate(value, issue.path).path, key]);
    return refuse(where, { found: 'an unknown key', allowed: issue.message, hint: didYouMean(key, allowed) });
  }
  const found = locate(value, issue.path);
  return refuse(at(found.path), {
    found: show(found.value),
    allowed: allowedBy(issue),
    hint: hintFor(issue, found.value),
  });
}

/** `at` for a value that comes from one source as a whole. */
export const within =
  (source: string) =>
  (path: Path): Where => ({ source, path: dotted(path) });

/** A misspelt key shows as one unknown and one missing: the unknown one explains both. */
function firstIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const first = issues.find((issue) => issue.code === 'unrecognized_keys') ?? issues[0];
  if (first === undefined) throw new Error('a failed parse without an issue');
  return first;
}

/**
 * The value a path leads to. Stops where the schema looked deeper than what was written, as a bare number that
 * stands for a list of one or for a fixed distribution.
 */
function locate(root: unknown, path: Path): { readonly value: unknown; readonly path: Path } {
  let value = root;
  const walked: PropertyKey[] = [];
  for (const step of path) {
    if (typeof value !== 'object' || value === null) break;
    value = Object.hasOwn(value, step) ? (value as Record<PropertyKey, unknown>)[step] : undefined;
    walked.push(step);
  }
  return { value, path: walked };
}

/** Names a choice lists: an enum's values, or the discriminators of a union. */
function choices(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return issue.options.map(String);
  return [];
}

function allowedBy(issue: z.core.$ZodIssue): string {
  const names = choices(issue);
  return names.length > 0 ? `one of ${names.join(', ')}` : issue.message;
}

function hintFor(issue: z.core.$ZodIssue, found: unknown): string | undefined {
  if (typeof found !== 'string') return undefined;
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'number' &&
    found.trim() !== '' &&
    Number.isFinite(Number(found))
  )
    return 'write the number without quotes';
  return didYouMean(found, choices(issue));
}
