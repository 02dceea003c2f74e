import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One step from a version of the database to the next. */
export interface Migration {
  readonly name: string;
  readonly script: string;
  /** SHA-256 of the script, as Prisma computes it. */
  readonly checksum: string;
  /** Also those of the same script with other line ends: git changes them between systems. */
  readonly checksums: readonly string[];
}

/** The migrations of a folder in Prisma's form, `<name>/migration.sql`, in the order of their names. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  if (names.length === 0) throw new Error(`no migrations in ${folder}: this installation is incomplete`);
  return names.map((name) => {
    const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
    const unix = script.replaceAll('\r\n', '\n');
    return {
      name,
      script,
      checksum: sha256(script),
      checksums: [script, unix, unix.replaceAll('\n', '\r\n')].map(sha256),
    };
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
