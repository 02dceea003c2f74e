import { driver } from '../driver';

/** Makes the database if it is missing. `serverUrl` leads to any database of the server. */
export async function createDatabase(serverUrl: string, name: string): Promise<void> {
  const sql = driver(serverUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } catch (error) {
    // Another process was faster: told as the one or the other, depending on how much faster.
    const { code } = error as { code?: string };
    if (code !== '42P04' && code !== '23505') throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
