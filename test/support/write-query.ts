import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

export interface WrittenQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Values that make sense, by the argument and then by the field it is of. */
export type QueryValues = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

/**
 * A valid query. Each choice takes the next number, and 0 when there are none left, which always is the shortest way: fewer and
 * smaller numbers make a smaller query. Keys never clash: an alias follows from the field, fields with arguments have one each.
 */
export function writeQuery(
  schema: GraphQLSchema,
  choices: readonly number[],
  values: QueryValues,
): WrittenQuery {
  const writer = new QueryWriter(choices, values);
  const body = writer.selection(schema.getQueryType()!, 0);
  const declared = writer.declared.length === 0 ? '' : `(${writer.declared.join(', ')})`;
  return { text: `query Q${declared} ${body}\n${writer.fragments.join('\n')}`, variables: writer.variables };
}

const DEPTH_MAX = 5;
const FIELDS_MAX = 60;

class QueryWriter {
  readonly declared: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly fragments: string[] = [];
  /** Finished fragments by the type they are on. */
  private readonly finished = new Map<string, string[]>();
  private at = 0;
  private names = 0;
  private fields = 0;

  constructor(
    private readonly choices: readonly number[],
    private readonly values: QueryValues,
  ) {}

  private choose(below: number): number {
    return (this.choices[this.at++] ?? 0) % below;
  }

  private oneIn(n: number): boolean {
    return this.choose(n) === n - 1;
  }

  private pick<T>(options: readonly T[]): T {
    return options[this.choose(options.length)]!;
  }

  selection(type: GraphQLObjectType, depth: number): string {
    const all = Object.values(type.getFields()).filter(
      (field) => depth < DEPTH_MAX || isLeafType(getNamedType(field.type)),
    );
    const parts = [depth === 0 || all.length === 0 ? '__typename' : this.field(this.pick(all), depth)];
    const more = this.choose(depth === 0 ? 4 : 6);
    for (let i = 0; i < more && all.length > 0 && this.fields < FIELDS_MAX; i++)
      parts.push(this.part(type, all, depth));
    return `{ ${parts.join(' ')} }`;
  }

  private part(
    type: GraphQLObjectType,
    all: readonly GraphQLField<unknown, unknown>[],
    depth: number,
  ): string {
    switch (this.choose(12)) {
      case 8:
        return this.oneIn(2) ? 'kind: __typename' : '__typename';
      case 9:
        return `... on ${type.name} ${this.selection(type, depth)}`;
      case 10:
        return `${this.oneIn(3) ? '... @include(if: true)' : '...'} ${this.selection(type, depth)}`;
      case 11:
        return `...${this.fragment(type, depth)}`;
      default:
        return this.field(this.pick(all), depth);
    }
  }

  private fragment(type: GraphQLObjectType, depth: number): string {
    const known = this.finished.get(type.name) ?? [];
    if (known.length > 0 && !this.oneIn(3)) return this.pick(known);
    const name = `F${++this.names}`;
    this.fragments.push(`fragment ${name} on ${type.name} ${this.selection(type, depth)}`);
    this.finished.set(type.name, [...(this.finished.get(type.name) ?? []), name]);
    return name;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number): string {
    this.fields++;
    const given = field.args.flatMap((arg) => this.argument(field, arg));
    const alias = given.length > 0 ? `a${++this.names}: ` : this.oneIn(4) ? `other_${field.name}: ` : '';
    const args = given.length > 0 ? `(${given.join(', ')})` : '';
    const named = getNamedType(field.type);
    const inner = isObjectType(named) ? ` ${this.selection(named, depth + 1)}` : '';
    return `${alias}${field.name}${args}${this.oneIn(25) ? ' @skip(if: false)' : ''}${inner}`;
  }

  /** Written out, or by a variable that is given, absent, or null where either may be. */
  private argument(field: GraphQLField<unknown, unknown>, arg: GraphQLArgument): string[] {
    const required = isNonNullType(arg.type) && arg.defaultValue === undefined;
    if (!required && !this.oneIn(2)) return [];
    const { value, literal } = this.value(arg.type, arg.name, field.name, 0);
    if (!this.oneIn(2)) return [`${arg.name}: ${literal}`];
    const name = `v${++this.names}`;
    const bare = String(arg.type).replace(/!$/, '');
    const how = this.choose(5);
    if (how === 1) {
      // Its own default, used when it is absent.
      this.declared.push(`$${name}: ${bare} = ${literal}`);
    } else if (how === 2 && !required) {
      this.declared.push(`$${name}: ${bare}`);
    } else if (how === 3 && !isNonNullType(arg.type)) {
      this.declared.push(`$${name}: ${bare} = ${literal}`);
      this.variables[name] = null;
    } else {
      this.declared.push(`$${name}: ${String(arg.type)}`);
      this.variables[name] = value;
    }
    return [`${arg.name}: $${name}`];
  }

  private value(
    type: GraphQLInputType,
    name: string,
    field: string,
    depth: number,
  ): { readonly value: unknown; readonly literal: string } {
    if (!isNonNullType(type) && this.oneIn(10)) return { value: null, literal: 'null' };
    const bare = isNonNullType(type) ? type.ofType : type;
    const known = this.values[name]?.[field];
    if (known !== undefined) return plain(this.pick(known));
    if (isListType(bare)) {
      const items = Array.from({ length: this.choose(3) }, () =>
        this.value(bare.ofType, name, field, depth + 1),
      );
      return {
        value: items.map(({ value }) => value),
        literal: `[${items.map(({ literal }) => literal).join(', ')}]`,
      };
    }
    if (isEnumType(bare)) {
      const chosen = this.pick(bare.getValues()).name;
      return { value: chosen, literal: chosen };
    }
    if (isInputObjectType(bare)) {
      const parts = Object.values(bare.getFields()).flatMap((part) =>
        (isNonNullType(part.type) && part.defaultValue === undefined) || (depth < 2 && this.oneIn(6))
          ? [[part.name, this.value(part.type, part.name, field, depth + 1)] as const]
          : [],
      );
      return {
        value: Object.fromEntries(parts.map(([key, { value }]) => [key, value])),
        literal: `{${parts.map(([key, { literal }]) => `${key}: ${literal}`).join(', ')}}`,
      };
    }
    return plain(this.leaf(getNamedType(bare).name));
  }

  private leaf(typeName: string): unknown {
    switch (typeName) {
      case 'Int':
        return 1 + this.choose(6);
      case 'Float':
        return this.choose(50) / 4;
      case 'Boolean':
        return this.oneIn(2);
      case 'DateTime':
        return '2026-01-01T00:00:00.000Z';
      default:
        return this.pick(['llama-2-7b', 'A100', 'default', 'x']);
    }
  }
}

const plain = (value: unknown) => ({ value, literal: JSON.stringify(value) });
