import fc from 'fast-check';
import { findJsonFault } from '../../src/formats/json-fault';
import { parseJson } from '../../src/formats/read-json';
import { faultOf, oneLine } from './support';

describe('broken JSON', () => {
  const check = (text: string, expected: string) =>
    expect(oneLine(faultOf(() => parseJson('x.json', text)))).toBe(expected);
  const cut =
    'the end of the file inside a JSON value | complete JSON | the file is cut off: copy or export it again';

  test.each([
    ['  ', ' | an empty file | JSON | write the file again'],
    ['[1, 2', `line 1, column 6 | ${cut}`],
    ['{"a": "b', `line 1, column 9 | ${cut}`],
    ['{"a": tru', `line 1, column 10 | ${cut}`],
    ['{"a"', `line 1, column 5 | ${cut}`],
    ['[1,\n 2,\n]', 'line 3, column 1 | "]" | a JSON value | delete the comma before it'],
    ['{"a": 1,}', 'line 1, column 9 | "}" | a key in double quotes | delete the comma before it'],
    ['{a: 1}', 'line 1, column 2 | "a: 1}" | a key in double quotes or }'],
    ["{'a': 1}", `line 1, column 2 | "'a': 1}" | a key in double quotes or }`],
    ['{"a" 1}', 'line 1, column 6 | "1}" | a colon after the key'],
    ['[1 2]', 'line 1, column 4 | "2]" | a comma or the closing bracket'],
    ['[1}', 'line 1, column 3 | "}" | a comma or the closing bracket'],
    ['[01]', 'line 1, column 3 | "1]" | a comma or the closing bracket'],
    ['[1] // end', 'line 1, column 5 | "// end" | nothing after the JSON value'],
    ['[NaN]', 'line 1, column 2 | NaN | a finite number | leave the key out where nothing was measured'],
    [
      '{"a": {"b": 1, "b": 2}}',
      'line 1, column 16 | the key "b" a second time | every key once in its object',
    ],
  ])('%j', check);
});

test('any JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseJson('x', text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a fault is found exactly where JSON.parse refuses', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    '-0.5e3',
    'true',
    'null',
    ' ',
    '"',
    '\\',
    'NaN',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
      const text = parts.join('');
      const fault = findJsonFault(text);
      if (fault?.found.endsWith('a second time')) return;
      expect(fault === null).toBe(accepts(text));
    }),
    { numRuns: 2000 },
  );
});

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
