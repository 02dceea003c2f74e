import type { PlanResult } from '../search/result';
import { buildDocument } from './build-document';
import type { Block, Facts, List, Section, Table } from './document';
import type { ReportContext } from './report-context';

/** The report as GitHub-flavoured Markdown, for a pull request or a wiki. Same content as the text. */
export function reportMarkdown(result: PlanResult, context: ReportContext): string {
  const { title, subtitle, notices, sections } = buildDocument(result, context);
  const parts = [
    `# ${sentenceCase(title)}`,
    subtitle.map(({ label, value }) => `**${label}:** ${escapeMarkdown(value)}`).join('  \n'),
    ...notices.map((notice) => `> **${escapeMarkdown(notice)}**`),
    ...sections.flatMap(sectionParts),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionParts({ heading, verdict, blocks }: Section): string[] {
  const suffix = verdict === null ? '' : `: ${escapeMarkdown(verdict)}`;
  return [`## ${sentenceCase(heading)}${suffix}`, ...blocks.map(blockPart)];
}

function blockPart(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return escapeMarkdown(block.text);
    case 'facts':
      return factsPart(block);
    case 'list':
      return listPart(block);
    case 'table':
      return tablePart(block.columns, block.rows);
  }
}

/** One fact without a label is a sentence; several are a table whose head is the group. */
function factsPart({ title, rows }: Facts): string {
  const [only] = rows;
  if (rows.length === 1 && only?.label === '') return `**${title ?? ''}:** ${escapeMarkdown(only.value)}`;
  const columns: Table['columns'] = [
    { head: title ?? ' ', align: 'left' },
    { head: ' ', align: 'left' },
  ];
  return tablePart(
    columns,
    rows.map(({ label, value }) => [label, value]),
  );
}

function listPart({ ordered, items }: List): string {
  return items.map((item, index) => `${ordered ? `${index + 1}.` : '-'} ${escapeMarkdown(item)}`).join('\n');
}

function tablePart(columns: Table['columns'], rows: Table['rows']): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ head }) => escapeMarkdown(head))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((_, i) => escapeMarkdown(row[i] ?? '')))),
  ].join('\n');
}

/** Keeps file names, reasons and the like from being read as markup. */
function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/\s*[\r\n]+\s*/g, ' ')
      .replace(/[\\`*_|[\]~$]/g, '\\$&')
      .replace(/(?<=\w)\\_(?=\w)/g, '_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/^([#>+-])(?=\s|$)/, '\\$1')
      // `#12` is a candidate; without the comment GitHub would link it to an issue.
      .replace(/#(?=\d)/g, '#<!-- -->')
  );
}

/** Capitals are for terminals: `SLO COMPLIANCE` → `SLO compliance`. */
function sentenceCase(heading: string): string {
  const lower = heading.toLowerCase().replace(/\bslo\b/, 'SLO');
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
