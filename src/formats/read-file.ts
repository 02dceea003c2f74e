import { existsSync, readFileSync, statSync } from 'node:fs';
import { refuse, show, type Where } from './fault';

/** The text of a file the user named. `named`: where it was named, when that was in another file. */
export function readText(path: string, allowed: string, named?: Where): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(named ?? { source: path, path: '' }, {
      found: reasonOf(error, path, named !== undefined),
      allowed,
    });
  }
}

export const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

export const exists = (path: string): boolean => existsSync(path);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a directory',
  EACCES: 'a file this user may not read',
  EPERM: 'a file this user may not read',
  ENOTDIR: 'a path through something that is no directory',
  ERR_STRING_TOO_LONG: 'a file too large to read at once (over 512 MB)',
  ERR_FS_FILE_TOO_LARGE: 'a file too large to read at once (over 2 GiB)',
};

function reasonOf(error: unknown, path: string, namedElsewhere: boolean): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return namedElsewhere ? `${show(path)}: ${reason}` : reason;
}
