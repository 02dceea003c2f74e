// Writes the migration from the database as the existing ones leave it to prisma/schema.prisma.
// Usage: migrate-new.mjs <name> [--empty]    --empty: also when there is no difference, to be filled in by hand
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { migrationsFolder, root, schemaDifference, withMigratedDatabase } from './schema-database.mjs';

const [name, option] = process.argv.slice(2);
if (!/^[a-z][a-z0-9_]*$/.test(name ?? '') || (option !== undefined && option !== '--empty')) {
  console.error('usage: migrate-new.mjs <name> [--empty]    name: lower case letters, digits and _');
  process.exit(1);
}

const sql = await withMigratedDatabase((url) => schemaDifference(url, { asSql: true }));
if (sql === null && option === undefined) {
  console.error(
    'no difference between the migrations and prisma/schema.prisma; --empty makes one to fill in by hand',
  );
  process.exit(1);
}

const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const file = join(migrationsFolder, `${time}_${name}`, 'migration.sql');
mkdirSync(join(file, '..'));
writeFileSync(file, sql === null ? '' : `${sql}\n`);
console.log(`${relative(root, file)}: read it, and add what the schema cannot say (data, checks, triggers)`);
