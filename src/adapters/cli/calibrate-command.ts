import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_FIT_SHARE, LEAST_FIT_SHARE } from '../../app/calibrate-telemetry';
import { loadCatalog } from '../../app/load-catalog';
import { calibrateFiles } from '../../app/open-telemetry';
import { replaceText } from '../../app/replace-file';
import { calibrationText } from '../../core/calibration/calibration-text';
import { type CliContext, EXIT_CODES_HELP } from './cli-context';
import { checkTargets } from './plan-targets';

interface CalibrateCliOptions {
  readonly telemetry: readonly string[];
  readonly output?: string;
  readonly fitShare?: number;
  readonly acceptUnverified?: boolean;
  readonly acceptProfileErrors?: boolean;
  readonly quiet?: boolean;
}

export function addCalibrateCommand(program: Command, context: CliContext): void {
  const collect = (value: string, previous: readonly string[] = []) => [...previous, value];
  program
    .command('calibrate')
    .summary('correct the time model with production telemetry')
    .description(
      'Serves the requests of the telemetry again in the simulation and fits the overheads and the parts of a step to ' +
        'what was seen. Fits on the first part, judges on the rest, and says whether the correction helps.',
    )
    .requiredOption(
      '--telemetry <file>',
      'a telemetry document; may be repeated, for one deployment',
      collect,
    )
    .option('--output <file>', 'write the calibration as JSON')
    .option(
      '--fit-share <share>',
      'share of each set, from its start, to fit on (default: two thirds)',
      parseShare,
    )
    .option('--accept-unverified', 'apply it also where nothing is held out to verify it, as of a summary')
    .option('--accept-profile-errors', 'calibrate a profile in which the lint finds errors')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  $ simfaasinfer calibrate --telemetry production.yaml --output results/calibration.json
  $ simfaasinfer plan --request request.yaml --telemetry production.yaml
${EXIT_CODES_HELP}`,
    )
    .action((options: CalibrateCliOptions) => runCalibrate(options, context));
}

function runCalibrate(options: CalibrateCliOptions, context: CliContext): void {
  const { telemetry, output, fitShare = DEFAULT_FIT_SHARE, quiet } = options;
  if (output !== undefined) checkTargets([{ option: '--output', path: output }], telemetry);
  const { json, notes } = calibrateFiles({
    paths: telemetry,
    catalog: loadCatalog(),
    fitShare,
    acceptUnverified: options.acceptUnverified ?? false,
    acceptProfileErrors: options.acceptProfileErrors ?? false,
  });
  if (output !== undefined) replaceText(output, `${JSON.stringify(json, null, 2)}\n`);
  if (quiet === true) return;
  for (const note of notes) context.stderr.write(`note: ${note}\n`);
  context.stdout.write(calibrationText(json));
  if (output !== undefined) context.stderr.write(`wrote ${output}\n`);
}

function parseShare(value: string): number {
  const share = Number(value);
  if (value.trim() !== '' && share >= LEAST_FIT_SHARE && share <= 1) return share;
  throw new InvalidArgumentError(`It must be from ${LEAST_FIT_SHARE} to 1.`);
}
