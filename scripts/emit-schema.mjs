// Writes schema.graphql, the text of the API's schema, from the built program: npm run build && node scripts/emit-schema.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const load = createRequire(import.meta.url);
const { buildApiSchema } = load(join(root, 'dist/adapters/graphql/schema.js'));
const { schemaText } = load(join(root, 'dist/adapters/graphql/schema-text.js'));

writeFileSync(join(root, 'schema.graphql'), schemaText(buildApiSchema()));
