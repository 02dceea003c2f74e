import { createHash } from 'node:crypto';
import { refuse, show } from './fault';
import { readText } from './read-file';
import { parseJson } from './read-json';

const ALLOWED = 'a JSON object of queries: {"<SHA-256 of the text, hex>": "<text>", …}';

/** Reads the queries a server may answer, by the SHA-256 (lower-case hex) of their text. Throws an InputError. */
export function readSafelistFile(path: string): ReadonlyMap<string, string> {
  const value = parseJson(path, readText(path, ALLOWED));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse({ source: path, path: '' }, { found: show(value), allowed: ALLOWED });
  }
  const documents = new Map<string, string>();
  for (const [given, text] of Object.entries(value)) {
    const where = { source: path, path: given.slice(0, 64) };
    if (typeof text !== 'string') refuse(where, { found: show(text), allowed: 'the text of a query' });
    const hash = createHash('sha256').update(text).digest('hex');
    if (given.toLowerCase() !== hash) {
      refuse(where, {
        found: 'a text with another SHA-256',
        allowed: hash,
        hint: 'the text may have been changed: make the list again',
      });
    }
    documents.set(hash, text);
  }
  return documents;
}
