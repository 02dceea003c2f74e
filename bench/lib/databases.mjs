// Databases beside the one of a million candidates, in the same PostgreSQL.
import postgres from 'postgres';

export const connectTo = (url) => postgres(url, { max: 1, onnotice: () => {} });

/** An empty one of this name, whatever was there before; its URL. */
export async function emptyDatabase(url, name) {
  const sql = connectTo(url);
  await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await sql.unsafe(`CREATE DATABASE ${name}`);
  await sql.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
