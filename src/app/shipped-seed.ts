import type { Catalog } from '../core/catalog/catalog';
import { lintOf } from './check-profile';
import { contentHash } from './content-hash';
import { listLibrary, loadLibraryProfile } from './library';
import type { WriteStore } from './ports/write-store';
import { newProfile } from './uploads/ingest-profile';

/** What is shipped, as the database is to hold it. */
export const shippedSeed = (catalog: Catalog): Parameters<WriteStore['seed']>[0] => ({
  catalog,
  priceBookHash: contentHash(catalog.prices),
  profiles: listLibrary().map(({ id }) => {
    const profile = loadLibraryProfile(id, catalog);
    return newProfile(id, profile, lintOf(profile, catalog));
  }),
});
