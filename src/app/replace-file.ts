import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../core/errors';

/**
 * Makes sure that a result can be written to `path` before it is computed: makes its folder, refuses what can never
 * become a file. `source` names the argument in the error.
 */
export function prepareTarget(path: string, source: string): void {
  attempt(path, source, () => {
    mkdirSync(dirname(path), { recursive: true });
    const present = statOf(path);
    if (present?.isDirectory() === true) throw new Error('a directory');
    accessSync(present === undefined || present.isFile() ? dirname(path) : path, constants.W_OK);
  });
}

/**
 * Puts a file in place whole: `write` fills a temporary file beside it, which then takes its name, so that a reader
 * sees the old content or the new one and never half of it. Links keep their target, files their permissions.
 */
export function replaceFile(path: string, write: (temporary: string) => void): void {
  attempt(path, path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const present = statOf(path);
    // A pipe or a device has no content to keep, and must stay what it is.
    if (present !== undefined && !present.isFile()) return write(path);
    const target = present === undefined ? path : realpathSync(path);
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      write(temporary);
      if (present !== undefined) chmodSync(temporary, present.mode);
      renameSync(temporary, target);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

export const replaceText = (path: string, text: string): void =>
  replaceFile(path, (temporary) => writeFileSync(temporary, text));

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'a place where this user may not write',
  EPERM: 'a place where this user may not write',
  EROFS: 'a read-only file system',
  ENOSPC: 'a full disk',
  ENOTDIR: 'a path through something that is no directory',
  EEXIST: 'a path through something that is no directory',
  ENAMETOOLONG: 'a name that is too long',
};

function attempt(path: string, source: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new InputError({
      source,
      path: '',
      found: `${JSON.stringify(path)}: ${REASONS[code] ?? message}`,
      allowed: 'a file that can be written',
    });
  }
}
