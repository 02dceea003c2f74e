import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  getOperationAST,
  parse,
} from 'graphql';
import type { GraphqlContext } from '../../src/adapters/graphql/context';
import { compileQuery } from '../../src/adapters/graphql/execution/compile-query';
import { executeCompiled } from '../../src/adapters/graphql/execution/execute-compiled';
import { resolveRootsOnce } from '../../src/adapters/graphql/execution/once-a-query';
import { executeBoth, fragmentsOf } from './execute-both';

// What the real schema does not bring: values that break their types, promises that settle in any order.

const newContext = () => ({}) as GraphqlContext;
type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Resolvers by `Type.field`; of other fields the value is the property of that name. */
function schemaOf(text: string, resolvers: Readonly<Record<string, Resolver>>): GraphQLSchema {
  const schema = buildSchema(text);
  for (const [place, resolve] of Object.entries(resolvers)) {
    const [type, field] = place.split('.') as [string, string];
    (schema.getType(type) as GraphQLObjectType).getFields()[field]!.resolve = resolve;
  }
  return schema;
}

const later = <T>(value: T, ms = 1): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms));
const failing = (ms: number): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`after ${ms} ms`)), ms));

const NODES = `
  enum Colour { RED GREEN }
  scalar Odd
  type Query { node(id: Int = 1, ids: [Int], colour: Colour): Node!  maybe: Node  nodes: [Node]  strict: [Node!] }
  type Node { id: Int  name: String!  colour: Colour  odd: Odd  next: Node  list: [Int]  grid: [[Int!]!]  echo(id: Int = 7, colour: Colour = GREEN, ids: [Int]): String }
`;

/** A node whose `next` is another, without end. */
const node = (id: number): object => ({
  id,
  name: `n${id}`,
  colour: 'RED',
  next: () => later(node(id + 1)),
  list: [1, later(null), later(3)],
  grid: later([[1, later(2)], later([])]),
  echo: (args: object) => JSON.stringify(args),
});

const nodes = (resolvers: Readonly<Record<string, Resolver>> = {}): GraphQLSchema =>
  schemaOf(NODES, {
    'Query.node': (_, { id }) => later(node(id ?? 0)),
    'Query.maybe': () => null,
    'Query.nodes': () => [node(1), null, later(node(2)), later(undefined)],
    'Query.strict': () => [],
    ...resolvers,
  });

/** Both ways give the same data, and ours without graphql-js. */
async function expectSame(schema: GraphQLSchema, text: string, variables: object = {}): Promise<unknown> {
  const { expected, compiled } = await executeBoth(schema, text, { ...variables }, newContext);
  expect(expected.errors).toBeUndefined();
  expect(compiled).not.toBeNull();
  expect(JSON.stringify(compiled)).toBe(JSON.stringify(expected.data));
  return compiled;
}

/** graphql-js finds an error, so ours leaves the query to it. */
async function expectLeft(schema: GraphQLSchema, text: string, variables: object = {}): Promise<void> {
  const { expected, compiled, wasCompiled } = await executeBoth(schema, text, { ...variables }, newContext);
  expect(expected.errors).not.toBeUndefined();
  expect(wasCompiled).toBe(true);
  expect(compiled).toBeNull();
}

test.each([
  ['aliases and __typename', '{ b: __typename a: node { __typename x: id id t: __typename } __typename }'],
  ['fields asked for twice', '{ node { next { id } } other: maybe { id } node { name next { name id } } }'],
  [
    'fragments',
    '{ ...Q node { ...N ... on Node { ...N id } ... { colour } } } fragment Q on Query { node { id ...N } } fragment N on Node { name next { ...M } } fragment M on Node { id }',
  ],
  [
    'a fragment in both halves of a merged field',
    '{ node { next { ...N } } node { next { ...N id } } } fragment N on Node { name next { id } }',
  ],
  ['nulls and promises in lists', '{ nodes { id list grid next { list } } strict { id } maybe { id } }'],
  [
    'an alias that is a name of Object',
    '{ constructor: maybe { id } toString: node { hasOwnProperty: id } }',
  ],
  [
    'literals',
    '{ node(id: null) { echo a: echo(id: null) b: echo(ids: [1, null]) c: echo(ids: 5, colour: RED) } }',
  ],
])('%s', async (_, text) => {
  await expectSame(nodes(), text);
});

test('__proto__ as a key is left to graphql-js', async () => {
  const { expected, wasCompiled } = await executeBoth(nodes(), '{ node { __proto__: id } }', {}, newContext);
  expect(expected.errors).toBeUndefined();
  expect(wasCompiled).toBe(false);
});

describe('variables', () => {
  const query = `query ($id: Int, $colour: Colour = RED, $ids: [Int], $one: Int = 3) {
    node(id: $one) { id a: echo(id: $id, colour: $colour, ids: $ids) b: echo(id: $one, ids: [$id, 2]) }
  }`;
  test.each([
    {},
    { id: null, colour: null, ids: null, one: null },
    { id: 4, ids: [null, 1], one: 5, unknown: 1 },
    { ids: 3 },
    { colour: 'GREEN', ids: [] },
  ])('%j', async (variables) => {
    await expectSame(nodes(), query, variables);
  });
  test.each([{ id: 'x' }, { ids: [1, 'x'] }, { colour: 'BLUE' }, { one: 2 ** 40 }])(
    '%j is refused',
    async (variables) => {
      await expectLeft(nodes(), query, variables);
    },
  );
  test('a variable that must be given', async () => {
    await expectLeft(nodes(), 'query ($id: Int!) { node(id: $id) { id } }');
    await expectLeft(nodes(), 'query ($id: Int!) { node(id: $id) { id } }', { id: null });
  });
});

