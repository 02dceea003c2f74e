/** A report as content, without a format: what the text and the Markdown have in common. */
export interface ReportDocument {
  readonly title: string;
  /** Lines under the title: label and value. */
  readonly subtitle: readonly Fact[];
  /** What must be read before anything else, e.g. that the plan is partial. */
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly heading: string;
  /** The whole section in a few words beside its heading, e.g. `✓ ALL SLOS MET`; null for most. */
  readonly verdict: string | null;
  readonly blocks: readonly Block[];
}

export type Block = Paragraph | Facts | List | Table;

export interface Paragraph {
  readonly kind: 'paragraph';
  readonly text: string;
}

export interface Facts {
  readonly kind: 'facts';
  /** Heading of the group, e.g. `Hardware`; null: none. */
  readonly title: string | null;
  readonly rows: readonly Fact[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface List {
  readonly kind: 'list';
  readonly ordered: boolean;
  readonly items: readonly string[];
}

export interface Table {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  /** One cell a column. */
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
}

export const section = (
  heading: string,
  blocks: readonly Block[],
  verdict: string | null = null,
): Section => ({
  heading,
  verdict,
  blocks,
});
export const paragraph = (text: string): Paragraph => ({ kind: 'paragraph', text });
export const facts = (
  title: string | null,
  rows: readonly (readonly [label: string, value: string])[],
): Facts => ({
  kind: 'facts',
  title,
  rows: rows.map(([label, value]) => ({ label, value })),
});
export const list = (items: readonly string[], options: { ordered: boolean } = { ordered: false }): List => ({
  kind: 'list',
  ordered: options.ordered,
  items,
});
/** Columns as `'Name'`, or `'>Name'` for numbers, which are aligned to the right. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): Table => ({
  kind: 'table',
  columns: heads.map((head) =>
    head.startsWith('>') ? { head: head.slice(1), align: 'right' } : { head, align: 'left' },
  ),
  rows,
});
