// The built product, for the scripts that measure it.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);

/** A module of dist/, by its path in src/. */
export const product = (path) => require(join(root, 'dist', `${path}.js`));
