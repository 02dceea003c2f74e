import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadCatalog } from '../../app/load-catalog';
import { replaceFile, replaceText } from '../../app/replace-file';
import { simulateDeployment } from '../../app/simulate-deployment';
import type { SimulateRequest } from '../../core/engine/request';
import { loadDeployment } from '../../formats/read-deployment';
import { renderMetrics } from '../../formats/write-metrics';
import { saveRequests } from '../../formats/write-requests';
import { type CliContext, EXIT_CODES_HELP } from './cli-context';
import { checkTargets } from './plan-targets';
import { simulationSummary } from './simulation-summary';

interface SimulateCliOptions {
  readonly deployment: string;
  readonly output?: string;
  readonly requests?: string;
  readonly acceptProfileErrors?: boolean;
  readonly quiet?: boolean;
}

export function addSimulateCommand(program: Command, context: CliContext): void {
  program
    .command('simulate')
    .summary('simulate one deployment under one load')
    .description(
      'Simulates one deployment under one load, request by request. A trace runs whole, at its own times; generated ' +
        'arrivals are measured for simulation.duration after simulation.warmup_duration.',
    )
    .requiredOption('--deployment <file>', 'profile, deployment, workload and simulation; YAML or JSON')
    .option('--output <file>', 'write the metrics as JSON (default: print them)')
    .option('--requests <file>', 'write one CSV row per request, in order of arrival')
    .option('--accept-profile-errors', 'simulate on a profile in which the lint finds errors')
    .option('--quiet', 'print nothing but errors (and the metrics, where they have no file)')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer simulate --deployment examples/simulate-azure.yaml --output results/metrics.json
  $ simfaasinfer simulate --deployment examples/simulate-azure.yaml --output results/metrics.json \\
      --requests results/requests.csv
${EXIT_CODES_HELP}`,
    )
    .action((options: SimulateCliOptions) => runSimulate(options, context));
}

function runSimulate(
  { deployment, output, requests, quiet, acceptProfileErrors = false }: SimulateCliOptions,
  context: CliContext,
): void {
  const catalog = loadCatalog();
  const { request, assumptions } = loadDeployment(deployment, catalog);
  const files = [
    ...(output === undefined ? [] : [{ option: '--output', path: output }]),
    ...(requests === undefined ? [] : [{ option: '--requests', path: requests }]),
  ];
  checkTargets(files, [deployment, ...tracesOf(request, deployment)]);
  const keepRequests = requests !== undefined;
  const run = simulateDeployment({
    request,
    source: deployment,
    catalog,
    keepRequests,
    acceptProfileErrors,
    acceptOption: '--accept-profile-errors',
  });
  const { requests: log } = run;
  if (requests !== undefined && log !== null)
    replaceFile(requests, (temporary) => saveRequests(temporary, log));
  if (output === undefined) context.stdout.write(renderMetrics(run));
  else replaceText(output, renderMetrics(run));
  if (quiet === true) return;
  for (const note of [...run.notes, ...assumptions]) context.stderr.write(`note: ${note}\n`);
  if (output !== undefined) context.stdout.write(simulationSummary(run));
  for (const path of [output, requests]) if (path !== undefined) context.stderr.write(`wrote ${path}\n`);
}

/** Files of the traces a request reads; their names are relative to it. */
function tracesOf({ load }: SimulateRequest, deployment: string): string[] {
  const lengths =
    load.kind === 'generated' ? load.workload.lengths : { kind: 'trace' as const, trace: load.trace };
  return lengths.kind === 'trace'
    ? [lengths.trace.name, resolve(dirname(deployment), lengths.trace.name)]
    : [];
}
