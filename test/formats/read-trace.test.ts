import fc from 'fast-check';
import { parseTrace } from '../../src/formats/read-trace';
import { parseValues } from '../../src/formats/read-values';
import { faultOf, oneLine } from './support';

const HEADER = 'arrived_at_s,prompt_tokens,output_tokens';
const parse = (text: string) => parseTrace({ source: 'dir/t.csv', text });

describe('a trace', () => {
  const check = (text: string, expected: readonly (readonly number[])[]) => {
    const { name, arrivedAtS, promptTokens, outputTokens, cachedPromptTokens } = parse(text);
    expect(name).toBe('t.csv');
    expect(
      [...arrivedAtS].map((at, i) => [at, promptTokens[i], outputTokens[i], cachedPromptTokens[i]]),
    ).toEqual(expected);
  };

  test.each([
    [
      `${HEADER}\n0,374,44\n4.3,396,109`,
      [
        [0, 374, 44, 0],
        [4.3, 396, 109, 0],
      ],
    ],
    [`${HEADER}\r\n0,1,2\r\n\r\n`, [[0, 1, 2, 0]]],
    [`\ufeff${HEADER}\n0,1,2\n`, [[0, 1, 2, 0]]],
    [`output_tokens, prompt_tokens ,cached_prompt_tokens,arrived_at_s\n1,2,2,1e1\n`, [[10, 2, 1, 2]]],
    [`${HEADER},hash_ids,client_id\n0,1,2,3 4 5,x\n`, [[0, 1, 2, 0]]],
    [`${HEADER},hash_ids\n0,1,2,"3,""4"""\n`, [[0, 1, 2, 0]]],
    [
      `${HEADER}\n0,1,2\n0,1,2\n`,
      [
        [0, 1, 2, 0],
        [0, 1, 2, 0],
      ],
    ],
  ])('%j', check);
});

describe('a refused trace', () => {
  const check = (text: string, expected: string) =>
    expect(oneLine(faultOf(() => parse(text)))).toBe(expected);
  const rows = (...lines: string[]) => [HEADER, ...lines].join('\n');

  test.each([
    ['', ' | an empty file | a header arrived_at_s,prompt_tokens,output_tokens and at least one row'],
    [
      `${HEADER}\n`,
      ' | a header without rows | a header arrived_at_s,prompt_tokens,output_tokens and at least one row',
    ],
    [
      'arrived_at_s,prompt_tokens\n0,1',
      'line 1 (header) | no column output_tokens | a header with arrived_at_s, prompt_tokens, output_tokens',
    ],
    [
      `${HEADER},prompt_tokens\n0,1,2,3`,
      'line 1 (header) | the column prompt_tokens twice | every column once',
    ],
    [
      rows('0,1,2', '0,x,2'),
      'row 2 (line 3), column prompt_tokens | "x" | a whole number from 1 to 10000000',
    ],
    [
      rows('0,1,'),
      'row 1 (line 2), column output_tokens | an empty cell | a whole number from 1 to 10000000',
    ],
    [rows('0,1,0'), 'row 1 (line 2), column output_tokens | 0 | a whole number from 1 to 10000000'],
    [rows('0,-4,1'), 'row 1 (line 2), column prompt_tokens | -4 | a whole number from 1 to 10000000'],
    [rows('0,1.5,1'), 'row 1 (line 2), column prompt_tokens | 1.5 | a whole number from 1 to 10000000'],
    [
      rows('0,99999999,1'),
      'row 1 (line 2), column prompt_tokens | 99999999 | a whole number from 1 to 10000000',
    ],
    [rows('0,0x10,1'), 'row 1 (line 2), column prompt_tokens | "0x10" | a whole number from 1 to 10000000'],
    [rows('-1,1,1'), 'row 1 (line 2), column arrived_at_s | -1 | a number of seconds from 0 to 100000000'],
    [
      rows('NaN,1,1'),
      'row 1 (line 2), column arrived_at_s | "NaN" | a number of seconds from 0 to 100000000',
    ],
    [
      rows('1700000000,1,1'),
      'row 1 (line 2), column arrived_at_s | 1700000000 | a number of seconds from 0 to 100000000 | count seconds from the start of the trace, not from 1970',
    ],
    [
      rows('5,1,1', '4.5,1,1'),
      'row 2 (line 3), column arrived_at_s | 4.5 | at least 5, the arrival of the row before | sort the rows by arrived_at_s',
    ],
    [
      rows('0,1,1', '1,2'),
      'row 2 (line 3) | 2 cells | 3 cells (arrived_at_s, prompt_tokens, output_tokens) | is the file cut off?',
    ],
    [
      rows('0,1,1', '1,2,3,4'),
      'row 2 (line 3) | 4 cells | 3 cells (arrived_at_s, prompt_tokens, output_tokens)',
    ],
    [
      rows('0,1,1', '', '1,2,3'),
      'row 2 (line 3) | an empty line | 3 cells (arrived_at_s, prompt_tokens, output_tokens) | is the file cut off?',
    ],
    [rows('0,1,"1'), 'row 1 (line 2) | a quote that is not closed | cells parted by commas'],
    [
      `${HEADER},cached_prompt_tokens\n0,5,1,6`,
      "row 1 (line 2), column cached_prompt_tokens | 6 | a whole number from 0 to 5, the row's prompt_tokens",
    ],
  ])('%j', check);

  test('an unknown column has its nearest name', () => {
    const fault = faultOf(() => parse('arrived_at_s,prompt_token,output_tokens\n0,1,2'));
    expect(fault).toMatchObject({ found: 'the column "prompt_token"', hint: 'did you mean prompt_tokens?' });
  });
});

test('any sorted requests come back as they were written', () => {
  const request = fc.tuple(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.integer({ min: 1, max: 1e7 }),
    fc.integer({ min: 1, max: 1e7 }),
  );
  fc.assert(
    fc.property(fc.array(request, { minLength: 1 }), (requests) => {
      const sorted = requests.toSorted(([a], [b]) => a - b);
      const trace = parse([HEADER, ...sorted.map((row) => row.join(','))].join('\n'));
      expect(
        [...trace.arrivedAtS].map((at, i) => [at + 0, trace.promptTokens[i], trace.outputTokens[i]]),
      ).toEqual(sorted.map(([at, prompt, output]) => [at + 0, prompt, output]));
    }),
  );
});

describe('values', () => {
  const values = (text: string) => parseValues({ source: 'v.csv', text });

  test.each([
    ['5\n6\n', [5, 6]],
    ['tokens\n5\n', [5]],
    ['"tokens"\r\n"5"\r\n', [5]],
  ])('%j', (text, expected) => expect(values(text)).toEqual(expected));

  test.each([
    ['5\nx\n', 'line 2 | "x" | one whole number from 1 to 10000000 on each line'],
    ['a\n5,6\n', 'line 2 | "5,6" | one whole number from 1 to 10000000 on each line'],
    ['0\n5\n', 'line 1 | "0" | one whole number from 1 to 10000000 on each line'],
    ['tokens\n', ' | no value | one column of whole numbers'],
  ])('%j is refused', (text, expected) => expect(oneLine(faultOf(() => values(text)))).toBe(expected));
});
