import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder } from './load-catalog';

/** The package's own folder: a checkout, or an installed package. */
export const packageFolder = (): string => dirname(dataFolder());

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version;
