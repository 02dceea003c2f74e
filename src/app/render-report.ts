import { extname } from 'node:path';
import { InputError } from '../core/errors';
import { candidatesCsv } from '../core/report/candidates-csv';
import { reportJson } from '../core/report/report-json';
import { reportMarkdown } from '../core/report/report-markdown';
import { reportText } from '../core/report/report-text';
import type { PlanReport } from './make-plan';

/** Forms of a plan's report. `csv` is the table of candidates, the others are the whole report. */
export type ReportFormat = 'json' | 'text' | 'markdown' | 'csv';

const FORMAT_OF_EXTENSION: Readonly<Record<string, ReportFormat>> = {
  '.json': 'json',
  '.txt': 'text',
  '.md': 'markdown',
  '.csv': 'csv',
};

/** The form a file's name asks for. `source` names the argument in the error. */
export function reportFormatOf(path: string, source: string): ReportFormat {
  const format = FORMAT_OF_EXTENSION[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new InputError({
    source,
    path: '',
    found: JSON.stringify(path),
    allowed: `a file name that ends in ${Object.keys(FORMAT_OF_EXTENSION).join(', ')}`,
  });
}

export function renderReport(format: ReportFormat, { result, context }: PlanReport): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(reportJson(result, context), null, 2)}\n`;
    case 'text':
      return reportText(result, context);
    case 'markdown':
      return reportMarkdown(result, context);
    case 'csv':
      return candidatesCsv(result, context);
  }
}
