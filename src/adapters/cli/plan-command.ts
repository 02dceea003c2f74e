import { type Command, InvalidArgumentError } from 'commander';
import { loadCatalog } from '../../app/load-catalog';
import { makePlan, type PlanReport } from '../../app/make-plan';
import { openPlan } from '../../app/open-plan';
import { renderReport } from '../../app/render-report';
import { replaceText } from '../../app/replace-file';
import { loadPlanDocuments, type PlanFile } from '../../formats/read-request';
import { type CliContext, EXIT, EXIT_CODES_HELP } from './cli-context';
import { onInterrupt } from './interrupt';
import { type PlanFilesOptions, type PlanTarget, planTargets } from './plan-targets';
import { createProgress } from './progress';

interface PlanCliOptions extends PlanFilesOptions {
  readonly request?: string;
  readonly profile?: readonly string[];
  readonly workload?: string;
  readonly constraints?: string;
  readonly configSpace?: string;
  readonly model?: string;
  readonly threads?: number;
  readonly acceptProfileErrors?: boolean;
  readonly telemetry?: readonly string[];
  readonly calibration?: readonly string[];
  readonly acceptUnverified?: boolean;
  readonly quiet?: boolean;
}

export function addPlanCommand(program: Command, context: CliContext, finish: (code: number) => void): void {
  const collect = (value: string, previous: readonly string[] = []) => [...previous, value];
  program
    .command('plan')
    .summary('find the deployment that serves a workload best')
    .description(
      'Simulates every deployment of a request, finds the load each sustains within the latency targets, and prints a ' +
        'report with a recommendation. The request may be one file or several; YAML or JSON.',
    )
    .option(
      '--request <file>',
      'the whole request: model, workload, constraints, config_space, simulation, prices, …',
    )
    .option('--workload <file>', 'the workload, or a whole request')
    .option('--constraints <file>', 'latency targets, budget and least QPS')
    .option('--config-space <file>', 'deployments to search over')
    .option('--profile <ref>', 'a profile: folder, file or library id; may be repeated', collect)
    .option('--model <name>', 'the model, where neither the request nor a profile names it')
    .option('--output <file>', 'write the report; .json, .txt, .md or .csv decides its form')
    .option('--summary <file>', 'write the text report')
    .option('--markdown <file>', 'write the report as Markdown')
    .option('--csv <file>', 'write the table of candidates')
    .option('--threads <n>', 'threads to simulate on (default: one per processor)', parseThreads)
    .option('--accept-profile-errors', 'plan on profiles in which the lint finds errors')
    .option('--telemetry <file>', 'a telemetry document to calibrate with; may be repeated', collect)
    .option('--calibration <file>', 'what calibrate --output wrote, to plan with; may be repeated', collect)
    .option('--accept-unverified', 'use a calibration also where nothing is held out to verify it')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer plan --request examples/capacity_planning_request.yaml --output results/plan.json
  $ simfaasinfer plan --model llama-7b --workload examples/workload/production.yaml \\
      --constraints examples/constraints/strict_slos.yaml --markdown results/plan.md
  $ simfaasinfer plan --profile my-profile/fitted_profile.json --workload workload.yaml --csv results/candidates.csv

On a terminal the progress is shown; Ctrl-C stops the search and reports what is done, a second one kills.
${EXIT_CODES_HELP}`,
    )
    .action(async (options: PlanCliOptions, command: Command) => {
      if (!namesAPlan(options)) command.error('error: no request: give --request, --workload or --profile');
      finish(await plan(options, context));
    });
}

async function plan(options: PlanCliOptions, context: CliContext): Promise<number> {
  const inputs = planInputs(options);
  const targets = planTargets(options, [
    ...inputs.map(({ path }) => path),
    ...(options.telemetry ?? []),
    ...(options.calibration ?? []),
  ]);
  const catalog = loadCatalog();
  const opened = openPlan({
    documents: loadPlanDocuments(inputs.map(({ file }) => file)),
    profiles: options.profile ?? [],
    model: options.model ?? null,
    catalog,
    telemetry: options.telemetry ?? [],
    calibrationFiles: options.calibration ?? [],
    acceptUnverified: options.acceptUnverified ?? false,
    acceptProfileErrors: options.acceptProfileErrors ?? false,
  });
  const progress = createProgress(context.stderr, context.showsProgress && options.quiet !== true);
  const interrupt = onInterrupt(() => {
    progress.stop();
    context.stderr.write('stopping: the report will hold what is done; Ctrl-C again kills\n');
  });
  try {
    const report = await makePlan({
      opened,
      catalog,
      now: new Date(),
      createRunner: (planContext) => context.createRunner(planContext, options.threads),
      onProgress: progress.update,
      signal: interrupt.signal,
    });
    progress.stop();
    return deliver(report, targets, options, context);
  } finally {
    progress.stop();
    interrupt.dispose();
  }
}

function deliver(
  report: PlanReport,
  targets: readonly PlanTarget[],
  { quiet }: PlanCliOptions,
  context: CliContext,
): number {
  for (const { path, format } of targets) replaceText(path, renderReport(format, report));
  if (quiet !== true) {
    context.stdout.write(renderReport('text', report));
    for (const { path } of targets) context.stderr.write(`wrote ${path}\n`);
  }
  const { partial, best } = report.result;
  if (partial) return EXIT.interrupted;
  return best === null ? EXIT.nothingFits : EXIT.ok;
}

const namesAPlan = (options: PlanCliOptions): boolean =>
  [options.request, options.workload, options.profile].some((given) => given !== undefined);

function planInputs(options: PlanCliOptions): { path: string; file: PlanFile }[] {
  const given: readonly [string | undefined, (path: string) => PlanFile][] = [
    [options.request, (path) => path],
    [options.workload, (path) => ({ path, section: 'workload' })],
    [options.constraints, (path) => ({ path, section: 'constraints' })],
    [options.configSpace, (path) => ({ path, section: 'config_space' })],
  ];
  return given.flatMap(([path, toFile]) => (path === undefined ? [] : [{ path, file: toFile(path) }]));
}

const MOST_THREADS = 1024;

function parseThreads(value: string): number {
  const threads = Number(value);
  if (/^\d+$/.test(value) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_THREADS}.`);
}
