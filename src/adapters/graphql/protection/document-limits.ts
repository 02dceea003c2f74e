import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
  visit,
} from 'graphql';
import { LimitError } from '../../../app/ports/api-errors';
import type { GraphqlLimits } from '../options';

/** Only @skip and @include exist: one on every second alias is more than any client writes. */
const MAX_DIRECTIVES = 50;

type Limits = Pick<GraphqlLimits, 'maxQueryDepth' | 'maxAliases' | 'maxRootFields'>;

/**
 * Refuses documents that are too deep or hold too many aliases, directives or root fields. It goes through the document
 * once: each fragment is measured once, however often and however deep it is used.
 */
export const documentLimitsRule =
  (limits: Limits): ValidationRule =>
  (context: ValidationContext): ASTVisitor => ({
    Document(document) {
      for (const error of faultsOf(document, limits)) {
        context.reportError(new GraphQLError(error.message, { originalError: error }));
      }
      return false;
    },
  });

function faultsOf(document: DocumentNode, limits: Limits): LimitError[] {
  const { aliases, directives } = countsOf(document);
  const measure = createMeasure(document);
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const most = (of: (set: SelectionSetNode) => number) =>
    Math.max(0, ...operations.map((node) => of(node.selectionSet)));
  return [
    ['depth of the query', most(measure.depth), limits.maxQueryDepth] as const,
    ['aliases of the query', aliases, limits.maxAliases] as const,
    ['directives of the query', directives, MAX_DIRECTIVES] as const,
    ['fields at the root of the query', most(measure.rootFields), limits.maxRootFields] as const,
  ].flatMap(([what, found, allowed]) => (found > allowed ? [new LimitError(what, found, allowed)] : []));
}

function countsOf(document: DocumentNode): { aliases: number; directives: number } {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field(node) {
      if (node.alias !== undefined) aliases++;
    },
    Directive() {
      directives++;
    },
  });
  return { aliases, directives };
}

function createMeasure(document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  /** Counts fields of a selection set. `inside` is what a field adds for what it selects itself. */
  const counter = (
    join: (counts: number[]) => number,
    inside: (set: SelectionSetNode | undefined) => number,
  ) => {
    const known = new Map<string, number>();
    const count = (set: SelectionSetNode): number =>
      join(
        set.selections.map((node) => {
          if (node.kind === Kind.FIELD)
            return isIntrospection(node.name.value) ? 0 : 1 + inside(node.selectionSet);
          if (node.kind === Kind.INLINE_FRAGMENT) return count(node.selectionSet);
          return countFragment(node.name.value);
        }),
      );
    function countFragment(name: string): number {
      const before = known.get(name);
      if (before !== undefined) return before;
      // A ring of fragments is refused by graphql-js; here it only has to end.
      known.set(name, 0);
      const fragment = fragments.get(name);
      const found = fragment === undefined ? 0 : count(fragment.selectionSet);
      known.set(name, found);
      return found;
    }
    return count;
  };
  const depth: (set: SelectionSetNode) => number = counter(
    (counts) => Math.max(0, ...counts),
    (set) => (set === undefined ? 0 : depth(set)),
  );
  const rootFields = counter(
    (counts) => counts.reduce((sum, one) => sum + one, 0),
    () => 0,
  );
  return { depth, rootFields };
}

/** graphql-js limits the nesting of introspection itself, and the answer has a fixed size. */
const isIntrospection = (name: string): boolean => name.startsWith('__');
