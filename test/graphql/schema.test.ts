import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLArgument,
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLNamedType,
  GraphQLObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { buildApiSchema } from '../../src/adapters/graphql/schema';
import { schemaText } from '../../src/adapters/graphql/schema-text';

const schema = buildApiSchema();
const ours = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type) && !isRoot(type),
);

function isRoot(type: GraphQLNamedType): boolean {
  return ['Query', 'Mutation', 'Subscription'].includes(type.name);
}

/** Every named thing of the schema with its description. */
function* described(): Generator<[string, string | null | undefined]> {
  for (const type of ours) yield [type.name, type.description];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (type instanceof GraphQLEnumType)
      for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value.description];
    if (type instanceof GraphQLInputObjectType)
      for (const field of Object.values(type.getFields()))
        yield [`${type.name}.${field.name}`, field.description];
    if (type instanceof GraphQLObjectType) {
      for (const field of Object.values(type.getFields())) {
        yield [`${type.name}.${field.name}`, field.description];
        for (const argument of field.args as readonly GraphQLArgument[])
          yield [`${type.name}.${field.name}(${argument.name})`, argument.description];
      }
    }
  }
}

test('schema.graphql is the schema of the code; node scripts/emit-schema.mjs writes it', () => {
  expect(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8')).toBe(schemaText(schema));
});

test('everything in the schema is described', () => {
  const all = [...described()];
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter(([, text]) => !text || text.trim().length < 5).map(([name]) => name)).toEqual([]);
});

test('no directives but those of the specification', () => {
  expect(schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))).toEqual([]);
});
