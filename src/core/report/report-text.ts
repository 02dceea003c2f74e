import type { PlanResult } from '../search/result';
import { buildDocument } from './build-document';
import type { Block, Facts, List, ReportDocument, Section, Table } from './document';
import type { ReportContext } from './report-context';
import { wrap } from './wrap';

/** The report as plain text for a terminal, at most 78 columns wide (an unbreakable word may stick out). */
export function reportText(result: PlanResult, context: ReportContext): string {
  const document = buildDocument(result, context);
  const lines = [
    ...titleBox(document),
    '',
    ...document.notices.flatMap((notice) => [...wrap(`! ${notice}`, WIDTH, '  '), '']),
  ];
  for (const section of document.sections) lines.push(...sectionLines(section), '');
  return `${lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()}\n`;
}

const WIDTH = 78;
/** Column where values start. */
const VALUE_COLUMN = 20;

function titleBox({ title, subtitle }: ReportDocument): string[] {
  const rule = '='.repeat(WIDTH);
  const details = subtitle.flatMap(({ label, value }) =>
    wrap(value, WIDTH, ' '.repeat(5 + label.length), `   ${label}: `),
  );
  return [rule, `   ${title}`, ...details, rule];
}

function sectionLines({ heading, verdict, blocks }: Section): string[] {
  const head =
    verdict === null ? [heading, '━'.repeat(WIDTH)] : [`${`${heading}:`.padEnd(VALUE_COLUMN)}${verdict}`];
  const body = blocks.flatMap((block, index) => {
    const lines = blockLines(block);
    return index > 0 && needsGap(blocks[index - 1], block) ? ['', ...lines] : lines;
  });
  return [...head, ...body];
}

/** A paragraph that ends in a colon belongs to the list or table after it. */
function needsGap(before: Block | undefined, block: Block): boolean {
  return !(before?.kind === 'paragraph' && before.text.endsWith(':') && block.kind !== 'paragraph');
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'paragraph':
      return wrap(block.text, WIDTH, '');
    case 'facts':
      return factLines(block);
    case 'list':
      return listLines(block);
    case 'table':
      return tableLines(block);
  }
}

function factLines({ title, rows }: Facts): string[] {
  const indent = title === null ? '' : '  ';
  const lines = rows.flatMap(({ label, value }) => {
    // A fact without a label continues the one above; alone under a title it starts at the left.
    const alone = title !== null && rows.length === 1 && label === '';
    const head = alone ? indent : `${indent}${label === '' ? '' : `${label}:`}`.padEnd(VALUE_COLUMN);
    return wrap(value, WIDTH, ' '.repeat(head.length), head);
  });
  return title === null ? lines : [`${title}:`, ...lines];
}

function listLines({ ordered, items }: List): string[] {
  return items.flatMap((item, index) => {
    const bullet = ordered ? `${String(index + 1).padStart(2)}. ` : '- ';
    return wrap(item, WIDTH, ' '.repeat(bullet.length), bullet);
  });
}

/** Columns as wide as their widest cell; the widest left-aligned one gives way and wraps when the table is too wide. */
function tableLines({ columns, rows }: Table): string[] {
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const total = widths.reduce((sum, width) => sum + width, 2 * (columns.length - 1));
  const flexible = columns.reduce((widest, { align }, i) => {
    return align === 'left' && (widest < 0 || (widths[i] ?? 0) > (widths[widest] ?? 0)) ? i : widest;
  }, -1);
  if (total > WIDTH && flexible >= 0)
    widths[flexible] = Math.max(16, (widths[flexible] ?? 0) - (total - WIDTH));
  const rowLines = (cells: readonly string[]) => {
    const wrapped = columns.map((_, i) =>
      i === flexible ? wrap(cells[i] ?? '', widths[i] ?? 0, '') : [cells[i] ?? ''],
    );
    const height = Math.max(...wrapped.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      columns.map(({ align }, i) => pad(wrapped[i]?.[line] ?? '', widths[i] ?? 0, align)).join('  '),
    );
  };
  return [...rowLines(columns.map(({ head }) => head)), ...rows.flatMap(rowLines)];
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}
