import { type DocumentNode, visit } from 'graphql';
import { LimitError } from '../../../app/ports/api-errors';
import { InputError } from '../../../core/errors';

/** Deeper than any input of the schema; what is read from JSON goes two levels into a profile. */
const MAX_NESTING = 64;

/**
 * Refuses text that a database cannot keep (NUL characters, halves of surrogate pairs) wherever a client may write some,
 * and variables nested without end.
 */
export function refuseUnstorable(document: DocumentNode, variables: Readonly<Record<string, unknown>>): void {
  refuseTextIn(document);
  const stack: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: variables, path: 'variables', depth: 0 },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') refuseText(value, path);
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_NESTING) throw new LimitError('nesting of the variables', depth, MAX_NESTING);
    const isList = Array.isArray(value);
    for (const [key, part] of Object.entries(value)) {
      // Numbers are most of a large upload.
      if (typeof part === 'number') continue;
      refuseText(key, path);
      stack.push({ value: part, path: isList ? `${path}[${key}]` : `${path}.${key}`, depth: depth + 1 });
    }
  }
}

/** Clients send the same documents again and again. */
const storable = new WeakSet<DocumentNode>();

function refuseTextIn(document: DocumentNode): void {
  if (storable.has(document)) return;
  visit(document, {
    StringValue(node) {
      refuseText(node.value, 'a text in the query');
    },
  });
  storable.add(document);
}

function refuseText(text: string, path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (!/[\u0000\p{Surrogate}]/u.test(text)) return;
  throw new InputError({
    source: 'query',
    path,
    found: 'a NUL character or half of a surrogate pair',
    allowed: 'text in Unicode without NUL',
  });
}
