import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** An HTTP request at random: what a client by mistake, or somebody by intent, may send. */
export interface RandomRequest {
  readonly kind: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

/** Requests against the API of schema.graphql. `ids`: ids of all kinds, known ones of this and of other workspaces among them. */
export function randomRequests(ids: readonly string[]): fc.Arbitrary<RandomRequest> {
  const values = valuesOf(ids);
  return fc.oneof(
    { weight: 12, arbitrary: operation(values) },
    { weight: 5, arbitrary: withVariables(values) },
    { weight: 4, arbitrary: attack },
    { weight: 2, arbitrary: brokenText(values) },
    { weight: 2, arbitrary: brokenHttp },
  );
}

type Values = (type: GraphQLInputType, depth: number) => fc.Arbitrary<unknown>;

/** A value written in GraphQL, not JSON. */
class Literal {
  constructor(readonly text: string) {}
}

const HOSTILE_TEXT = fc.constantFrom(
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 💥',
  "'; DROP TABLE plans; --",
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '{{7*7}}',
  '%00',
  'x'.repeat(5000),
  '&a [*a,*a]',
  'model: [',
  '{"a":',
  'null',
);
const HOSTILE_NUMBER = fc.constantFrom(
  0,
  -1,
  -0,
  1e308,
  -1e308,
  1e21,
  2 ** 31,
  2 ** 53,
  0.1,
  5e-324,
  4_294_967_296,
);

/** Mostly of the type asked for, so that requests get past its validation; else anything. */
function valuesOf(ids: readonly string[]): Values {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('llama-2-7b', 'H100', 'A100', 'a100-80gb', 'default', 'chat') },
    { weight: 2, arbitrary: fc.constantFrom(...ids) },
    { weight: 2, arbitrary: HOSTILE_TEXT },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );
  const anything = fc.oneof(
    text,
    HOSTILE_NUMBER,
    fc.boolean(),
    fc.constant(null),
    fc.constant([]),
    fc.constant({}),
    fc.constant([[[[]]]]),
    fc.constant(new Literal('FIXED')),
  );
  const right: Values = (type, depth) => {
    if (isNonNullType(type)) return values(type.ofType, depth);
    if (isListType(type)) return fc.array(values(type.ofType, depth + 1), { maxLength: 3 });
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => new Literal(name)));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      if (depth > 4) return fc.constant({});
      const record: Record<string, fc.Arbitrary<unknown>> = {};
      for (const field of fields) record[field.name] = values(field.type, depth + 1);
      const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
      return fc.record(record, { requiredKeys: required });
    }
    switch (getNamedType(type).name) {
      case 'Int':
        return fc.oneof(fc.integer({ min: 1, max: 300 }), HOSTILE_NUMBER);
      case 'Float':
        return fc.oneof(fc.double({ min: 0.1, max: 5000, noNaN: true }), HOSTILE_NUMBER);
      case 'Boolean':
        return fc.boolean();
      case 'DateTime':
        return fc.oneof(fc.constantFrom('2026-01-01T00:00:00Z', '+275761-01-01', '0'), text);
      default:
        return text;
    }
  };
  const values: Values = (type, depth) =>
    fc.oneof({ weight: 9, arbitrary: right(type, depth) }, { weight: 1, arbitrary: anything });
  return values;
}

const post = (kind: string, body: string): RandomRequest => ({
  kind,
  method: 'POST',
  path: '/graphql',
  headers: { 'content-type': 'application/json' },
  body,
});

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
  (type) =>
    type === null || type === undefined
      ? []
      : Object.values(type.getFields()).map((field) => ({ type, field })),
);

const wordOf = ({ name }: GraphQLObjectType): string => name.toLowerCase();

/** One field of a root with arguments written into the document. */
const operation = (values: Values): fc.Arbitrary<RandomRequest> =>
  fc.constantFrom(...roots).chain(({ type, field }) =>
    argumentsOf(field, values).map((given) =>
      post(
        `${type.name}.${field.name}`,
        JSON.stringify({
          query: `${wordOf(type)} { ${field.name}${written(given)} ${selectionOf(field.type, 3)} }`,
        }),
      ),
    ),
  );

/** The same by variables, whose JSON knows other mistakes. */
const withVariables = (values: Values): fc.Arbitrary<RandomRequest> =>
  fc.constantFrom(...roots.filter(({ field }) => field.args.length > 0)).chain(({ type, field }) =>
    argumentsOf(field, values).map((given) => {
      const declared = field.args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
      const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
      const query = `${wordOf(type)} Q(${declared}) { ${field.name}(${passed}) ${selectionOf(field.type, 3)} }`;
      const variables = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, plain(value)]),
      );
      return post(`${type.name}.${field.name} by variables`, JSON.stringify({ query, variables }));
    }),
  );

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  values: Values,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  for (const arg of field.args) record[arg.name] = values(arg.type, 0);
  const required = field.args
    .filter((arg: GraphQLArgument) => isNonNullType(arg.type))
    .map(({ name }) => name);
  return fc.record(record, { requiredKeys: required });
}

