import { InputError } from '../../core/errors';

/** A client's text that Postgres can hold: it refuses the NUL character. Throws an InputError. */
export function checkText(text: string, path: string): string {
  if (!text.includes('\0')) return text;
  throw new InputError({
    source: 'query',
    path,
    found: JSON.stringify(text.slice(0, 60)),
    allowed: 'text without NUL characters',
  });
}
