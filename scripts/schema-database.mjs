// For the scripts that compare migrations with prisma/schema.prisma: a scratch database that has all migrations, and
// Prisma's command line on it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import postgres from 'postgres';
import './typescript-hook.cjs';

const require = createRequire(import.meta.url);
const { startEmbeddedPostgres } = require('../src/adapters/db/embedded/embedded-postgres.ts');
const { createDatabase } = require('../src/adapters/db/embedded/create-database.ts');
const { migrate } = require('../src/adapters/db/migrate.ts');

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const migrationsFolder = join(root, 'prisma/migrations');
export const schemaFile = join(root, 'prisma/schema.prisma');

/** Runs `work` with the URL of a new database at this version; on the embedded server unless DATABASE_URL names another. */
export async function withMigratedDatabase(work) {
  const given = process.env.DATABASE_URL;
  const server =
    given === undefined
      ? await startEmbeddedPostgres({
          folder: join(root, '.data/test'),
          database: 'postgres',
          durable: false,
        })
      : { url: given, stop: async () => {} };
  const name = `schema_check_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  try {
    await createDatabase(server.url, name);
    await migrate(url.href, migrationsFolder);
    return await work(url.href);
  } finally {
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    await sql.unsafe(`drop database if exists ${name} with (force)`);
    await sql.end();
    await server.stop();
  }
}

/** The difference from the database to the schema, as text for people or as SQL; null when there is none. */
export async function schemaDifference(databaseUrl, { asSql, schema = schemaFile }) {
  const cli = require.resolve('prisma/build/index.js');
  const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', schema, '--exit-code'];
  const run = promisify(execFile)(process.execPath, [cli, ...args, ...(asSql ? ['--script'] : [])], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  try {
    const { stdout } = await run;
    // The CLI also returns 0 when its engine did not work, so the code alone proves nothing.
    if (/No difference detected|This is an empty migration/.test(stdout)) return null;
    throw new Error(`prisma migrate diff said nothing:\n${stdout}`);
  } catch (error) {
    if (error.code !== 2) throw error;
    return error.stdout.trim();
  }
}
