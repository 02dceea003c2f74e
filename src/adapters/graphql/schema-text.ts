import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

/** The text of schema.graphql: sorted, so that it changes only where the schema does. */
export const schemaText = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;
