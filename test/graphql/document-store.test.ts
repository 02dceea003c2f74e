import { parse } from 'graphql';
import { createDocumentStore } from '../../src/adapters/graphql/execution/document-store';

const document = (characters: number) => parse(`{ a } #`.padEnd(characters, 'x'));

test('keeps the documents used last, within their number and their length with comments', async () => {
  const store = createDocumentStore({ documentsMax: 3, charactersMax: 100, charactersOfOneMax: 60 });
  const kept = async () => {
    const all = [];
    for (const key of ['a', 'b', 'c', 'd', 'e']) if (await store.get(key)) all.push(key);
    return all;
  };
  for (const key of ['a', 'b', 'c']) await store.set(key, document(20));
  expect(await kept()).toEqual(['a', 'b', 'c']);
  await store.get('a');
  await store.set('d', document(20));
  expect(await kept()).toEqual(['a', 'c', 'd']);
  // Of four the oldest goes, and the rest is 90 characters.
  await store.set('e', document(50));
  expect(await kept()).toEqual(['c', 'd', 'e']);
  await store.set('b', document(61));
  expect(await store.get('b')).toBeUndefined();
});

test('the same document again counts once; a deleted one no more', async () => {
  const store = createDocumentStore({ documentsMax: 9, charactersMax: 100, charactersOfOneMax: 60 });
  for (let i = 0; i < 10; i++) await store.set('a', document(60));
  await store.set('b', document(40));
  expect([await store.get('a'), await store.get('b')]).not.toContain(undefined);
  expect(await store.delete('a')).toBe(true);
  expect(await store.delete('a')).toBe(false);
  await store.set('c', document(60));
  expect(await store.get('b')).toBeDefined();
  expect(await store.get('a')).toBeUndefined();
});
