import { refuse } from './fault';

/** Parses JSON text. Refuses, with line and column, what `JSON.parse` refuses, and a key that stands twice in one object. */
export function parseJson(source: string, text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === '') {
    return refuse(
      { source, path: '' },
      { found: 'an empty file', allowed: 'JSON', hint: 'write the file again' },
    );
  }
  try {
    const value: unknown = JSON.parse(body);
    refuseDuplicateKeys(source, body);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuseSyntax(source, body, error.message);
  }
}

function refuseSyntax(source: string, text: string, message: string): never {
  const position = /at position (\d+)/.exec(message);
  const offset = position === null ? text.length : Number(position[1]);
  const where = { source, path: lineAndColumn(text, offset) };
  const word =
    /^-?(NaN|Infinity|nan|inf)\b/.exec(text.slice(offset, offset + 12)) ??
    /-(Infinity|inf)/.exec(text.slice(Math.max(0, offset - 1), offset + 12));
  if (word !== null) {
    return refuse(where, {
      found: word[0],
      allowed: 'a finite number',
      hint: 'leave the key out where nothing was measured',
    });
  }
  if (text.slice(offset).trim() === '') {
    return refuse(where, {
      found: 'the end of the file inside a JSON value',
      allowed: 'complete JSON',
      hint: 'the file is cut off: copy or export it again',
    });
  }
  return refuse(where, {
    found: JSON.stringify(text.slice(offset, offset + 20)),
    allowed: 'JSON',
    hint: message,
  });
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** `JSON.parse` keeps the last of two equal keys without a word. `text` is valid JSON. */
function refuseDuplicateKeys(source: string, text: string): void {
  const open: (Set<string> | null)[] = [];
  let key: { readonly name: string; readonly offset: number } | null = null;
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && key !== null) {
      const keys = open.at(-1);
      if (keys?.has(key.name)) {
        const where = { source, path: lineAndColumn(text, key.offset) };
        refuse(where, {
          found: `the key ${key.name} a second time`,
          allowed: 'every key once in its object',
        });
      }
      keys?.add(key.name);
    }
    key = token.startsWith('"') ? { name: token, offset: match.index } : null;
  }
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}
