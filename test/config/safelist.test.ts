import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafelist } from '../../src/config';
import { InputError } from '../../src/core/errors';

const QUERY = 'query Plans { plans { totalCount } }';
const HASH = createHash('sha256').update(QUERY).digest('hex');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelist-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const file = join(folder, 'queries.json');
  writeFileSync(file, text);
  return readSafelist({ mode: 'safelist', file });
}

test('the queries of the file, by their hash', () => {
  expect(read(JSON.stringify({ [HASH.toUpperCase()]: QUERY }))).toEqual({
    mode: 'safelist',
    documents: new Map([[HASH, QUERY]]),
  });
  expect(readSafelist({ mode: 'off' })).toEqual({ mode: 'off' });
  expect(readSafelist({ mode: 'apq' })).toEqual({ mode: 'apq' });
});

test.each([
  ['a list', JSON.stringify([QUERY]), /found the list/],
  ['no text', JSON.stringify({ [HASH]: 1 }), /found 1; allowed: the text of a query/],
  ['another hash', JSON.stringify({ [HASH]: `${QUERY} ` }), /found a text with another SHA-256/],
  ['broken JSON', '{', /allowed/],
])('%s is one clear error', (_what, text, message) => {
  expect(() => read(text)).toThrow(InputError);
  expect(() => read(text)).toThrow(message);
});

test('a file that is not there is one too', () => {
  expect(() => readSafelist({ mode: 'safelist', file: join(folder, 'none.json') })).toThrow(/no such file/);
});