/** Leaves, and below objects what needs no arguments, `depth` levels down. */
function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (!isObjectType(named)) return '{ __typename }';
  const fields = Object.values(named.getFields()).filter(
    (field) =>
      field.args.every((arg) => !isNonNullType(arg.type)) &&
      (depth > 0 || isLeafType(getNamedType(field.type))),
  );
  const selected = fields.slice(0, 12).map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`);
  return `{ __typename ${selected.join(' ')} }`;
}

const written = (given: Readonly<Record<string, unknown>>): string => {
  const parts = Object.entries(given).map(([name, value]) => `${name}: ${literal(value)}`);
  return parts.length === 0 ? '' : `(${parts.join(', ')})`;
};

function literal(value: unknown): string {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, part]) => `${key}: ${literal(part)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

const plain = (value: unknown): unknown => {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  return value;
};

/** Documents made to cost much. */
const attack: fc.Arbitrary<RandomRequest> = fc
  .record({
    n: fc.integer({ min: 1, max: 3000 }),
    kind: fc.constantFrom(
      'deep',
      'aliases',
      'ring',
      'wide',
      'tokens',
      'directives',
      'pages',
      'introspection',
      'list',
    ),
  })
  .map(({ n, kind }) => post(`attack: ${kind}`, JSON.stringify({ query: attackOf(kind, n) })));

function attackOf(kind: string, n: number): string {
  const times = (text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i)).join(' ');
  switch (kind) {
    case 'deep':
      return `{ plans { nodes ${'{ latestRun { plan '.repeat(n)}{ id }${' } }'.repeat(n)} } }`;
    case 'aliases':
      return `{ ${times((i) => `a${i}: viewer { role }`)} }`;
    case 'ring':
      return '{ plans { nodes { ...A } } } fragment A on Plan { ...B } fragment B on Plan { id ...A }';
    case 'wide':
      return `{ plans { nodes { ${'id name '.repeat(n)} } } }`;
    case 'tokens':
      return `{ plans(filter: { modelIds: [${times(() => '"x"')}] }) { nodes { id } } }`;
    case 'directives':
      return `{ plans { nodes { id ${'@include(if: true) '.repeat(n)} } } }`;
    case 'pages':
      return `{ plans(first: ${n}) { nodes { runs { candidates(first: ${n}) { nodes { loadCurve { rateQps } } } } } } }`;
    case 'introspection':
      return `{ __schema { types { fields { type { ${'ofType { '.repeat(n % 40)} name ${'} '.repeat(n % 40)} } } } } }`;
    default:
      return `{ comparePlans(ids: [${times((i) => `"${i}"`)}]) { winnerChanged } }`;
  }
}

/** A document cut off, or with something changed somewhere. */
const brokenText = (values: Values): fc.Arbitrary<RandomRequest> =>
  fc
    .tuple(
      operation(values),
      fc.nat(),
      fc.constantFrom('', '{', '}', '"', '\\', '$', '#', '...', '\0', '\u{1f4a5}'),
    )
    .map(([{ body }, at, inserted]) => {
      const text = (JSON.parse(body!) as { query: string }).query;
      const place = at % text.length;
      const changed =
        inserted === '' ? text.slice(0, place) : text.slice(0, place) + inserted + text.slice(place);
      return post('broken document', JSON.stringify({ query: changed }));
    });

/** Not even GraphQL. */
const brokenHttp: fc.Arbitrary<RandomRequest> = fc
  .record({
    method: fc.constantFrom('GET' as const, 'POST' as const, 'PUT' as const),
    path: fc.constantFrom(
      '/graphql',
      '/graphql?query={viewer{role}}',
      '/graphql?query=mutation{cancelPlan(planId:"x"){id}}',
      '/graphql/stream',
      '/graphql/stream?query=subscription{planProgress(planId:"x"){status}}',
      '/nowhere',
      '/%ff',
      '/healthz',
      '/metrics',
    ),
    type: fc.constantFrom(
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/graphql',
    ),
    body: fc.oneof(
      fc.constantFrom(
        '',
        '{',
        'null',
        '[]',
        '"text"',
        '{"query":',
        '{"query":null}',
        '{"query":{"a":1}}',
        '{"query":"{viewer{role}}","variables":"x"}',
        '{"query":"{viewer{role}}","variables":[1]}',
        '{"query":"{viewer{role}}","operationName":7}',
        '{"query":"{viewer{role}}","extensions":{"persistedQuery":{"version":9,"sha256Hash":"x"}}}',
        `[${'{"query":"{viewer{role}}"},'.repeat(50)}{"query":"{viewer{role}}"}]`,
        `{"query":"{viewer{role}}","__proto__":{"x":1}}`,
        '['.repeat(5000),
      ),
      fc.string({ maxLength: 200 }),
    ),
  })
  .map(({ method, path, type, body }) => ({
    kind: `http: ${method} ${path}`,
    method,
    path,
    headers: method === 'GET' ? {} : { 'content-type': type },
    body: method === 'GET' ? null : body,
  }));
