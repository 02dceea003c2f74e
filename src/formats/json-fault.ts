/** Where a text stops being JSON, or holds a key a second time in one object. */
export interface JsonFault {
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;
  readonly hint?: string;
}

/**
 * The first fault of a JSON text; null: none. `JSON.parse` says where only in some of its messages, differently in each
 * Node version, and keeps the last of two equal keys without a word.
 */
export function findJsonFault(text: string): JsonFault | null {
  const token = new RegExp(TOKEN, 'y');
  /** The keys of each open object; null: an open list. */
  const open: (Set<string> | null)[] = [];
  let expected: Expected = 'value';
  while (true) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (match === null) {
      const offset = start + (SPACE.exec(text.slice(start))?.[0].length ?? 0);
      if (offset === text.length && expected === 'nothing') return null;
      return misfit(text, offset, expected);
    }
    const [, key, scalar, mark] = match;
    const offset = token.lastIndex - (key ?? scalar ?? mark ?? '').length;
    const keys = open.at(-1);
    if (key !== undefined && (expected === 'key' || expected === 'key or }')) {
      if (keys?.has(key)) {
        return { offset, found: `the key ${key} a second time`, allowed: 'every key once in its object' };
      }
      keys?.add(key);
      expected = 'colon';
      continue;
    }
    const next: Expected | null =
      mark === undefined ? afterScalar(expected, open) : afterMark(mark, expected, open);
    if (next === null) return misfit(text, offset, expected);
    expected = next;
  }
}

const SPACE = /^[ \t\r\n]*/;
const STRING = '"[^"\\\\\\u0000-\\u001f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\u0000-\\u001f]*)*"';
const NUMBER_OR_WORD = '-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null';
const TOKEN = `[ \\t\\r\\n]*(?:(${STRING})|(${NUMBER_OR_WORD})|([{}[\\]:,]))`;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' | 'nothing';
type Open = (Set<string> | null)[];

const WORDS: Readonly<Record<Expected, string>> = {
  value: 'a JSON value',
  'value or ]': 'a JSON value or ]',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes or }',
  colon: 'a colon after the key',
  'comma or end': 'a comma or the closing bracket',
  nothing: 'nothing after the JSON value',
};

const takesValue = (expected: Expected): boolean => expected === 'value' || expected === 'value or ]';

const afterValue = (open: Open): Expected => (open.length === 0 ? 'nothing' : 'comma or end');

const afterScalar = (expected: Expected, open: Open): Expected | null =>
  takesValue(expected) ? afterValue(open) : null;

function afterMark(mark: string, expected: Expected, open: Open): Expected | null {
  const inList = open.at(-1) === null;
  switch (mark) {
    case '{':
      if (!takesValue(expected)) return null;
      open.push(new Set());
      return 'key or }';
    case '[':
      if (!takesValue(expected)) return null;
      open.push(null);
      return 'value or ]';
    case '}':
      if (expected !== 'key or }' && (expected !== 'comma or end' || inList)) return null;
      open.pop();
      return afterValue(open);
    case ']':
      if (expected !== 'value or ]' && (expected !== 'comma or end' || !inList)) return null;
      open.pop();
      return afterValue(open);
    case ':':
      return expected === 'colon' ? 'value' : null;
    default:
      if (expected !== 'comma or end') return null;
      return inList ? 'value' : 'key';
  }
}

/** A text that ends inside a string or a word. */
const CUT_OFF = /^(?:"[^"\\\n]*(?:\\.[^"\\\n]*)*\\?|-|t|tr|tru|f|fa|fal|fals|n|nu|nul)?$/;
const NOT_FINITE = /^-?(?:NaN|nan|Infinity|inf)\b/;

function misfit(text: string, offset: number, expected: Expected): JsonFault {
  const rest = text.slice(offset);
  if (CUT_OFF.test(rest.trimEnd()) && expected !== 'nothing') {
    return {
      offset: text.length,
      found: 'the end of the file inside a JSON value',
      allowed: 'complete JSON',
      hint: 'the file is cut off: copy or export it again',
    };
  }
  const word = NOT_FINITE.exec(rest)?.[0];
  if (word !== undefined) {
    return {
      offset,
      found: word,
      allowed: 'a finite number',
      hint: 'leave the key out where nothing was measured',
    };
  }
  const found = JSON.stringify(rest.slice(0, 20).trimEnd());
  const afterComma = /,[ \t\r\n]*$/.test(text.slice(Math.max(0, offset - 200), offset));
  const allowed = WORDS[expected];
  return afterComma && /^[\]}]/.test(rest)
    ? { offset, found, allowed, hint: 'delete the comma before it' }
    : { offset, found, allowed };
}
