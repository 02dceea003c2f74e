import { checkText } from './check-text';
import type { Database } from './connect';
import { readAgain } from './read-again';

/** The parameters of one statement while its text is put together. */
export class Bindings {
  readonly values: Parameter[] = [];

  /** Keeps a value and gives its place in the text: `$1`, `$2`, … Throws an InputError for text that Postgres cannot hold. */
  add(value: Parameter): string {
    for (const part of Array.isArray(value) ? value : [value])
      if (typeof part === 'string') checkText(part, 'filter');
    return `$${this.values.push(value)}`;
  }
}

export type Parameter = string | number | boolean | Date | null | readonly (string | number)[];

/** Statements a connection keeps prepared: each takes some ten kilobytes of the server's memory for as long as it lives. */
const PREPARED_MAX = 300;

export type RunStatement = <Row>(text: string, values: readonly Parameter[]) => Promise<readonly Row[]>;

/**
 * Runs reading statements whose text depends on filters and orderings, prepared. Clients choose the filters, and so how many texts
 * there are: those beyond the first few hundred are sent unprepared.
 */
export function createStatements({ sql, timed }: Pick<Database, 'sql' | 'timed'>): RunStatement {
  const prepared = new Set<string>();
  return async <Row>(text: string, values: readonly Parameter[]) => {
    if (prepared.size < PREPARED_MAX) prepared.add(text);
    const prepare = prepared.has(text);
    const rows = await timed(() => readAgain(async () => sql.unsafe(text, values as never[], { prepare })));
    return rows as unknown as readonly Row[];
  };
}
