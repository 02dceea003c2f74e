import { resolve } from 'node:path';
import { type ReportFormat, reportFormatOf } from '../../app/render-report';
import { prepareTarget } from '../../app/replace-file';
import { InputError } from '../../core/errors';

export interface PlanFilesOptions {
  readonly output?: string;
  readonly summary?: string;
  readonly markdown?: string;
  readonly csv?: string;
}

export interface PlanTarget {
  readonly path: string;
  readonly format: ReportFormat;
}

/**
 * The files a plan is to write. Checked before anything is computed: each can be written, none is written twice, and
 * none of `inputs` is overwritten.
 */
export function planTargets(options: PlanFilesOptions, inputs: readonly string[]): PlanTarget[] {
  const { output, summary, markdown, csv } = options;
  const asked = [
    {
      option: '--output',
      path: output,
      format: output === undefined ? null : reportFormatOf(output, '--output'),
    },
    { option: '--summary', path: summary, format: 'text' as const },
    { option: '--markdown', path: markdown, format: 'markdown' as const },
    { option: '--csv', path: csv, format: 'csv' as const },
  ];
  const files = asked.flatMap(({ option, path, format }) =>
    path === undefined || format === null ? [] : [{ option, path, format }],
  );
  checkTargets(files, inputs);
  return files.map(({ path, format }) => ({ path, format }));
}

/** Refuses a result file that is an input, or another result file too, or that can never be written. */
export function checkTargets(
  files: readonly { readonly option: string; readonly path: string }[],
  inputs: readonly string[],
): void {
  const taken = new Map(inputs.map((path) => [resolve(path), 'an input']));
  for (const { option, path } of files) {
    const user = taken.get(resolve(path));
    if (user !== undefined) {
      throw new InputError({
        source: option,
        path: '',
        found: `${JSON.stringify(path)}, which is ${user} too`,
        allowed: 'a file of its own for each output',
      });
    }
    taken.set(resolve(path), `that of ${option}`);
    prepareTarget(path, option);
  }
}
