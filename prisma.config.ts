// Settings of Prisma's command line: `npx prisma generate`, and in development `npx prisma migrate dev|status|diff`.
import { join } from 'node:path';
import { defineConfig } from 'prisma/config';

// The CLI would download a native program for this; ours does the same and works offline.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= join(__dirname, 'scripts/schema-engine.mjs');

export default defineConfig({
  schema: join(__dirname, 'prisma/schema.prisma'),
  migrations: { path: join(__dirname, 'prisma/migrations') },
  // Generating needs no database; whatever does says that it cannot reach this one.
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://set-DATABASE_URL.invalid:5432/none' },
});
