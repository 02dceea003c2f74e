import { GraphQLSafeInt } from 'graphql-scalars';

/** A whole number that may be larger than GraphQL's Int (2³¹). */
export const SafeInt = GraphQLSafeInt;