test('a scalar and an enum have the last word on a value', async () => {
  const schema = nodes({ 'Node.odd': () => 3, 'Node.colour': () => later('GREEN') });
  const odd = schema.getType('Odd') as GraphQLScalarType;
  odd.serialize = (value) => ({ odd: value });
  expect(await expectSame(schema, '{ node { odd colour } }')).toEqual({
    node: { odd: { odd: 3 }, colour: 'GREEN' },
  });
  odd.serialize = () => undefined;
  await expectLeft(schema, '{ node { odd } }');
  await expectLeft(nodes({ 'Node.colour': () => 'BLUE' }), '{ node { colour } }');
});

test.each<[string, string, Resolver]>([
  ['a field that must have a value', 'Node.name', () => null],
  ['the same, later', 'Node.name', () => later(null)],
  ['no list', 'Node.list', () => 5],
  ['null in a list of none', 'Node.grid', () => [[1], later(null)]],
  ['no number', 'Node.id', () => 'x'],
  ['an error as a value', 'Node.next', () => new Error('as a value')],
  ['an error in a list', 'Node.list', () => [1, new Error('as a value')]],
  [
    'an error thrown',
    'Node.next',
    () => {
      throw new Error('thrown');
    },
  ],
  ['an error later', 'Node.next', () => failing(1)],
])('%s is left to graphql-js', async (_, place, resolve) => {
  await expectLeft(nodes({ [place]: resolve }), '{ nodes { id } node { id name list grid next { id } } }');
});

test('when one fails, all that is under way is waited for, and nothing more begun', async () => {
  // A rejection that nobody waited for would fail this test: jest takes it as an error of its own.
  const begun: string[] = [];
  const settled: string[] = [];
  const slow =
    (name: string, ms: number, outcome: 'value' | 'error'): Resolver =>
    () => {
      begun.push(name);
      return (outcome === 'value' ? later(node(1), ms) : failing(ms)).finally(() => settled.push(name));
    };
  const schema = schemaOf(`type Query { a: Node b: Node c: Node d: Node } type Node { id: Int next: Node }`, {
    'Query.a': slow('a', 5, 'error'),
    'Query.b': slow('b', 20, 'error'),
    'Query.c': slow('c', 15, 'value'),
    'Query.d': () => {
      throw new Error('at once');
    },
    'Node.next': slow('next', 1, 'error'),
  });
  const run = async (text: string) => {
    const document = parse(text);
    const query = compileQuery(schema, getOperationAST(document)!, fragmentsOf(document))!;
    return executeCompiled(query, schema, {}, newContext());
  };
  expect(await run('{ a { id } b { id } c { next { id } } }')).toBeNull();
  expect([begun, settled]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'c', 'b'],
  ]);
  begun.length = settled.length = 0;
  expect(await run('{ a { id } c { next { id } } d { id } b { id } }')).toBeNull();
  expect([begun, settled]).toEqual([
    ['a', 'c'],
    ['a', 'c'],
  ]);
  begun.length = settled.length = 0;
  expect(await run('{ c { id next { id } } }')).toBeNull();
  expect([begun, settled]).toEqual([
    ['c', 'next'],
    ['c', 'next'],
  ]);
  await later(null, 20);
});

test('what must not be executed twice is not: roots begin once for each context and place in the query', async () => {
  let calls = 0;
  const schema = schemaOf('type Query { dear(of: Int): Int bad: Int }', {
    'Query.dear': () => later(++calls),
    'Query.bad': () => failing(1),
  });
  resolveRootsOnce(schema);
  const context = newContext();
  const text = '{ a: dear b: dear(of: 2) bad }';
  const { expected, compiled } = await executeBoth(schema, text, {}, () => context);
  expect(compiled).toBeNull();
  expect(expected.data).toEqual({ a: 1, b: 2, bad: null });
  expect(calls).toBe(2);
  await executeBoth(schema, '{ dear }', {}, newContext);
  expect(calls).toBe(4);
});

/** Fragments of which each asks for what the next does, twice. */
const twice = (levels: number, first: string, second: string): string =>
  `${Array.from(
    { length: levels },
    (_, i) => `fragment F${i} on Node { ${first} { ...F${i + 1} } ${second} { ...F${i + 1} id } }`,
  ).join(' ')} fragment F${levels} on Node { id }`;

test('fragments that make much of little are left to graphql-js', () => {
  const compile = (text: string) => {
    const document = parse(text);
    return compileQuery(nodes(), getOperationAST(document)!, fragmentsOf(document));
  };
  // 2,000 fields.
  expect(compile(`{ node { ...F0 } } ${twice(10, 'next', 'other: next')}`)).toBeNull();
  expect(compile(`{ node { ...F0 } } ${twice(6, 'next', 'other: next')}`)).not.toBeNull();
  // Merged they are a straight line, however long.
  expect(compile(`{ node { ...F0 } } ${twice(40, 'next', 'next')}`)).not.toBeNull();
});

test.each([
  'mutation { go }',
  'query @q { node { id } }',
  '{ node { id @include(if: true) } }',
  '{ node { ...N @include(if: true) } } fragment N on Node { id }',
  '{ __schema { queryType { name } } }',
  '{ thing { __typename } }',
])('%s is none of ours', (text) => {
  const schema = buildSchema(
    'directive @q on QUERY type Query { node: Node thing: Thing } type Mutation { go: Int } type Node { id: Int } union Thing = Node',
  );
  const document = parse(text);
  expect(compileQuery(schema, getOperationAST(document)!, fragmentsOf(document))).toBeNull();
});
