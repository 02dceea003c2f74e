import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { refuseTooComplex } from '../../src/adapters/graphql/protection/complexity';

const schema = buildSchema(
  'type Query { rows(first: Int = 10): [Row!]! } type Row { id: ID! inner(first: Int): [Row!]! }',
);
const document = parse(
  'query q($first: Int = 1000) { rows(first: $first) { id inner(first: $first) { id } } }',
);
const operation = document.definitions[0] as OperationDefinitionNode;
const ask = (variables: Readonly<Record<string, unknown>>) => () =>
  refuseTooComplex({ schema, document, operation, variables, maxComplexity: 5000 });

test('what one set of variables costs is not taken for another', () => {
  const expected = [
    [{ first: null }, false],
    [{}, true],
    [{ first: null }, false],
    [{ first: 1 }, false],
    [{ first: 1000 }, true],
    [{ first: 2 }, false],
  ] as const;
  for (const [variables, refused] of expected) {
    if (refused) expect(ask(variables)).toThrow('rows the answer may hold');
    else expect(ask(variables)).not.toThrow();
  }
});
