// Fails when the migrations do not produce prisma/schema.prisma. Usage: db-diff.mjs [schema file]
//
// What the schema language cannot say, Prisma does not compare, so it may be in migrations: checks, triggers, functions, views,
// exclusion constraints, deferrable keys, partial and expression indexes, collations and storage parameters. It does
// compare, so these belong in the schema too: any other index with its method, order and operator class, an index with
// INCLUDE (which the schema cannot say: avoid it), generated columns, and what keys do on delete and update.
import { resolve } from 'node:path';
import { schemaDifference, schemaFile, withMigratedDatabase } from './schema-database.mjs';

const schema = resolve(process.argv[2] ?? schemaFile);
const difference = await withMigratedDatabase((url) => schemaDifference(url, { asSql: false, schema }));
if (difference === null) {
  console.log('database: the migrations produce prisma/schema.prisma');
} else {
  console.error(
    `database: from what the migrations produce to ${schema}:\n\n${difference}\n\n` +
      'Write a migration for it: node scripts/migrate-new.mjs <name>',
  );
  process.exit(1);
}
