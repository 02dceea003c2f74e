import type { Command } from 'commander';
import { loadCatalog } from '../../app/load-catalog';
import { observeFile } from '../../app/open-telemetry';
import { replaceText } from '../../app/replace-file';
import { driftOf, observationText } from '../../core/calibration/drift';
import { observationJson } from '../../core/calibration/observation-json';
import { type CliContext, EXIT, EXIT_CODES_HELP } from './cli-context';
import { checkTargets } from './plan-targets';

interface ObserveCliOptions {
  readonly telemetry: string;
  readonly calibration?: string;
  readonly output?: string;
  readonly acceptProfileErrors?: boolean;
  readonly quiet?: boolean;
}

export function addObserveCommand(
  program: Command,
  context: CliContext,
  finish: (code: number) => void,
): void {
  program
    .command('observe')
    .summary('compare production telemetry with what a plan says of it')
    .description(
      'Serves the requests of the telemetry again in the simulation and compares. Says whether the predictions still ' +
        'hold (drift): with a calibration, whether it is to be renewed.',
    )
    .requiredOption('--telemetry <file>', 'a telemetry document')
    .option('--calibration <file>', 'what calibrate --output wrote (default: uncalibrated predictions)')
    .option('--output <file>', 'write the comparison with every observation as JSON')
    .option('--accept-profile-errors', 'compare with a profile in which the lint finds errors')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer calibrate --telemetry last-month.yaml --output results/calibration.json
  $ simfaasinfer observe --telemetry today.yaml --calibration results/calibration.json || echo "calibrate again"
${EXIT_CODES_HELP}`,
    )
    .action((options: ObserveCliOptions) => finish(runObserve(options, context)));
}

function runObserve(options: ObserveCliOptions, context: CliContext): number {
  const { telemetry, calibration = null, output, quiet } = options;
  const inputs = calibration === null ? [telemetry] : [telemetry, calibration];
  if (output !== undefined) checkTargets([{ option: '--output', path: output }], inputs);
  const { observed, predictions, notes } = observeFile({
    path: telemetry,
    calibrationPath: calibration,
    catalog: loadCatalog(),
    acceptProfileErrors: options.acceptProfileErrors ?? false,
  });
  if (output !== undefined) {
    replaceText(output, `${JSON.stringify(observationJson(observed, predictions), null, 2)}\n`);
  }
  if (quiet !== true) {
    for (const note of notes) context.stderr.write(`note: ${note}\n`);
    context.stdout.write(observationText(observed, predictions));
    if (output !== undefined) context.stderr.write(`wrote ${output}\n`);
  }
  return driftOf(observed, predictions).alarm ? EXIT.drift : EXIT.ok;
}
