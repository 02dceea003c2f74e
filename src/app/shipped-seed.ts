import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog } from '../core/catalog/catalog';
import { lintOf } from './check-profile';
import { contentHash } from './content-hash';
import { listLibrary, loadLibraryProfile } from './library';
import { dataFolder } from './load-catalog';
import { packageVersion } from './package-version';
import type { WriteStore } from './ports/write-store';
import { newProfile } from './uploads/ingest-profile';

/** Stores the shipped catalogue and library, unless they are there: reading and checking them takes a second or two. */
export async function seedShipped(writes: WriteStore, catalog: Catalog): Promise<void> {
  const dataHash = shippedDataHash();
  if (!(await writes.isSeeded(dataHash))) await writes.seed(shippedSeed(catalog, dataHash));
}

/** What is shipped, as the database is to hold it. */
export const shippedSeed = (
  catalog: Catalog,
  dataHash: string = shippedDataHash(),
): Parameters<WriteStore['seed']>[0] => ({
  dataHash,
  catalog,
  priceBookHash: contentHash(catalog.prices),
  profiles: listLibrary().map(({ id }) => {
    const profile = loadLibraryProfile(id, catalog);
    return newProfile(id, profile, lintOf(profile, catalog));
  }),
});

/** Of every file of the catalogue and the library, and of the program that reads them. */
function shippedDataHash(): string {
  const hash = createHash('sha256').update(packageVersion());
  for (const folder of ['catalog', 'profiles']) {
    const entries = readdirSync(join(dataFolder(), folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    for (const file of files.sort()) hash.update(file.slice(dataFolder().length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}
