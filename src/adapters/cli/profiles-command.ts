import type { Command } from 'commander';
import { lintOf } from '../../app/check-profile';
import { type LibraryEntry, listLibrary } from '../../app/library';
import { loadCatalog } from '../../app/load-catalog';
import { loadNamedProfile } from '../../app/named-profile';
import { resolveGpu, resolveModel } from '../../core/catalog/names';
import { type CliContext, EXIT, EXIT_CODES_HELP } from './cli-context';
import { lintText, profileJson, profileText } from './profile-text';
import { renderJson, renderTable } from './table';

interface ListOptions {
  readonly model?: string;
  readonly gpu?: string;
  readonly json?: boolean;
}

export function addProfilesCommand(
  program: Command,
  context: CliContext,
  finish: (code: number) => void,
): void {
  const profiles = program
    .command('profiles')
    .summary('list, show and check profiles')
    .description('Lists the profiles shipped with the package, shows one, and checks one against physics.')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer profiles list --gpu H100
  $ simfaasinfer profiles show h100-sxm/llama-3.1-8b/tp1/kernel-sum-bf16
  $ simfaasinfer profiles lint my-profile/`,
    );
  profiles
    .command('list')
    .description('Lists the profiles of the library.')
    .option('--model <name>', 'only those of this model')
    .option('--gpu <name>', 'only those of this GPU')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ simfaasinfer profiles list --model llama-3.1-8b --gpu H100\n')
    .action((options: ListOptions) => void context.stdout.write(list(options)));
  profiles
    .command('show')
    .description(
      'Shows what a profile is of, what it covers, its memory, its times and the findings of the lint.',
    )
    .argument('<ref>', 'a folder, a file or a library id')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ simfaasinfer profiles show a100-80gb/llama-2-7b/tp1/kernel-sum-bf16\n',
    )
    .action((ref: string, { json }: { json?: boolean }) => {
      const catalog = loadCatalog();
      const profile = loadNamedProfile(ref, catalog);
      const findings = lintOf(profile, catalog);
      context.stdout.write(
        json === true ? renderJson(profileJson(profile, findings)) : profileText(profile, findings),
      );
    });
  profiles
    .command('lint')
    .description(
      'Checks profiles against the physics of their GPU, the architecture of their model, and themselves.',
    )
    .argument('<refs...>', 'folders, files or library ids')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer profiles lint my-profile/ other/fitted_profile.json

A finding of severity \`error\` means that the profile contradicts physics or itself: exit code 2.
${EXIT_CODES_HELP}`,
    )
    .action((refs: string[], { json }: { json?: boolean }) => finish(lint(refs, json === true, context)));
}

function list({ model, gpu, json }: ListOptions): string {
  const catalog = loadCatalog();
  const modelId =
    model === undefined ? null : resolveModel(catalog, model, { source: '--model', path: '' }).id;
  const gpuId = gpu === undefined ? null : resolveGpu(catalog, gpu, { source: '--gpu', path: '' }).id;
  const entries = listLibrary().filter(
    (entry) => (modelId === null || entry.modelId === modelId) && (gpuId === null || entry.gpuId === gpuId),
  );
  if (json === true) return renderJson(entries.map(entryJson));
  if (entries.length === 0)
    return 'The library has no such profile; a plan scales the nearest one of the model.\n';
  return renderTable(entries, [
    { head: 'ID', value: ({ id }) => id },
    { head: 'KIND', value: ({ kind }) => kind },
    { head: 'ENGINE', value: ({ engine }) => engine },
    { head: 'DTYPE', value: ({ dtype }) => dtype },
    { head: 'PREFILL', value: ({ prefillRows }) => prefillRows },
    { head: 'DECODE', value: ({ decodeRows }) => decodeRows },
  ]);
}

const entryJson = (entry: LibraryEntry) => ({
  id: entry.id,
  gpu: entry.gpuId,
  model: entry.modelId,
  tensor_parallel: entry.tensorParallel,
  kind: entry.kind,
  engine: entry.engine,
  dtype: entry.dtype,
  date: entry.date,
  license: entry.license,
  prefill_rows: entry.prefillRows,
  decode_rows: entry.decodeRows,
});

function lint(refs: readonly string[], json: boolean, context: CliContext): number {
  const catalog = loadCatalog();
  const checked = refs.map((ref) => {
    const profile = loadNamedProfile(ref, catalog);
    return { profile: profile.id, findings: lintOf(profile, catalog) };
  });
  context.stdout.write(
    json ? renderJson(checked) : checked.map((c) => lintText(c.profile, c.findings)).join('\n'),
  );
  const flawed = checked.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  return flawed ? EXIT.wrongInput : EXIT.ok;
}
