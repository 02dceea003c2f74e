import { join } from 'node:path';
import { type ConnectOptions, connectDatabase, type Database } from './connect';
import { startEmbeddedPostgres } from './embedded/embedded-postgres';
import { checkMigrated, migrate } from './migrate';
import { readMigrations } from './migration-files';

export interface OpenDatabaseOptions extends Omit<ConnectOptions, 'poolSize'> {
  /** Null: the embedded one. */
  readonly databaseUrl: string | null;
  /** Where the embedded one keeps its data. */
  readonly dataFolder: string;
  /** With the folder `prisma/migrations`. */
  readonly packageFolder: string;
}

export interface OpenedDatabase {
  readonly database: Database;
  readonly embedded: boolean;
  /** Migrations that were applied now. */
  readonly migrated: readonly string[];
  /** Rejects, with the reason, when the database is older than this version. */
  checkMigrated(): Promise<void>;
  close(): Promise<void>;
}

/** A server of a small installation allows a hundred connections: several programs are to fit. */
const POOL_SIZE = 10;

/** Starts the embedded database where none is given, brings it to this version and connects. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenedDatabase> {
  const { databaseUrl, dataFolder, packageFolder } = options;
  const embedded =
    databaseUrl === null
      ? await startEmbeddedPostgres({ folder: dataFolder, database: 'simfaasinfer' })
      : null;
  try {
    const url = databaseUrl ?? embedded!.url;
    const folder = join(packageFolder, 'prisma', 'migrations');
    const migrated = await migrate(url, folder);
    const migrations = readMigrations(folder);
    const database = connectDatabase(url, { ...options, poolSize: POOL_SIZE });
    return {
      database,
      embedded: embedded !== null,
      migrated,
      checkMigrated: () => checkMigrated(database.sql, migrations),
      async close() {
        await database.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}
