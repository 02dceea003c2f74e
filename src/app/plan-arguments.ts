import { InputError } from '../core/errors';
import { didYouMean } from '../formats/fault';
import type { PlanDocument } from '../formats/merge-documents';
import { loadPlanDocuments } from '../formats/read-request';
import type { Section } from '../formats/request-schema';

/** Part of a request as a caller gives it: the path of a file, or the value itself. */
export type PlanArgument = string | object;

/** The documents of a call, each named by its argument in errors; `section` says what a bare value is. */
export function documentsOf(
  given: readonly {
    readonly name: string;
    readonly value: PlanArgument | undefined;
    readonly section?: Section;
  }[],
): PlanDocument[] {
  return given.flatMap(({ name, value, section }): PlanDocument[] => {
    if (value === undefined) return [];
    if (typeof value !== 'string')
      return [{ source: name, value, ...(section === undefined ? {} : { section }) }];
    return loadPlanDocuments([section === undefined ? value : { path: value, section }]);
  });
}

/** Refuses an option that does not exist: callers without TypeScript would else see it ignored. */
export function checkOptions(options: object, call: string, allowed: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (allowed.includes(key)) continue;
    const hint = didYouMean(key, allowed);
    throw new InputError({
      source: call,
      path: key,
      found: 'an unknown option',
      allowed: `one of ${allowed.join(', ')}`,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
