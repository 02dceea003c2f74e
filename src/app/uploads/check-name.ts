import { InputError } from '../../core/errors';

const NAME_CHARACTERS_MAX = 200;

/** A name that people can read and type. */
export function checkName(name: string, path: string): void {
  if (name.trim() === name && name !== '' && name.length <= NAME_CHARACTERS_MAX && !hasControls(name)) return;
  throw new InputError({
    source: 'request',
    path,
    found: JSON.stringify(name.slice(0, 60)),
    allowed: `1 to ${NAME_CHARACTERS_MAX} characters, without spaces at the ends or control characters`,
  });
}

/** Control characters, and halves of characters: no name has them, and the database refuses some. */
export const hasControls = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text);
